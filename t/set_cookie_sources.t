#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Set-Cookie from everywhere a response can get one: none of a refused
# category reaches the browser, and what is not refused does.  Upstreams,
# add_header, userid and X-Accel-Redirect are in t/set_cookie.t as well.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my @cookies = ('Set-Cookie: _ga=1; Path=/', 'Set-Cookie: keep=1');

$t->upstream(sub {
    my ($request) = @_;

    my ($path) = $request->uri =~ /^([^?]*)/;

    if ($path =~ /upgrade/) {
        return { raw => join "\r\n", 'HTTP/1.1 101 Switching Protocols',
                     'Upgrade: echo', 'Connection: Upgrade', @cookies, '',
                     'hello' };
    }

    if ($path =~ /denied/) {
        return { status => 401, headers => [ @cookies ], body => 'denied' };
    }

    if ($path =~ /broken/) {
        return { raw => '' };
    }

    my $status = $path =~ m{/(\d{3})$} ? $1 : 200;

    return { status => $status, body => 'the body',
             headers => [ 'Content-Type: text/html', @cookies,
                          'Cache-Control: max-age=60' ] };
});

$t->write_file('html/page.html', 'one<!--# include virtual="/part" -->two');
$t->write_file('html/error.html', 'the error page');
$t->write_file('html/file.txt', 'the file');

