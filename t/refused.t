#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The answer in the place of a page that cannot be inspected: complete,
# whatever "error_page" makes of it, and true in what it says about the
# connection.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $script = '<script src="https://x.stats.example/a.js"></script>';
my $utf16 = "\xff\xfe" . join '', map { "$_\0" } split //, $script;

# the label says it, or only the first bytes do

my @label = ('Content-Type: text/html; charset=utf-16');
my @plain = ('Content-Type: text/html');

$t->upstream(sub {
    my ($request) = @_;

    my $uri = $request->uri;
    my $headers = $uri =~ /label/ ? \@label : \@plain;

    return { headers => \@plain, body => 'fallen back' }
        if $uri =~ /fallback/;
    return { headers => \@plain, body => 'next' } if $uri =~ /next/;
    return { status => 404, reason => 'Not Found', headers => $headers, body => $utf16 }
        if $uri =~ /404/;
    return { headers => [ 'X-Accel-Redirect: /label.html' ], body => '' }
        if $uri =~ /accel/;
    return { headers => $headers, body => $utf16 x 2000,
             framing => $uri =~ /chunked/ ? 'chunked' : 'length' };
});

my $large = 'a large page ' x 500_000;

$t->write_file('sorry.html', 'sorry');
$t->write_file('large.html', $large);
$t->write_file('label.html', $utf16);
$t->write_file('label-404.html', $utf16);
$t->write_file('bytes.html', $utf16);
$t->write_file('plain.html', 'plain');

my $http2 = $t->has_http2 ? 'http2' : '';

