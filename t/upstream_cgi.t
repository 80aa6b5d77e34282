#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Sites behind FastCGI, SCGI and uwsgi: buffered, unbuffered, with tiny
# buffers, by temporary files, from a cache, cut anywhere, with error pages,
# and responses that break off.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Page qw(page policy cookies same check_way);

my $t = Test::Consent->new;

my @protocols = qw(fastcgi scgi uwsgi);
my @page = page(120);
my @large = page(2000);

my @headers = ('Content-Type: text/html; charset=utf-8',
               'Set-Cookie: sid=1', 'Set-Cookie: _ga=1',
               'ETag: "abc"');

for my $protocol (@protocols) {
    $t->upstream(sub {
        my ($request) = @_;

        my $uri = $request->uri;

        return { headers => [ @headers, 'Cache-Control: max-age=60' ],
                 body => $page[0] }
            if $uri =~ /cached/;

        return { headers => [ @headers, 'X-Accel-Redirect: /files/page.html' ] }
            if $uri =~ /accel/;

        return { status => 500, headers => \@headers, body => $page[0] }
            if $uri =~ /fail/;

        return { headers => [ 'Content-Type: application/json',
                              'Set-Cookie: sid=1', 'Set-Cookie: _ga=1' ],
                 body => '{"html":"<script src=//x.stats.example/>"}' }
            if $uri =~ /json/;

        return { headers => \@headers, body => $page[0], cut => [ 3, 600 ],
                 step => 0, stop_after => 20 }
            if $uri =~ /broken/;

        return { status => 302, headers => [ @headers, 'Location: /x' ],
                 body => '' }
            if $uri =~ /moved/;

        return { headers => \@headers,
                 body => $uri =~ /temp/ ? $large[0] : $page[0],
                 framing => $uri =~ /close/ ? 'close' : 'length',
                 stderr => $uri =~ /stderr/ ? "a warning\n" : undef,
                 cut => $uri =~ /bytes/ ? 7 : [ 11, 3000 ], step => 0 };
    }, $protocol, $protocol);
}

my $locations = join '', map { my $p = $_; <<"CONF" } @protocols;
        location /$p/ {
            %%PARAMS:$p%%
            ${p}_pass  %%UPSTREAM:$p%%;

            location /$p/unbuffered {
                ${p}_buffering  off;
                ${p}_pass       %%UPSTREAM:$p%%;
            }

            location /$p/tiny {
                ${p}_buffer_size        1k;
                ${p}_buffers            2 1k;
                ${p}_busy_buffers_size  1k;
                ${p}_pass               %%UPSTREAM:$p%%;
            }

            location /$p/temp {
                ${p}_buffers            2 4k;
                ${p}_busy_buffers_size  4k;
                ${p}_pass               %%UPSTREAM:$p%%;
            }

            location /$p/cached {
                ${p}_cache      $p;
                ${p}_cache_lock  on;
                ${p}_cache_key  $p\$uri;
                ${p}_ignore_headers  Set-Cookie;
                ${p}_pass       %%UPSTREAM:$p%%;
            }

            location /$p/intercepted_fail {
                ${p}_intercept_errors  on;
                error_page             500  /files/page.html;
                ${p}_pass              %%UPSTREAM:$p%%;
            }
        }
CONF

my $caches = join '', map {
    "    ${_}_cache_path  %%TESTDIR%%/cache_$_  keys_zone=$_:1m;\n"
} @protocols;

$t->http_config(policy() . $caches . <<'CONF' . $locations . "    }\n")->run;
    consent       enforce;
    default_type  text/html;

    server {
        listen  127.0.0.1:%%PORT%%;

        fastcgi_keep_conn  on;

        location /files/ {
            alias  %%TESTDIR%%/;
        }

CONF

$t->write_file('page.html', $page[0]);


for my $p (@protocols) {
    my @common = (page => \@page, upstream => $p, sets => 1);

    check_way($t, "/$p/plain", @common, length => 1);
    check_way($t, "/$p/close", @common);
    check_way($t, "/$p/unbuffered", @common);
    check_way($t, "/$p/unbuffered/bytes", @common);
    check_way($t, "/$p/tiny", @common);
    check_way($t, "/$p/fail", @common, status => 500);
    check_way($t, "/$p/temp", @common, page => \@large);
    check_way($t, "/$p/accel", page => \@page, sets => 1);

    # the error page has none of the cookies of what it replaces

    check_way($t, "/$p/intercepted_fail", page => \@page, status => 500);

    my $r = $t->get("/$p/json", 'Cookie: _ga=1');

    is($r->body, '{"html":"<script src=//x.stats.example/>"}',
       "$p: not a page");
    is($r->header('Content-Length'), length $r->body, "$p: its length stays");
    is(cookies($r), 'sid=1', "$p: its cookies do not");

    $r = $t->get("/$p/moved");

    is($r->status, 302, "$p: redirect");
    is(cookies($r), 'sid=1', "$p: its cookies");

    $r = $t->get("/$p/broken");

    ok(!$r->complete, "$p: a response that breaks off is seen to");
    ok(index($page[1], substr $r->body, 0, -200) == 0,
       "$p: what came of it is right");

    # a request with a body, its cookies in several lines

    $r = $t->http("POST /$p/post HTTP/1.1\r\nHost: localhost\r\n"
                  . "Cookie: _ga=1\r\nCookie: sid=2\r\nCookie: other=3\r\n"
                  . "Content-Length: 4\r\nConnection: close\r\n\r\nbody");

    my $asked = $t->last_request($p);

    same($r->body, $page[1], "$p: POST");
    is($asked->body, 'body', "$p: its body");
    # from 1.23 on nginx joins the lines, and those that were emptied as well

    is(join('; ', grep { length } map { split /; / } $asked->headers('Cookie')),
       'sid=2; other=3', "$p: its cookies");
}


# FastCGI alone has these

check_way($t, '/fastcgi/stderr', page => \@page, upstream => 'fastcgi',
          sets => 1);
ok($t->wait_for_log(qr/FastCGI sent in stderr: "a warning/), 'stderr');


# a cache has one entry for all, whoever filled it

my $consent = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                  categories => [ 'performance' ]);

for my $p (@protocols) {
    for my $first ([], [ $consent ]) {
        my $uri = "/$p/cached" . @$first;

        $t->forget_requests($p);
        $t->get($uri, @$first);

        for (1 .. 2) {
            same($t->get($uri)->body, $page[1], "$uri: refused");
            same($t->get($uri, $consent)->body, $page[0], "$uri: accepted");
        }

        is(cookies($t->get($uri)), 'sid=1', "$uri: refused cookies go");
        is(cookies($t->get($uri, $consent)), 'sid=1|_ga=1',
           "$uri: accepted ones stay");
        is(scalar(() = $t->requests($p)), 1, "$uri: asked for once");
    }
}

done_testing();