$t->http_config(<<'CONF')->run;
    consent             enforce;
    proxy_http_version  1.1;
    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=cache:1m;

    consent_category performance { cookie _ga ad_id; }

    map $uri $both {
        default  "_ga=added";
    }

    server {
        listen      127.0.0.1:%%PORT%%;
        root        %%TESTDIR%%/html;
        types       { text/html html; }
        add_header  Set-Cookie  $both         always;
        add_header  Set-Cookie  "keep=added"  always;

        location / { }

        location = /part {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /page.html {
            ssi  on;
        }

        location /upgrade {
            proxy_pass        http://%%UPSTREAM%%;
            proxy_set_header  Upgrade     $http_upgrade;
            proxy_set_header  Connection  upgrade;
        }

        location /cached/ {
            proxy_pass            http://%%UPSTREAM%%;
            proxy_cache           cache;
            proxy_ignore_headers  Set-Cookie;
            proxy_cookie_path     /  /site;
            add_header            X-Cache  $upstream_cache_status;
        }

        location /authorised/ {
            auth_request      /check;
            auth_request_set  $cookies  $upstream_http_set_cookie;
            add_header        Set-Cookie  $cookies  always;
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /unauthorised/ {
            auth_request      /check/denied;
            auth_request_set  $cookies  $upstream_http_set_cookie;
            add_header        Set-Cookie  $cookies  always;
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /check {
            internal;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /named/ {
            try_files  /nowhere @named;
        }

        location @named {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /fallback/ {
            proxy_pass              http://%%UPSTREAM%%;
            proxy_intercept_errors  on;
            error_page              404 = @named;
            error_page              502 = /error.html;
        }

        location /chain/ {
            recursive_error_pages  on;

            error_page  404 = /fallback/404;
            return      404;
        }

        location /userid/ {
            userid       on;
            userid_name  ad_id;
            return       404;
        }

        location /redirect/ {
            return  301  /elsewhere;
        }

        location /rewritten/ {
            rewrite  ^  /part  last;
        }

        location /conditional/ {
            if ($arg_x) {
                add_header  Set-Cookie  "_ga=if";
                add_header  Set-Cookie  "keep=if";
                return      200;
            }
        }

        location /limited/ {
            client_max_body_size  1;
            proxy_pass            http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

my @added = ('_ga=added', 'keep=added');
my @site = ('_ga=1; Path=/', 'keep=1');


sub cookies {
    my ($path, @headers) = @_;

    return [ $t->get($path, @headers)->headers('Set-Cookie') ];
}


# what each of them has for visitors who refused and who accepted

for my $case (
    [ '/off/',             [ @site, @added ],  [ @site, @added ] ],
    [ '/part',             [ 'keep=1', 'keep=added' ], [ @site, @added ] ],
    [ '/named/',           [ 'keep=1', 'keep=added' ], [ @site, @added ] ],
    [ '/fallback/200',     [ 'keep=1', 'keep=added' ], [ @site, @added ] ],
    [ '/fallback/404',     [ 'keep=1', 'keep=added' ], [ @site, @added ] ],
    [ '/fallback/broken',  [ 'keep=added' ],   [ @added ] ],
    [ '/chain/',           [ 'keep=1', 'keep=added' ], [ @site, @added ] ],
    [ '/rewritten/',       [ 'keep=1', 'keep=added' ], [ @site, @added ] ],
    [ '/redirect/',        [ 'keep=added' ],   [ @added ] ],
    [ '/page.html',        [ 'keep=added' ],   [ @added ] ],
    [ '/missing',          [ 'keep=added' ],   [ @added ] ],
    [ '/conditional/?x=1', [ 'keep=if' ],      [ '_ga=if', 'keep=if' ] ],
)
{
    my ($path, $refused, $accepted) = @$case;

    is_deeply(cookies($path), $refused, "refused: $path");
    is_deeply(cookies($path, 'Cookie: '
                      . $t->consent_cookie(name => 'consent',
                            categories => [ 'performance' ])),
              $accepted, "accepted: $path");
}

is($t->get('/page.html')->body, 'onethe bodytwo',
   'the cookies of a subrequest are not sent');


# userid

is_deeply(cookies('/userid/'), [ 'keep=added' ], 'userid with an error page');


# auth_request: its cookies come by a variable, which joins them or not

for my $path ('/authorised/', '/unauthorised/') {
    my $lines = join "\n", @{ cookies($path) };

    unlike($lines, qr/^_ga=/m, "$path: none of auth_request");
}

is($t->get('/unauthorised/')->status, 401, 'unauthorised');


# from a cache, which has them as the site sent them

for my $state ('MISS', 'HIT') {
    my $r = $t->get('/cached/page');

    is($r->header('X-Cache'), $state, "the cache: $state");
    is_deeply([ $r->headers('Set-Cookie') ], [ 'keep=1' ],
              "refused, from a cache: $state");
}

is_deeply(cookies('/cached/page', 'Cookie: '
                  . $t->consent_cookie(name => 'consent',
                        categories => [ 'performance' ])),
          [ '_ga=1; Path=/site', 'keep=1' ], 'accepted, from the same cache');


# requests that nginx answers before there is a location, and odd ones

my @odd = (
    [ 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" ],
    [ 400, "GET / HTTP/1.1\r\n\r\n" ],
    [ 405, "POST /page.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
           . "Content-Length: 0\r\n\r\n" ],
    [ 413, "POST /limited/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
           . "Content-Length: 5\r\n\r\nabcde" ],
    [ 414, 'GET /' . 'a' x 40000 . " HTTP/1.1\r\nHost: a\r\n\r\n" ],
    [ 200, "GET /part HTTP/1.0\r\nHost: a\r\n\r\n" ],
    [ 206, "GET /file.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=0-2\r\n"
           . "Connection: close\r\n\r\n" ],
);

for my $case (@odd) {
    my ($status, $bytes) = @$case;
    my $r = $t->http($bytes);
    my $name = 'request ' . substr $bytes =~ s/\r\n.*//sr, 0, 30;

    is($r->status, $status, "$name: $status");
    unlike($r->head, qr/_ga/, "$name: refused");
    like($r->head, qr/keep=added/, "$name: the other one is sent");
}


# another protocol

my $client = $t->connect;

$client->send(join "\r\n", 'GET /upgrade HTTP/1.1', 'Host: localhost',
                           'Connection: Upgrade', 'Upgrade: echo', '', '');

my $r = $client->response;

is($r->status, 101, 'switching protocols');
is_deeply([ $r->headers('Set-Cookie') ], [ 'keep=1', 'keep=added' ],
          'refused with 101');
is($client->take(5), 'hello', 'the connection is another one then');

$client->close;

done_testing();
