#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The same page by every way through nginx: buffered, unbuffered, with tiny
# buffers, from a file, from a cache, put together by SSI or sub_filter,
# compressed, slowly, by HTTP/1.0 and 2, as an error page.

use strict;
use warnings;

use Test::More;
use Test::Consent;

use Compress::Zlib ();

my $t = Test::Consent->new;

# tags at all distances from any buffer boundary, and one longer than a buffer

my @text = map { 'text ' x ($_ % 37) . "\n" } 1 .. 300;
my $tag = '<script src="https://x.stats.example/a.js?%d"></script>';
my $mark = '<script type="text/plain" data-consent="performance" '
           . 'data-consent-src="https://x.stats.example/a.js?%d"></script>';
my $image = '<img src="data:image/gif;base64,' . 'R0lGOD' x 3000 . '">';

my $page = "<!DOCTYPE html>\n" . $image;
my $expect = $page;

for my $n (0 .. $#text) {
    $page .= $text[$n] . sprintf($tag, $n);
    $expect .= $text[$n] . sprintf($mark, $n);
}

$t->write_file('page.html', $page);
$t->write_file('small.html', sprintf($tag, 1));

$t->write_file('typed/page.html', sprintf($tag, 1));
$t->write_file('default/page', sprintf($tag, 1));

$t->write_file('ssi/index.html',
    'a<!--#include virtual="/inc/1" --><scr<!--#include virtual="/inc/2" -->'
    . '<!--#include virtual="/page.html" -->end');
$t->write_file('inc/1', sprintf($tag, 1));
$t->write_file('inc/2', 'ipt src=//stats.example/2></script>');

$t->upstream(sub {
    my ($request) = @_;

    return { status => $request->uri =~ /error/ ? 404 : 200,
             headers => [ 'Content-Type: text/html',
                          'Cache-Control: max-age=60' ],
             body => $page, cut => [ 7, 9000 ], step => 0 };
});

$t->http_config(<<'CONF')->run;
    consent_category performance { resource .stats.example; }

    consent  enforce;

    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=one:1m;
    proxy_http_version  1.1;
    default_type        text/html;

    server {
        listen  127.0.0.1:%%PORT%%;
        root    %%TESTDIR%%;

        location /buffered/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /tiny/ {
            proxy_buffer_size        1k;
            proxy_buffers            2 1k;
            proxy_busy_buffers_size  1k;
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /temp/ {
            proxy_buffers            2 4k;
            proxy_busy_buffers_size  4k;
            limit_rate               1m;
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /typed/ {
            types { "text/html; charset=utf-8"  html; }
        }

        location /default/ {
            default_type  "Text/HTML ; charset=utf-8";
        }

        location /cached/ {
            proxy_cache  one;
            proxy_pass   http://%%UPSTREAM%%;
        }

        location /gzip/ {
            gzip        on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /error/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /missing {
            error_page  404 =410  /page.html;
        }

        location /ssi/ {
            ssi  on;
        }

        location /inc/ {
        }

        location /sub/ {
            sub_filter  end  '<script src="//stats.example/s"></script>';
            alias       %%TESTDIR%%/inc/;
        }

        location /small/ {
            output_buffers  1 1k;
            sendfile        on;
            alias           %%TESTDIR%%/;
        }

        location /aio/ {
            aio             threads;
            sendfile        on;
            alias           %%TESTDIR%%/;
        }
    }

    server {
        listen  127.0.0.1:%%PORT:h2%% http2;
        root    %%TESTDIR%%;
    }
CONF

$t->write_file('inc/end', 'a end b');


# is() would print pages

sub same {
    my ($got, $want, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return pass($name) if $got eq $want;

    my $at = 0;
    $at++ while substr($got, $at, 1) eq substr($want, $at, 1);

    fail($name);
    diag('     got: ', length $got, ' bytes, at ', $at, ': ',
         substr($got, $at, 60));
    diag('expected: ', length $want, ' bytes: ', substr($want, $at, 60));
}

for my $uri (qw{/page.html /buffered/ /unbuffered/ /tiny/ /temp/ /cached/
                /cached/ /small/page.html /aio/page.html})
{
    my $r = $t->get($uri);

    is($r->status, 200, "$uri: status");
    same($r->body, $expect, "$uri: body");
    is($r->header('Content-Length') // length $expect, length $expect,
       "$uri: no length of the original");
    ok($r->complete, "$uri: complete");
}

my $r = $t->get('/error/');
is($r->status, 404, 'error of the upstream: status');
same($r->body, $expect, 'error of the upstream: body');

$r = $t->get('/missing');
is($r->status, 410, 'error_page: status');
same($r->body, $expect, 'error_page: body');

$r = $t->get('/gzip/', 'Accept-Encoding: gzip');
is($r->header('Content-Encoding'), 'gzip', 'gzip to the client');
same(Compress::Zlib::memGunzip($r->body) // '', $expect, 'gzip: body');

$r = $t->get('/ssi/');
same($r->body, 'a' . sprintf($mark, 1)
     . '<script type="text/plain" data-consent="performance" '
     . 'data-consent-src=//stats.example/2></script>' . $expect . 'end',
     'SSI: a tag put together of fragments');

$r = $t->get('/sub/end');
same($r->body, 'a <script type="text/plain" data-consent="performance" '
     . 'data-consent-src="//stats.example/s"></script> b',
     'sub_filter: what it puts in');

$r = $t->http("GET /buffered/ HTTP/1.0\r\n\r\n");
same($r->body, $expect, 'HTTP/1.0: body');
is($r->header('Transfer-Encoding'), undef, 'HTTP/1.0: not chunked');

SKIP: {
    skip 'no HTTP/2', 1 unless $t->has_http2;

    same($t->http2({ port => 'h2' }, '/page.html')->body, $expect, 'HTTP/2');
}


# HEAD has the header of GET

my $get = $t->get('/page.html');
my $head = $t->head('/page.html');

is($head->status, 200, 'HEAD: status');
is($head->body, '', 'HEAD: no body');
is($head->header('Content-Length'), undef, 'HEAD: no length of the original');
is($head->header('Content-Type'), $get->header('Content-Type'), 'HEAD: type');
is($head->header('Accept-Ranges'), undef, 'HEAD: no ranges');


# everything accepted: as plain nginx serves it

my $accept = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                             categories => [ 'performance' ]);

for my $uri (qw{/page.html /buffered/ /tiny/ /cached/ /small/page.html}) {
    $r = $t->get($uri, $accept);

    same($r->body, $page, "accepted, $uri: body");
}

is($t->get('/page.html', $accept)->header('Content-Length'), length $page,
   'accepted: the length stays');


# a type that was configured with its parameters

for my $uri (qw{/typed/page.html /default/page}) {
    $r = $t->get($uri);

    like($r->header('Content-Type'), qr{^text/html ?; charset=utf-8$}i,
         "$uri: type");
    same($r->body, sprintf($mark, 1), "$uri: body");
}


# pipelined requests do not mix

my $c = $t->connect;
my $request = "GET /small.html HTTP/1.1\r\nHost: localhost\r\n\r\n";

$c->send($request x 5);

for (1 .. 5) {
    same($c->response->body, sprintf($mark, 1), "pipelined $_");
}

done_testing();
