#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# HTML that cannot be read is never passed silently.  What is only encoded can
# be read: t/encoding_*.t.

use strict;
use warnings;

use Test::More;
use Test::Consent;

use Compress::Zlib ();

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script>'
           . '<p>text' . ' and more' x 200 . "</p>\n";
my $gzipped = Compress::Zlib::memGzip($page);

# like a server that compresses when it is asked to; /forced does not ask

$t->upstream(sub {
    my ($request) = @_;

    my $uri = $request->uri;
    my $type = $uri =~ /css/ ? 'text/css' : 'text/html';
    my @type = ("Content-Type: $type");

    if ($uri =~ m{/coding/(.+)}) {
        return { headers => [ @type, "Content-Encoding: $1" ],
                 body => $gzipped };
    }

    if ($uri =~ m{/meta/(.+)/(.+)}) {
        return { headers => $1 eq 'none' ? \@type : [ "$type[0]; charset=$1" ],
                 body => "<meta charset=$2>$page" };
    }

    # the first bytes of the page are on their way before it says so

    if ($uri =~ m{/late}) {
        return { headers => \@type,
                 chunks => [ '<title>late</title>',
                             "<meta charset=iso-2022-jp>$page" ] };
    }

    if ($uri =~ m{/charset/(.+)}) {
        return { headers => [ "Content-Type: text/html; charset=$1" ],
                 body => $page };
    }

    if ($uri =~ m{/(part|ranged)}) {
        return { status => $1 eq 'part' ? 206 : 200, headers => [ @type,
                     'Content-Range: bytes 0-9/100' ],
                 body => substr($page, 0, 10) };
    }

    # two lines instead of one list

    if ($uri =~ m{/lines}) {
        return { headers => [ @type, 'Content-Encoding: gzip',
                              'Content-Encoding: br' ], body => $gzipped };
    }

    if ($uri =~ m{/forced}
        || ($request->header('Accept-Encoding') // '') =~ /gzip/)
    {
        return { headers => [ @type, 'Content-Encoding: gzip' ],
                 body => $gzipped };
    }

    return { headers => \@type, body => $page };
});

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { cookie _ga; resource .stats.example; }

    log_format  why  '$request_uri $status {$consent_uninspected}';
    access_log  %%TESTDIR%%/why.log  why;

    proxy_set_header    Host  $host;
    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /gzip/ {
            gzip        on;
            gzip_min_length 0;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /pass/ {
            consent_uninspectable  pass;
            proxy_pass             http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /error/ {
            error_page  502  /sorry.html;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /sorry.html {
            root  %%TESTDIR%%;
        }
    }
CONF

$t->write_file('sorry.html', 'sorry');

my $accept = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                             categories => [ 'performance' ]);

my @document = ('Accept: text/html,*/*;q=0.8',
                'Accept-Encoding: gzip, deflate, br');


sub logged {
    my ($uri) = @_;

    my ($line) = ('');

    Test::Consent::wait_for(sub {
        ($line) = grep { m{^\Q$uri\E } } reverse $t->lines('why.log');
    }, 5);

    return $line // '';
}


# the upstream is asked for what can be read

my $r = $t->get('/page', @document);

is($t->last_request->header('Accept-Encoding'), 'identity',
   'a page is asked for without coding');
is($r->status, 200, 'and comes');
is($r->header('Content-Encoding'), undef, 'without coding');
unlike($r->body, qr/<script src="/, 'and without what is refused');
is($t->last_request->header('Accept'), 'text/html,*/*;q=0.8',
   'other headers are as they were');
is(logged('/page'), '/page 200 {-}', 'there is no reason to log');

$r = $t->get('/frame', 'Accept: */*', 'Sec-Fetch-Dest: iframe',
             'Accept-Encoding: gzip');
is($r->status, 200, 'a frame too');

$r = $t->get('/gzip/page', @document);

is($t->last_request->header('Accept-Encoding'), 'identity',
   'with gzip on: asked for without coding');
is($r->header('Content-Encoding'), 'gzip', 'and compressed by nginx');
unlike(Compress::Zlib::memGunzip($r->body) // '', qr/<script src="/,
       'after it was rewritten');

# what may be HTML but is mostly not: no more than what can be read

$r = $t->get('/fetch', 'Accept: */*', 'Sec-Fetch-Dest: empty',
             'Accept-Encoding: gzip, deflate, dcb, compress;q=0.5, *;q=0.1');

is($t->last_request->header('Accept-Encoding'), 'gzip, deflate',
   'fetch() asks for what can be read');
is($r->header('Content-Encoding'), undef, 'which is read');
unlike($r->body, qr/<script src="/, 'and rewritten');

$r = $t->get('/fetch', 'Accept: */*', 'Sec-Fetch-Dest: empty',
             'Accept-Encoding: dcb, dcz');

is($t->last_request->header('Accept-Encoding'), 'identity',
   'or for what is not encoded');

$r = $t->get('/fetch', 'Accept: */*', 'Sec-Fetch-Dest: empty',
             'Accept-Encoding: dcb', 'Accept-Encoding: gzip');

is($t->last_request->header('Accept-Encoding'), 'gzip',
   'two lines are one list');
$r = $t->get('/fetch', 'Accept: */*', 'Sec-Fetch-Dest: empty');

is($t->last_request->header('Accept-Encoding'), undef,
   'nothing is asked for that was not');

$r = $t->get('/css', 'Accept: text/css,*/*;q=0.1', 'Accept-Encoding: gzip',
             'Sec-Fetch-Dest: style');

is($t->last_request->header('Accept-Encoding'), 'gzip',
   'style sheets are asked for as the browser asks');
is($r->header('Content-Encoding'), 'gzip', 'and keep their coding');
is($r->body, $gzipped, 'and their bytes');


# a coding that was not asked for

for my $uri ('/coding/gzip,br', '/coding/gzip,gzip', '/coding/compress',
             '/coding/x-compress', '/coding/dcb', '/coding/unheard')
{
    $r = $t->get($uri, @document);

    is($r->status, 502, "$uri: 502");
    unlike($r->body, qr/\Q$gzipped\E/, "$uri: nothing of the page");
    is($r->header('Content-Encoding'), undef, "$uri: no coding");
    like(logged($uri), qr/^\Q$uri\E 502 \{[^}-][^}]*\}$/, "$uri: the reason");
}

like($t->error_log, qr/\[error\].*consent: .*\(encoding\).*not passed/,
     'the error log names it');

$r = $t->get('/error/coding/unheard', @document);
is($r->status, 502, 'with an error page');
is($r->body, 'sorry', 'that page');

is($t->get('/lines', @document)->status, 502, 'two lines are two codings');

is($t->get('/coding/identity', @document)->status, 200,
   'identity is no coding');

$r = $t->head('/coding/unheard', @document);
ok($r->complete, 'HEAD gets an answer');


# what cannot be read for other reasons

for my $charset ('utf-16', 'UTF-16LE', 'utf-32', 'utf-7', 'ISO-2022-JP',
                 'hz-gb-2312')
{
    is($t->get("/charset/$charset", @document)->status, 502, $charset);
    like(logged("/charset/$charset"), qr/\{[^}-][^}]*\}/, "$charset: the reason");
}

for my $charset ('utf-8', 'UTF-8', '"utf-8"', 'iso-8859-1', 'windows-1252') {
    $r = $t->get("/charset/$charset", @document);

    is($r->status, 200, $charset);
    unlike($r->body, qr/<script src="/, "$charset: rewritten");
}

is($t->get('/meta/none/iso-2022-jp', @document)->status, 502,
   'ISO-2022-JP in a meta element');
like(logged('/meta/none/iso-2022-jp'), qr/\{charset\}/, '... the reason');

for my $charset ('none/utf-8', 'none/utf-16', 'utf-8/iso-2022-jp') {
    $r = $t->get("/meta/$charset", @document);

    is($r->status, 200, "header and meta element: $charset");
    unlike($r->body, qr/<script src="/, "$charset: rewritten");
}

$r = $t->get('/pass/meta/none/iso-2022-jp', @document);

is($r->body, "<meta charset=iso-2022-jp>$page", 'pass: a meta element');

$r = $t->get('/late', @document);

ok(!$r->complete || $r->status == 502, 'a meta element that comes late');
like(logged('/late'), qr/\{charset\}/, '... the reason');
unlike($r->body, qr/<script src="/, '... nothing behind it passes');

is($t->get('/part', @document)->status, 502, 'a part of a page');
is($t->get('/ranged', @document)->status, 502, 'a part that says 200');


# settings

$r = $t->get('/pass/coding/unheard', @document);

is($r->status, 200, 'pass: it passes');
is($r->body, $gzipped, 'pass: as it was');
is($r->header('Content-Encoding'), 'unheard', 'pass: with its coding');
like(logged('/pass/coding/unheard'), qr/ 200 \{[^}-][^}]*\}$/, 'pass: the reason');
like($t->error_log, qr/\[warn\].*consent: .*\(encoding\).*passed/,
     'pass: the error log');

$r = $t->get('/pass/page', @document);

unlike($r->body, qr/<script src="/, 'pass: what can be read is rewritten');

$r = $t->get('/forced', @document, $accept);

is($r->status, 200, 'everything accepted: it passes');
is($r->body, $gzipped, 'everything accepted: as it was');
is($r->header('Content-Encoding'), 'gzip', 'everything accepted: its coding');
like(logged('/forced'), qr/ 200 \{-\}$/, 'everything accepted: no reason');

$r = $t->get('/report/coding/unheard', @document);

is($r->status, 200, 'report: it passes');
is($r->body, $gzipped, 'report: as it was');
like(logged('/report/coding/unheard'), qr/ 200 \{[^}-][^}]*\}$/, 'report: the reason');

$r = $t->get('/off/forced', @document);

is($r->body, $gzipped, 'off: it passes');
is(logged('/off/forced'), '/off/forced 200 {-}', 'off: no reason');

done_testing();
