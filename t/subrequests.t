#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Responses that are put together of several, or asked for by others: SSI with
# parallel includes, addition, sub_filter, auth_request, mirror, slice, and
# error pages that lead to error pages.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Page qw(page policy cookies same check_way);

my $t = Test::Consent->new;

my @page = page(100);
my $head = '<script src="https://x.stats.example/head.js"></script>';
my $marked = '<script type="text/plain" data-consent="performance" '
             . 'data-consent-src="https://x.stats.example/head.js"></script>';

my @headers = ('Content-Type: text/html', 'Set-Cookie: sid=1',
               'Set-Cookie: _ga=1');

$t->upstream(sub {
    my ($request) = @_;

    my $uri = $request->uri;

    # parts that come in another order than they are asked for

    if ($uri =~ m{^/part/(\d)}) {
        return { headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=p',
                              'Set-Cookie: part=1' ],
                 body => $page[0], cut => [ $1, 900 ], step => 0,
                 framing => $1 % 2 ? 'chunked' : 'length' };
    }

    if ($uri =~ m{^/half/(\d)}) {
        return { headers => [ 'Content-Type: text/html' ],
                 body => $1 == 1 ? '<script src="https://x.stats.ex'
                                 : 'ample/head.js"></script>',
                 cut => 3, step => 0 };
    }

    if ($uri =~ m{^/ssi_page}) {
        return { headers => \@headers, body => join '|',
                 'start', (map { "<!--#include virtual=\"/part/$_\" -->" }
                           1 .. 4), $head,
                 '<!--#include virtual="/half/1" -->'
                 . '<!--#include virtual="/half/2" -->',
                 '<!--#include virtual="/nested" wait="yes" -->',
                 '<!--#include virtual="/missing" -->',
                 '<!--#set var="x" value="<script src=//x.stats.example/" -->'
                 . '<!--#echo var="x" encoding="none" -->></script>', 'end' };
    }

    if ($uri =~ m{^/nested}) {
        return { headers => [ 'Content-Type: text/html' ],
                 body => "n<!--#include virtual=\"/part/5\" -->$head" };
    }

    if ($uri =~ m{^/(?:second/)?status/(\d+)}) {
        return { status => $1, headers => \@headers, body => $page[0] };
    }

    if ($uri =~ m{^/auth/(\d+)}) {
        return { status => $1, headers => [ 'Set-Cookie: _ga=auth',
                                            'Set-Cookie: sid=auth' ] };
    }

    # slices

    if ($uri =~ m{^/slice} && ($request->header('Range') // '')
                              =~ /^bytes=(\d+)-(\d+)$/)
    {
        my $length = length $page[0];
        my $last = $2 < $length ? $2 : $length - 1;

        return { status => 206, reason => 'Partial Content',
                 headers => [ @headers, 'ETag: "s"',
                              "Content-Range: bytes $1-$last/$length" ],
                 body => substr $page[0], $1, $last - $1 + 1 };
    }

    return { headers => \@headers, body => $page[0], cut => [ 3, 900 ],
             step => 0 };
});

$t->upstream(sub { return { body => 'ok' } }, 'copy');

$t->write_file('page.html', $page[0]);
$t->write_file('list/index.txt', 'a text');
$t->write_file('list/x.stats.example', 'a file');
$t->write_file('random/page.html', $page[0]);

