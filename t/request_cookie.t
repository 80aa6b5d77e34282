#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The Cookie header of requests: cookies of refused categories are hidden
# from everything behind nginx, and from its variables.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->upstream(sub { return { body => 'ok' } });

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga _ga_* ; }
    consent_category functional  { cookie lang; on_deny session; }

    map $http_cookie $seen_in_map {
        default  no;
        ~_ga     yes;
    }

    server {
        listen  127.0.0.1:%%PORT%%;

        proxy_set_header  X-Cookie  "[$http_cookie]";
        proxy_set_header  X-Ga      "[$cookie__ga]";
        proxy_set_header  X-Sid     "[$cookie_sid]";

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /pass/ {
            consent_request_cookies  pass;
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /unknown/ {
            consent_unclassified  cookie=performance;
            proxy_pass            http://%%UPSTREAM%%;
        }

        location /set/ {
            proxy_set_header  Cookie    $http_cookie;
            proxy_set_header  X-Cookie  "[$http_cookie]";
            proxy_set_header  X-Ga      "[$cookie__ga]";
            proxy_pass        http://%%UPSTREAM%%;
        }

        # evaluates the variables before the cookies are hidden

        location /cached/ {
            set $found "";

            if ($http_cookie ~ sid) {
                set $found "${found}h";
            }

            if ($cookie__ga) {
                set $found "${found}c";
            }

            if ($seen_in_map = yes) {
                set $found "${found}m";
            }

            proxy_set_header  Cookie    $http_cookie;
            proxy_set_header  X-Cookie  "[$http_cookie]";
            proxy_set_header  X-Ga      "[$cookie__ga]";
            proxy_set_header  X-Found   "[$found]";
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /map/ {
            proxy_set_header  X-Map  $seen_in_map;
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /auth/ {
            auth_request  /ask;
            proxy_pass    http://%%UPSTREAM%%;
        }

        location = /ask {
            internal;
            proxy_pass  http://%%UPSTREAM:auth%%;
        }

        location /mirror/ {
            mirror      /copy;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /copy {
            internal;
            proxy_pass  http://%%UPSTREAM:auth%%;
        }
    }

    server {
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            proxy_set_header  X-Cookie  "[$http_cookie]";
            proxy_pass        http://%%UPSTREAM%%;
        }
    }
CONF

$t->upstream(sub { return { body => 'yes' } }, 'auth');

my $all = $t->consent_cookie(name => 'consent',
                             categories => [ 'performance', 'functional' ]);
my $none = $t->consent_cookie(name => 'consent');


# The Cookie lines as an upstream reads them: joined, empty ones left out.

sub cookies {
    my ($request) = @_;

    return join '; ', grep { $_ ne '' } $request->headers('Cookie');
}


sub at_upstream {
    my ($uri, @lines) = @_;

    $t->get($uri, map { "Cookie: $_" } @lines);

    return $t->last_request;
}


# one line

is(cookies(at_upstream('/', 'sid=1; _ga=2; lang=de; x=3; _ga_Q=4')),
   'sid=1; x=3', 'refused cookies are hidden');
is(cookies(at_upstream('/', '_ga=2; sid=1')), 'sid=1', 'the first one');
is(cookies(at_upstream('/', 'sid=1; _ga=2')), 'sid=1', 'the last one');
is(cookies(at_upstream('/', '_ga=2')), '', 'the only one');
is(cookies(at_upstream('/', '_ga=2; _ga=3; lang=x')), '', 'all of them');
is(cookies(at_upstream('/', '_GA=1; x_ga=2; x=_ga')), '_GA=1; x_ga=2; x=_ga',
   'others are not touched');
is(cookies(at_upstream('/', "sid=1; _ga =2; \t_ga=3 ;_ga=4;x=1"))
       =~ s/;\s*/; /gr, 'sid=1; x=1', 'odd white space');
is(cookies(at_upstream('/', 'sid=1;_ga')), 'sid=1;_ga',
   'a pair without a name has no category');

is(cookies(at_upstream('/', 'a="x; _ga=1; y"')), 'a="x; y"',
   'quotes do not hide a pair');
is(cookies(at_upstream('/', 'sid=a,_ga=1')), 'sid=a,_ga=1',
   'a comma separates nothing');

is(cookies(at_upstream('/', ' sid=1;;x = 2 ;  y')), 'sid=1;;x = 2 ;  y',
   'nothing to hide: every byte as it was');

my $long = join '; ', map { "c$_=" . 'v' x 50 } 1 .. 50;

is(cookies(at_upstream('/', "_ga=1; $long; _ga_2=3")), $long, 'a long line');
is(cookies(at_upstream('/', join('; ', ("_ga=1", "k=2") x 200))),
   join('; ', ('k=2') x 200), 'many to hide');


# several lines

is(cookies(at_upstream('/', 'sid=1; _ga=1', '_ga_2=2', 'x=3; lang=de')),
   'sid=1; x=3', 'every line');
is(cookies(at_upstream('/', '_ga=1', '_ga=2', 'lang=3')), '',
   'nothing left of several');
is(cookies(at_upstream('/', '_ga=1', 'sid=2')), 'sid=2',
   'the first line is emptied');
is(cookies(at_upstream('/', 'sid=1', '_ga=2')), 'sid=1',
   'the last line is emptied');
unlike(at_upstream('/', map { "_ga=$_" } 1 .. 40)->head, qr/_ga/,
       'more lines than a part of the list holds');


# variables

my $request = at_upstream('/', 'sid=1; _ga=2', 'x=3');

is($request->header('X-Ga'), '[]', '$cookie_NAME of a hidden cookie');
is($request->header('X-Sid'), '[1]', '$cookie_NAME of another');
unlike($request->header('X-Cookie'), qr/_ga/, '$http_cookie');
like($request->header('X-Cookie'), qr/sid=1/, '$http_cookie has the rest');

$request = at_upstream('/set/', 'sid=1; _ga=2');

is(cookies($request), 'sid=1', 'proxy_set_header Cookie $http_cookie');
is($request->header('X-Cookie'), '[sid=1]', 'its value');

$request = at_upstream('/cached/', 'sid=1; _ga=2');

is($request->header('X-Found'), '[hcm]', 'the variables were cached');
is(cookies($request), 'sid=1', 'a cached $http_cookie is refreshed');
is($request->header('X-Cookie'), '[sid=1]', 'wherever it is used');
is($request->header('X-Ga'), '[]', 'a cached $cookie_NAME too');

is(at_upstream('/map/', '_ga=1')->header('X-Map'), 'no',
   'a map evaluated later sees nothing');


# subrequests

$request = at_upstream('/auth/', 'sid=1; _ga=2');

is(cookies($request), 'sid=1', 'behind auth_request');
is(cookies($t->last_request('auth')), 'sid=1', 'auth_request itself');

$t->forget_requests('auth');
at_upstream('/mirror/', 'sid=1; _ga=2');

ok(Test::Consent::wait_for(sub { $t->requests('auth') }), 'mirrored');
is(cookies($t->last_request('auth')), 'sid=1', 'the mirror');


# consent

is(cookies(at_upstream('/', "_ga=1; $none; sid=2")), "$none; sid=2",
   'the consent cookie passes');
is(cookies(at_upstream('/unknown/', "_ga=1; $none; other=2")), $none,
   'even where unknown cookies are refused');

my $odd = "sid=1;_ga=2 ; $all;;lang=x";

is(cookies(at_upstream('/', $odd)), $odd,
   'everything accepted: every byte as it was');
is_deeply([ at_upstream('/', 'sid=1', $all, '_ga=2')->headers('Cookie') ],
          [ 'sid=1', $all, '_ga=2' ], 'all lines as they were');
is(at_upstream('/', "_ga=2; $all")->header('X-Ga'), '[2]',
   '$cookie_NAME of an accepted cookie');

is(cookies(at_upstream('/', $t->consent_cookie(
        name => 'consent', categories => [ 'functional' ])
        . '; _ga=1; lang=de')) =~ s/^consent=[^;]*; //r,
   'lang=de', 'one category accepted');

is(cookies(at_upstream('/off/', 'sid=1; _ga=2')), 'sid=1; _ga=2', 'off');
is(cookies(at_upstream('/pass/', 'sid=1; _ga=2')), 'sid=1; _ga=2',
   'consent_request_cookies pass');
is(cookies(at_upstream('/unknown/', 'sid=1; other=2')), 'sid=1',
   'unclassified cookies put into a category');


# no Cookie at all, keep-alive, HTTP/2

is(cookies(at_upstream('/')), '', 'no Cookie header');

$t->forget_requests;

my $client = $t->connect;

$client->send("GET /1 HTTP/1.1\r\nHost: a\r\nCookie: sid=1; _ga=1\r\n\r\n"
              . "GET /2 HTTP/1.1\r\nHost: a\r\nCookie: sid=2\r\n\r\n"
              . "GET /3 HTTP/1.1\r\nHost: a\r\nCookie: _ga=3\r\n"
              . "Connection: close\r\n\r\n");
$client->response for 1 .. 3;

is_deeply([ map { cookies($_) } $t->requests ], [ 'sid=1', 'sid=2', '' ],
          'one connection, several requests');

SKIP: {
    skip 'no HTTP/2 in curl or nginx', 3 unless $t->has_http2;

    $t->http2({ port => 'h2' }, '/', 'Cookie: sid=1', 'Cookie: _ga=2',
              'Cookie: x=3');

    is(cookies($t->last_request), 'sid=1; x=3', 'HTTP/2 crumbs');
    is($t->last_request->header('X-Cookie'), '[sid=1; x=3]',
       'HTTP/2 $http_cookie');

    $t->http2({ port => 'h2' }, '/', 'Cookie: _ga=2');

    is(cookies($t->last_request), '', 'HTTP/2, nothing left');
}

done_testing();
