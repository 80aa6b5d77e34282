#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Validators and ranges of HTML: no copy that a browser holds is ever called
# fresh for another consent state.  Other types keep everything.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script>'
           . '<p>text' . ' and more' x 100 . "</p>\n";
my $date = 'Mon, 01 Jan 2024 00:00:00 GMT';

# an upstream that knows about validators and ranges

$t->upstream(sub {
    my ($request) = @_;

    my $type = $request->uri =~ /css/ ? 'text/css' : 'text/html';
    my $body = $request->uri =~ /clean/ ? '<p>nothing to block' : $page;
    my @headers = ("Content-Type: $type", 'ETag: "v1"',
                   "Last-Modified: $date", 'Cache-Control: max-age=60');

    my $match = $request->header('If-None-Match') // '';
    my $since = $request->header('If-Modified-Since') // '';

    if ($match =~ /"v1"|\*/ || $since eq $date) {
        return { status => 304, headers => \@headers };
    }

    if (($request->header('Range') // '') eq 'bytes=0-9') {
        return { status => 206, body => substr($body, 0, 10),
                 headers => [ @headers,
                     'Content-Range: bytes 0-9/' . length $body ] };
    }

    return { headers => [ @headers, 'Accept-Ranges: bytes' ],
             body => $body };
});

$t->write_file('static/page.html', $page);
$t->write_file('static/style.css', "body { color: red }\n");

utime 1704067200, 1704067200, map { $t->dir . "/static/$_" }
    'page.html', 'style.css';

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .stats.example; }

    types { text/html html; text/css css; }

    proxy_set_header  Host  $host;

    proxy_cache_path  %%TESTDIR%%/cache  keys_zone=pages:1m;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /static/ {
            root  %%TESTDIR%%;
        }

        location /cache/ {
            proxy_cache  pages;
            proxy_pass   http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

my $accept = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                             categories => [ 'performance' ]);
my $refuse = 'Cookie: ' . $t->consent_cookie(name => 'consent');

my %as = (
    'a document by Accept' =>
        [ 'Accept: text/html,application/xhtml+xml,*/*;q=0.8' ],
    'a document by Sec-Fetch-Dest' =>
        [ 'Accept: */*', 'Sec-Fetch-Dest: document' ],
    'a frame' => [ 'Accept: */*', 'Sec-Fetch-Dest: iframe' ],
);

my @html = @{ $as{'a document by Accept'} };


# what the browser could store to ask again

for my $uri ('/', '/clean', '/static/page.html', '/cache/page') {
    for my $case ([ 'refused', $refuse ], [ 'accepted', $accept ]) {
        my ($name, $cookie) = @$case;

        my $r = $t->get($uri, @html, $cookie);

        is($r->status, 200, "$uri, $name");
        is($r->header('ETag'), undef, "$uri, $name: no ETag");
        is($r->header('Last-Modified'), undef, "$uri, $name: no date");
    }
}


# what a browser may still hold, and try in the other state

my @conditions = ('If-None-Match: "v1"', 'If-None-Match: W/"v1"',
                  'If-None-Match: *', 'If-None-Match: "x", "v1"',
                  "If-Modified-Since: $date");

for my $uri ('/', '/static/page.html', '/cache/page') {

    for my $condition (@conditions,
                       ($uri =~ /static/ ? 'If-None-Match: "65920080-3db"'
                                         : ()))
    {
        for my $kind (sort keys %as) {
            my $r = $t->get($uri, @{ $as{$kind} }, $accept, $condition);

            is($r->status, 200, "$uri, $condition, $kind: the whole page");
        }

        my $r = $t->get($uri, @html, $refuse, $condition);

        is($r->status, 200, "$uri, $condition, refused: the whole page");
        unlike($r->body, qr/<script src="/, 'and nothing refused in it');
    }
}

# an old request with several conditions on repeated lines

my $r = $t->get('/', @html, $refuse, 'If-None-Match: "a"',
                'If-None-Match: "v1"', "If-Modified-Since: $date");

isnt($r->status, 304, 'repeated conditions');


# ranges of a page that is rewritten have no meaning

for my $uri ('/', '/static/page.html', '/cache/page') {
    for my $range ('Range: bytes=0-9', 'Range: bytes=10-') {
        $r = $t->get($uri, @html, $refuse, $range);

        is($r->status, 200, "$uri, $range: the whole page");
        is($r->header('Content-Range'), undef, 'not a part');
        isnt($r->header('Accept-Ranges') // 'none', 'bytes',
             'and parts are not offered');
        like($r->body, qr/text.*more<\/p>$/s, 'to its end');
    }
}

$r = $t->get('/', @html, $refuse, 'Range: bytes=0-9', 'If-Range: "v1"');
is($r->status, 200, 'If-Range');


# HEAD has the header of GET

for my $uri ('/', '/static/page.html') {
    my $get = $t->get($uri, @html, $refuse);
    my $head = $t->head($uri, @html, $refuse);

    is($head->status, 200, "HEAD $uri");

    for my $name ('ETag', 'Last-Modified', 'Accept-Ranges', 'Content-Type') {
        is($head->header($name), $get->header($name),
           "HEAD $uri: $name as for GET");
    }

    my $length = $head->header('Content-Length');

    ok(!defined $length || $length == length $get->body,
       "HEAD $uri: no wrong Content-Length");
}


# other types, and requests that are not for a page

$r = $t->get('/css', $refuse, 'Accept: text/css,*/*;q=0.1');

is($r->header('ETag'), '"v1"', 'CSS keeps its ETag');
is($r->header('Last-Modified'), $date, 'and its date');
is($r->header('Content-Length'), length $page, 'and its length');
is($r->body, $page, 'and its bytes');

for my $condition ('If-None-Match: "v1"', "If-Modified-Since: $date") {
    $r = $t->get('/css', $refuse, 'Accept: text/css,*/*;q=0.1', $condition);

    is($r->status, 304, "CSS, $condition: not modified");
    is($r->header('ETag'), '"v1"', 'with its ETag');
}

$r = $t->get('/css', $refuse, 'Accept: */*', 'Range: bytes=0-9');

is($r->status, 206, 'a part of CSS');
is($r->body, substr($page, 0, 10), 'that part');

my $tag = $t->get('/static/style.css')->header('ETag');

ok($tag, 'static CSS has an ETag');
is($t->get('/static/style.css', 'Accept: text/css,*/*;q=0.1',
           "If-None-Match: $tag")->status, 304, 'and is not modified');
is($t->get('/static/style.css', 'Accept: */*', 'Range: bytes=0-3')->body,
   'body', 'and has parts');


# modes

$r = $t->get('/report/x', @html, $refuse, 'If-None-Match: "v1"');
is($r->status, 304, 'report: not modified');
is($t->get('/report/x', @html)->header('ETag'), '"v1"', 'report: ETag kept');
is($t->get('/off/x', @html, 'If-None-Match: "v1"')->status, 304,
   'off: not modified');
is($t->get('/off/x', @html)->header('Last-Modified'), $date,
   'off: date kept');


# one entry of the cache serves every state

$t->forget_requests;

like($t->get('/cache/one', @html, $accept)->body, qr/<script src="/,
     'cache: accepted');
unlike($t->get('/cache/one', @html, $refuse)->body, qr/<script src="/,
       'cache: refused');
is($t->get('/cache/one', @html, $accept)->body, $page,
   'cache: accepted again, every byte');
is(scalar($t->requests), 1, 'the upstream was asked once');

done_testing();