$t->http_config(policy() . <<'CONF')->run;
    consent       enforce;
    default_type  text/html;

    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=one:1m;
    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%;
        root    %%TESTDIR%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /page.html {
        }

        location /ssi_page {
            ssi         on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /nested {
            ssi         on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /missing {
            return  404;
        }

        location /added {
            add_before_body  /half/1;
            add_after_body   /part/2;
            proxy_pass       http://%%UPSTREAM%%/half/2?;
        }

        location /substituted {
            sub_filter       'text text'  '$consent_state';
            sub_filter       '<!DOCTYPE html>'
                             '<script src="https://x.stats.example/head.js"></script>';
            sub_filter_once  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /guarded/ {
            auth_request      /auth/204;
            auth_request_set  $seen  $upstream_http_set_cookie;
            add_header        Set-Cookie  "$seen-again"  always;
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /closed/ {
            auth_request  /auth/401;
            error_page    401  /page.html;
            proxy_pass    http://%%UPSTREAM%%;
        }

        location /mirrored/ {
            mirror      /copy;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /copy {
            internal;
            proxy_pass  http://%%UPSTREAM:copy%%;
        }

        location /slice {
            slice             4k;
            proxy_cache       one;
            proxy_cache_key   $uri$slice_range;
            proxy_cache_lock  on;
            proxy_cache_valid 200 206 1h;
            proxy_ignore_headers  Set-Cookie;
            proxy_set_header  Range  $slice_range;
            proxy_pass        http://%%UPSTREAM%%;
        }

        # error pages of error pages

        location /status/ {
            proxy_intercept_errors  on;
            recursive_error_pages   on;
            error_page              404  /second/status/503;
            proxy_pass              http://%%UPSTREAM%%;
        }

        location /second {
            proxy_intercept_errors  on;
            recursive_error_pages   on;
            error_page              503 =200  @third;
            proxy_pass              http://%%UPSTREAM%%;
        }

        location @third {
            add_header  Set-Cookie  "sid=1"  always;
            add_header  Set-Cookie  "_ga=1"  always;
            rewrite     ^  /part_like  break;
            proxy_hide_header  Set-Cookie;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /if/ {
            if ($arg_a) {
                proxy_pass  http://%%UPSTREAM%%;
            }

            proxy_pass  http://%%UPSTREAM%%;
        }

        location /returned {
            add_header  Set-Cookie  "_ga=1"  always;
            add_header  Set-Cookie  "sid=1"  always;
            return  200  '<img src=//x.stats.example/1.gif>';
        }

        location /returned/redirect {
            add_header  Set-Cookie  "_ga=1"  always;
            return  302  /x;
        }

        location /list/ {
            autoindex  on;
        }

        location /random/ {
            random_index  on;
        }

        location /image {
            default_type  image/svg+xml;
            alias         %%TESTDIR%%/page.html;
        }

        location /xsl {
            default_type  text/xsl;
            alias         %%TESTDIR%%/page.html;
        }

        location /plain {
            default_type  text/plain;
            alias         %%TESTDIR%%/page.html;
        }
    }
CONF

my $consent = $t->consent_cookie(name => 'consent',
                                 categories => [ 'performance' ]);


# SSI

my @ssi = map {
    my ($page, $script) = @$_;

    join '|', 'start', ($page) x 4, $script, $script, "n$page$script";
} [ $page[0], $head ], [ $page[1], $marked ];

for my $case ([ 0, "Cookie: sid=1; _ga=2; $consent" ],
              [ 1, 'Cookie: sid=1; _ga=2' ])
{
    my ($n, $cookie) = @$case;

    for my $round (1 .. 3) {
        my $r = $t->get('/ssi_page', 'Accept: text/html', $cookie);

        same(substr($r->body, 0, length $ssi[$n]), $ssi[$n],
             "SSI, round $round: parts in order, tags across them");
        like($r->body, qr/404 Not Found/, 'a part that is missing');
        like($r->body, $n ? qr{text/plain[^>]*data-consent-src=//x\.stats\.example/></script>\|end\z}
                          : qr{<script src=//x\.stats\.example/></script>\|end\z},
             'a tag out of a variable');
        is(cookies($r), $n ? 'sid=1' : 'sid=1|_ga=1',
           'the cookies of the page, none of its parts');
        ok($r->complete, 'complete');
    }
}

is(join(' ', map { $_->uri . ':' . $_->header('Cookie') }
        grep { $_->uri =~ /part.5/ } $t->requests),
   join(' ', ("/part/5:sid=1; _ga=2; $consent") x 3, ('/part/5:sid=1') x 3),
   'parts are asked for with the same cookies');


# addition: one tag of two responses

my $r = $t->get('/added');

same($r->body, $marked . $page[1], 'addition');
same($t->get('/added', "Cookie: $consent")->body, $head . $page[0],
     'addition, accepted');


# sub_filter sees the page before us

$r = $t->get('/substituted', 'Accept: text/html');
same($r->body, $marked . substr($page[1], 15) =~ s/text text/necessary/gr,
     'sub_filter');


# auth_request and mirror

check_way($t, '/guarded/x', page => \@page, upstream => '');

$r = $t->get('/guarded/x', 'Cookie: sid=1; _ga=2');
is(cookies($r), 'sid=1', 'what auth_request_set makes of its cookies');
is((grep { $_->uri eq '/auth/204' } $t->requests)[-1]->header('Cookie'),
   'sid=1', 'auth_request: the cookies it gets');

check_way($t, '/closed/x', page => \@page, status => 401);

check_way($t, '/mirrored/x', page => \@page, sets => 1);

ok(Test::Consent::wait_for(sub { $t->requests('copy') >= 4 }),
   'mirror: copies arrive');
is((grep { $_->header('Cookie') !~ /consent/ } $t->requests('copy'))[0]
   ->header('Cookie'), 'sid=7', 'mirror: their cookies');


# slices: parts of a page in the cache, the whole to the client

for (1 .. 2) {
    same($t->get('/slice')->body, $page[1], 'slices, refused');
    same($t->get('/slice', "Cookie: $consent")->body, $page[0],
         'slices, accepted');
}


# chains of error pages, if

check_way($t, '/status/404', page => \@page, sets => 1);
check_way($t, '/if/x?a=1', page => \@page, upstream => '', sets => 1);
check_way($t, '/if/x', page => \@page, upstream => '', sets => 1);


# what nginx makes itself

$r = $t->get('/returned');
is($r->body, '<img data-consent="performance" '
   . 'data-consent-src=//x.stats.example/1.gif>', 'return: a page');
is(cookies($r), 'sid=1', 'return: its cookies');

$r = $t->get('/returned/redirect');
is($r->status, 302, 'return: a redirect');
is(cookies($r), '', 'return: its cookies');

$r = $t->get('/list/');
like($r->body, qr{<a href="x\.stats\.example">x\.stats\.example</a>},
     'autoindex: links stay');
is($t->get('/list/', "Cookie: $consent")->body, $r->body,
   'autoindex: byte for byte');

check_way($t, '/random/', page => \@page);

for my $uri ('/image', '/xsl', '/plain') {
    $r = $t->get($uri);

    same($r->body, $page[0], "$uri: other types pass untouched");
    is($r->header('Content-Length'), length $page[0], "$uri: their length");
    ok($r->header('ETag') && $r->header('Accept-Ranges'),
       "$uri: validators and ranges");
}

done_testing();
