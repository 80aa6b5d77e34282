#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Encoded pages by every way through nginx: from a cache, from files that were
# compressed before, included, as error pages, and to clients of all kinds.

use strict;
use warnings;

use Test::More;
use Test::Consent;

use Compress::Zlib ();

my $t = Test::Consent->new;

my $tag = '<script src="https://x.stats.example/%d.js"></script>';
my $mark = '<script type="text/plain" data-consent="performance" '
           . 'data-consent-src="https://x.stats.example/%d.js"></script>';

srand 2;

my ($page, $expect) = ('', '');

for my $n (1 .. 3000) {
    my $text = '<p>' . rand() . "\n";

    $page .= $text . sprintf $tag, $n;
    $expect .= $text . sprintf $mark, $n;
}

my $gzipped = Compress::Zlib::memGzip($page);

$t->write_file('page.html', 'the plain file is not asked for');
$t->write_file('page.html.gz', $gzipped);
$t->write_file('ssi.html', 'a<!--#include virtual="/always/page.html" -->b');

$t->upstream(sub {
    my ($request) = @_;

    my $uri = $request->uri;
    my @headers = ('Content-Type: text/html', 'Content-Encoding: gzip',
                   'Cache-Control: max-age=60');

    return { status => 204, headers => [ 'Content-Type: text/html',
                                         'Content-Encoding: gzip' ],
             body => '' } if $uri =~ /204/;

    return { status => 304, headers => [ 'Content-Encoding: gzip' ],
             body => '' } if $uri =~ /304/;

    return { headers => \@headers, body => '' } if $uri =~ /nothing/;

    return { status => $uri =~ /404/ ? 404 : 200, headers => \@headers,
             body => $gzipped, cut => [ 3, 9000 ], step => 0 };
});

my $static = '';

# every way to read a file

my %ways = (
    plain => 'sendfile off;',
    sendfile => 'sendfile on;',
    directio => 'directio 512;',
    small => 'output_buffers 1 1k;',
    threads => Test::Consent::nginx_build() =~ /--with-threads/
               ? 'aio threads; sendfile on;' : '',
);

for my $way (sort keys %ways) {
    $static .= "location /$way/ { alias %%TESTDIR%%/; gzip_static always; "
               . "$ways{$way} }\n";
}

$t->http_config(<<"CONF" =~ s/%STATIC%/$static/r)->run;
    consent_category performance { resource .stats.example; }

    consent             enforce;
    proxy_http_version  1.1;
    default_type        text/html;

    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=one:1m;

    server {
        listen  127.0.0.1:%%PORT%%;
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /cache/ {
            proxy_cache      one;
            proxy_cache_key  \$uri;
            add_header       X-Cache \$upstream_cache_status;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /temp/ {
            proxy_buffers            2 4k;
            proxy_busy_buffers_size  4k;
            limit_rate               1m;
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /always/ {
            alias        %%TESTDIR%%/;
            gzip_static  always;
        }

        location /static/ {
            alias        %%TESTDIR%%/;
            gzip_static  on;
        }

        location /sub/ {
            sub_filter  'no such text'  '';
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /redirect/ {
            error_page              404 =200 /always/page.html;
            proxy_intercept_errors  on;
            proxy_pass              http://%%UPSTREAM%%;
        }

        location = /ssi.html {
            ssi   on;
            root  %%TESTDIR%%;
        }

        %STATIC%
    }
CONF

my $accept = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                             categories => [ 'performance' ]);


sub page_is {
    my ($r, $name) = @_;

    ok($r->complete && $r->body eq $expect, "$name: rewritten");
    is($r->header('Content-Encoding'), undef, "$name: not encoded");
}

my $r;

for my $way ('other', 'temp', 'sub', 'redirect/404', 'always', 'cache',
             sort keys %ways)
{
    $r = $t->get("/$way/page.html");

    is($r->status, 200, $way);
    page_is($r, $way);
}

$r = $t->get('/cache/page.html');

is($r->header('X-Cache'), 'HIT', 'from the cache');
page_is($r, 'from the cache');

$r = $t->get('/cache/page.html', $accept);

is($r->header('X-Cache'), 'HIT', 'from the cache, all accepted');
is($r->header('Content-Length'), length $gzipped, 'its length');
is($r->body, $gzipped, 'its bytes');

# a page is not taken from a compressed file if there is another one

is($t->get('/static/page.html', 'Accept: text/html',
           'Accept-Encoding: gzip')->body,
   'the plain file is not asked for', 'gzip_static on, for a page');
page_is($t->get('/static/page.html', 'Sec-Fetch-Dest: empty',
                'Accept-Encoding: gzip'), 'gzip_static on, for fetch()');

$r = $t->get('/other/404');

is($r->status, 404, 'an error page of the upstream');
page_is($r, 'an error page of the upstream');

$r = $t->get('/ssi.html');

like($r->body, qr/^a\x1f\x8b.*b$/s, 'what SSI includes is not decoded');
unlike($r->body, qr/<script src/, 'and nothing can be found in it');

# where there is no body

for my $uri ('/other/204', '/other/304', '/other/nothing') {
    $r = $t->get($uri);

    ok($r->complete, "$uri: whole");
    is($r->body, '', "$uri: no body");
}

$r = $t->head('/always/page.html');

is($r->status, 200, 'HEAD');
is($r->header('Content-Encoding'), undef, 'HEAD: not encoded');
is($r->header('Content-Length'), undef, 'HEAD: of unknown length');

# ranges

$r = $t->get('/always/page.html', 'Range: bytes=0-9');

is($r->status, 200, 'a range of an encoded page is all of it');
page_is($r, 'a range');

# clients

$r = $t->http("GET /other/page.html HTTP/1.0\r\nHost: a\r\n\r\n");
page_is($r, 'HTTP/1.0');

my $c = $t->connect;

$c->send("GET /other/page.html HTTP/1.1\r\nHost: a\r\n\r\n" x 3);

page_is($c->response, "pipelined, $_") for 1 .. 3;

SKIP: {
    skip 'no HTTP/2 here', 2 unless $t->has_http2;

    page_is($t->http2({ port => 'h2' }, '/other/page.html'), 'HTTP/2');
}

done_testing();
