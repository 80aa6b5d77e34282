#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Where consent is off, nginx with the module answers byte for byte as nginx
# without it, and asks the site for the same.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Page qw(page policy);

use Compress::Zlib ();

my @page = page(60);
my @protocols = qw(fastcgi scgi uwsgi);

my @headers = (
    'Content-Type: text/html', 'Set-Cookie: sid=1', 'Set-Cookie: _ga=1',
    'ETag: "abc"', 'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
    'Cache-Control: public, max-age=60', 'Vary: Accept-Language',
    'Link: <https://x.stats.example/a.js>; rel=preload',
    'Refresh: 5; url=https://x.stats.example/',
    'Content-Security-Policy: script-src https://x.stats.example',
    'Accept-Ranges: bytes',
);


# two servers, the same but for the module

sub start {
    my ($module) = @_;

    my $t = Test::Consent->new(module => $module);

    for my $name ('', @protocols) {
        $t->upstream(sub {
            my ($request) = @_;

            my $uri = $request->uri;
            my $none = $request->header('If-None-Match');

            return { status => 304, headers => [ 'ETag: "abc"' ] }
                if defined $none && $none eq '"abc"' && $uri !~ /cached/;

            return { status => 206, reason => 'Partial Content',
                     headers => [ @headers, 'Content-Range: bytes 0-9/999' ],
                     body => substr $page[0], 0, 10 }
                if $request->header('Range') && $uri !~ /cached/;

            return { headers => [ @headers, 'Content-Encoding: br' ],
                     body => "\x8b\x01\x80abc\x03" } if $uri =~ /brotli/;

            return { headers => \@headers,
                     body => $page[0], cut => [ 5, 700 ], step => 0,
                     status => $uri =~ m{/(\d{3})} ? $1 : 200,
                     framing => $uri =~ /chunked/ ? 'chunked' : 'length' };
        }, $name, $name || 'http');
    }

    $t->write_file('page.html', $page[0]);
    $t->write_file('text.txt', 'a text');
    $t->write_file('ssi.html', 'a<!--#include virtual="/page.html" -->b'
                   . '<!--#include virtual="/proxied/x" -->');
    $t->write_file('list/a.html', 'x');

    # what a static file's validators are made of

    utime 1700000000, 1700000000, map { $t->dir . "/$_" }
        'page.html', 'text.txt', 'ssi.html', 'list/a.html', 'list';

    my $gateways = join '', map { <<"CONF" } @protocols;
        location /$_/ {
            %%PARAMS:$_%%
            ${_}_pass  %%UPSTREAM:$_%%;
        }
CONF

    my $policy = $module ? policy() . <<'CONF' : '';
    consent              off;
    consent_default      performance;
    consent_signal       gpc deny=performance;
    consent_unclassified cookie=performance third_party=performance;
CONF

    $t->http_config($policy . <<'CONF' . $gateways . "    }\n")->run;
    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=one:1m;
    proxy_http_version  1.1;
    default_type        text/html;

    gzip             on;
    gzip_min_length  20;
    gunzip           on;
    userid           off;

    server {
        listen       127.0.0.1:%%PORT%%;
        root         %%TESTDIR%%;
        server_name  localhost;

        proxy_set_header  Host  $host;

        add_header  Set-Cookie  "_ga=added";

        location / {
            ssi  on;
        }

        location /proxied/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /cached/ {
            proxy_cache       one;
            proxy_cache_lock  on;
            proxy_ignore_headers  Set-Cookie;
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /intercepted/ {
            proxy_intercept_errors  on;
            error_page              404 500  /page.html;
            proxy_pass              http://%%UPSTREAM%%;
        }

        location /sub/ {
            sub_filter  text  TEXT;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /list/ {
            autoindex  on;
        }

        location /returned {
            return  200  '<script src=//x.stats.example/></script>';
        }

        location /forbidden {
            return  403;
        }

CONF

    return $t;
}

my ($with, $without) = map { start($_) } 1, 0;


# what cannot be the same twice

sub answer {
    my ($t, $method, $uri, @request) = @_;

    $t->forget_requests($_) for '', @protocols;

    my $r = $t->request($method, $uri, 'Host: localhost', @request);
    my $asked = join "\n", map {
        map { $_->head . $_->body } $t->requests($_)
    } '', @protocols;

    # what gzip makes of a stream depends on when it comes

    my $body = ($r->header('Content-Encoding') // '') eq 'gzip'
               ? Compress::Zlib::memGunzip($r->body) // $r->body : $r->body;

    return ($r->head =~ s/^Date: .*\n//mr, $body, $asked, $r->complete);
}

my @requests = (
    [],
    [ 'Cookie: sid=1; _ga=2; odd', 'Cookie: more=3' ],
    [ 'Accept: text/html', 'Accept-Encoding: gzip, br',
      'Sec-Fetch-Dest: document', 'Sec-Fetch-Site: cross-site',
      'Sec-GPC: 1', 'DNT: 1', 'Cookie: consent=broken; _ga=1' ],
    [ 'Accept: text/html', 'If-None-Match: "abc"',
      'If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT' ],
    [ 'Accept: text/html', 'If-None-Match: "6553f100-1b6f"',
      'If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT' ],
    [ 'Accept: text/html', 'Range: bytes=0-9', 'If-Range: "abc"' ],
    [ 'Range: bytes=99999-' ],
);

my @uris = ('/page.html', '/text.txt', '/ssi.html', '/none', '/list/',
    '/list', '/returned', '/forbidden', '/proxied/x', '/proxied/chunked',
    '/proxied/404', '/proxied/brotli', '/unbuffered/x', '/unbuffered/chunked',
    '/cached/x', '/cached/x', '/intercepted/404', '/intercepted/500',
    '/sub/x', map { "/$_/x" } @protocols);

for my $uri (@uris) {
    for my $n (0 .. $#requests) {
        for my $method ('GET', 'HEAD', 'POST') {
            my @plain = answer($without, $method, $uri, @{ $requests[$n] });
            my @got = answer($with, $method, $uri, @{ $requests[$n] });

            # ports differ between the two

            my ($port, $other) = map { $_->port } $with, $without;

            s/:$other\b/:$port/g for @plain[ 0, 2 ];

            ok($got[0] eq $plain[0] && $got[1] eq $plain[1]
               && $got[2] eq $plain[2] && $got[3] == $plain[3],
               "$method $uri, request $n")
                or diag("got:\n$got[0]\n$got[2]\nplain:\n$plain[0]\n$plain[2]");
        }
    }
}

done_testing();