$t->http_config(<<'CONF' =~ s/HTTP2/$http2/r)->run;
    consent  enforce;

    consent_category performance { resource .stats.example; }

    default_type        text/html;
    proxy_http_version  1.1;
    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=pages:1m;

    server {
        listen  127.0.0.1:%%PORT%%;
        listen  127.0.0.1:%%PORT:h2%% HTTP2;
        root    %%TESTDIR%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /buffered-off/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /intercept/ {
            proxy_intercept_errors  on;
            error_page              404  /sorry.html;
            proxy_pass              http://%%UPSTREAM%%;
        }

        location /sorry/ {
            error_page  502  /sorry.html;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /renamed/ {
            error_page  502 =200  /sorry.html;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /elsewhere/ {
            error_page  502  http://elsewhere.example/;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /large/ {
            error_page  502  /large.html;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /fallback/ {
            error_page  502  @fallback;
            rewrite     ^/fallback(/.*)  $1 break;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location @fallback {
            rewrite     ^  /fallback break;
            proxy_pass  http://%%UPSTREAM%%;
        }

        # the page of the error cannot be inspected either

        location /worse/ {
            error_page  502  /label.html;
            proxy_pass  http://%%UPSTREAM%%;

            location /worse/recursive/ {
                recursive_error_pages  on;
                proxy_pass             http://%%UPSTREAM%%;
            }
        }

        location /cached/ {
            proxy_cache        pages;
            proxy_cache_valid  any 1h;
            proxy_cache_key    $uri;
            proxy_pass         http://%%UPSTREAM%%;
        }

        location = /label.html {
            add_header  Content-Encoding  unheard;
        }

        location = /large.html { }
        location = /sorry.html { }
        location = /bytes.html { }

        location /static/ {
            alias       %%TESTDIR%%/;
            error_page  502  /sorry.html;
            add_header  Content-Encoding  unheard;

            location /static/bytes.html {
                add_header  X-Bytes  only;
                alias       %%TESTDIR%%/bytes.html;
            }
        }
    }
CONF

my $builtin = qr{<center><h1>502 Bad Gateway</h1></center>};

# whether the page is found out by its header: then nothing has begun

my @cases = (
    # URI, by its header, what the answer is

    [ '/label', 1, $builtin ],
    [ '/label-404', 1, $builtin ],
    [ '/label.html', 1, $builtin ],
    [ '/accel', 1, $builtin ],
    [ '/bytes', 0, $builtin ],
    [ '/chunked', 0, $builtin ],
    [ '/bytes.html', 0, $builtin ],
    [ '/buffered-off/label', 1, $builtin ],
    [ '/intercept/label', 1, $builtin ],
    [ '/intercept/bytes', 0, $builtin ],
    [ '/intercept/404-label', 1, qr/^sorry\z/, 404 ],
    [ '/sorry/label', 1, qr/^sorry\z/ ],
    [ '/sorry/404-label', 1, qr/^sorry\z/ ],
    [ '/sorry/bytes', 0, qr/^sorry\z/ ],
    [ '/renamed/label', 1, qr/^sorry\z/, 200 ],
    [ '/renamed/bytes', 0, qr/^sorry\z/, 200 ],
    [ '/elsewhere/label', 1, qr{<h1>302 Found</h1>}, 302 ],
    [ '/elsewhere/bytes', 0, qr{<h1>302 Found</h1>}, 302 ],
    [ '/large/label', 1, qr/^\Q$large\E\z/ ],
    [ '/fallback/label', 1, qr/^fallen back\z/ ],
    [ '/fallback/bytes', 0, $builtin ],
    [ '/worse/label', 0, $builtin ],
    [ '/worse/bytes', 0, $builtin ],
    [ '/worse/recursive/label', 0, $builtin ],
    [ '/worse/recursive/bytes', 0, $builtin ],
    [ '/cached/label', 1, $builtin ],
    [ '/cached/bytes', 0, $builtin ],
    [ '/static/label.html', 1, qr/^sorry\z/ ],
    [ '/static/bytes.html', 0, qr/^sorry\z/ ],
);


# A response, and what becomes of the request behind it on that connection

sub check {
    my ($name, $case, $version, $method, @headers) = @_;

    my ($uri, $header, $body, $status) = @$case;

    my $head = $method eq 'HEAD';
    my $client = $t->connect($uri =~ /large/ ? (rcvbuf => 4096) : ());

    $client->send(join "\r\n", "$method $uri HTTP/$version",
                  'Host: localhost', @headers, '',
                  "GET /next HTTP/$version", 'Host: localhost',
                  'Connection: close', '', '');

    my $r = $client->response(head => $head);

    # what HEAD would be a page of shows by its header only

    if ($head && !$header) {
        $client->close;
        return;
    }

    is($r->status, $status // 502, "$name: status");
    ok($r->complete, "$name: complete");
    like($r->body, $head ? qr/^\z/ : $body, "$name: the body");

    # HTTP/1.0 has no end of a body but its length or that of the connection

    my $open = $header && ($version eq '1.1' || @headers
                           && ($head
                               || defined $r->header('Content-Length')));

    is($r->header('Connection'), $open ? 'keep-alive' : 'close',
       "$name: what it says about the connection");

    if ($open) {
        is($client->response->body, 'next', "$name: the next request");
    }

    ok($client->closed, "$name: nothing follows");
    $client->close;
}


for my $case (@cases) {
    my $uri = $case->[0];

    check("$uri", $case, '1.1', 'GET');
    check("$uri, HTTP/1.0", $case, '1.0', 'GET');
    check("$uri, HTTP/1.0, kept", $case, '1.0', 'GET',
          'Connection: keep-alive');
    check("$uri, HEAD", $case, '1.1', 'HEAD');
}


# the body of a request is not taken for the next one

{
    my $client = $t->connect;

    $client->send("POST /label HTTP/1.1\r\nHost: localhost\r\n"
                  . "Content-Length: 5\r\n\r\nhello"
                  . "GET /next HTTP/1.1\r\nHost: localhost\r\n"
                  . "Connection: close\r\n\r\n");

    is($client->response->status, 502, 'POST');
    is($client->response->body, 'next', 'POST: the next request');
}


# a refusal is that visitor's, not the cache's

{
    my $accept = 'Cookie: ' . $t->consent_cookie(
        name => 'consent', categories => [ 'performance' ]);

    for my $uri ('/cached/label', '/cached/bytes') {
        my $r = $t->get($uri, $accept);

        is($r->status, 200, "$uri: accepted");
        is($r->body, $utf16 x 2000, "$uri: as it was");
        is($t->get($uri)->status, 502, "$uri: refused, from the cache");
        is($t->get($uri, $accept)->status, 200, "$uri: accepted, again");
    }
}


SKIP: {
    skip 'no HTTP/2', 1 unless $http2;

    for my $case (@cases) {
        my ($uri, $header, $body, $status) = @$case;

        my $r = $t->http2({ port => 'h2' }, $uri);

        is($r->status, $status // 502, "$uri: HTTP/2");
        ok($r->complete, "$uri: HTTP/2: complete");
        like($r->body, $body, "$uri: HTTP/2: the body");
    }
}

unlike($t->error_log, qr/ngx_http_finalize|header already sent/,
       'nothing is sent twice');

done_testing();
