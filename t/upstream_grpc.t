#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# grpc_pass: HTTP/2 to the site.  Pages that come so are pages, gRPC messages
# pass untouched with their trailers.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Page qw(page policy cookies same check_way);

my $t = Test::Consent->new;

if (Test::Consent::nginx_build() !~ /http_v2_module/) {
    plan(skip_all => 'nginx without HTTP/2');
}

my @page = page(120);
my $message = "\0\0\0\0\x05hello<script src=//x.stats.example/>\xff\xfe";

$t->upstream(sub {
    my ($request) = @_;

    return { headers => [ 'Content-Type: application/grpc',
                          'Set-Cookie: sid=1', 'Set-Cookie: _ga=1' ],
             body => $message, framing => 'chunked' }
        if $request->uri =~ /message/;

    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: sid=1',
                          'Set-Cookie: _ga=1' ],
             body => $page[0], cut => [ 5, 2000 ], step => 0,
             status => $request->uri =~ /missing/ ? 404 : 200,
             framing => $request->uri =~ /chunked/ ? 'chunked' : 'length',
             stop_after => $request->uri =~ /broken/ ? 5 : undef };
});

$t->http_config(policy() . <<'CONF')->run;
    consent  enforce;

    server {
        listen  127.0.0.1:%%PORT%%;
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            grpc_pass  grpc://127.0.0.1:%%PORT:site%%;

            location /tiny/ {
                grpc_buffer_size  1k;
                grpc_pass         grpc://127.0.0.1:%%PORT:site%%;
            }

            location /intercepted/ {
                grpc_intercept_errors  on;
                error_page             404  /page.html;
                grpc_pass              grpc://127.0.0.1:%%PORT:site%%;
            }
        }

        location = /page.html {
            root          %%TESTDIR%%;
            default_type  text/html;
        }
    }

    # the site: turns HTTP/2 into what the test server speaks

    server {
        listen   127.0.0.1:%%PORT:site%% http2;
        consent  off;

        location / {
            proxy_http_version  1.1;
            proxy_buffering     off;
            proxy_pass          http://%%UPSTREAM%%;

            location /message/ {
                add_trailer  Grpc-Status  0;
                proxy_pass   http://%%UPSTREAM%%;
            }
        }
    }
CONF

$t->write_file('page.html', $page[0]);

# nginx says so of every response to HEAD that comes by HTTP/2 in one frame

my @common = (page => \@page, upstream => '', sets => 1, head_length => 0);

check_way($t, '/length', @common, length => 1);
check_way($t, '/chunked', @common);
check_way($t, '/tiny/', @common);
check_way($t, '/missing', @common, status => 404);
check_way($t, '/intercepted/missing', page => \@page, status => 404);

ok(!$t->get('/broken')->complete, 'a response that breaks off is seen to');

my $r = $t->get('/message/', 'Cookie: _ga=1');

is($r->body, $message, 'a message stays as it is');
is(cookies($r), 'sid=1', 'its refused cookies go');

SKIP: {
    skip 'no HTTP/2 in curl', 5 unless $t->has_http2;

    $r = $t->http2({ port => 'h2' }, '/message/', 'TE: trailers',
                   'Content-Type: application/grpc', 'Cookie: sid=1',
                   'Cookie: _ga=2');

    is($r->body, $message, 'HTTP/2 on both sides: the message');
    is($r->header('Grpc-Status'), 0, 'its trailers');
    is(cookies($r), 'sid=1', 'its cookies');
    is($t->last_request->header('Cookie'), 'sid=1', 'those that the site gets');

    same($t->http2({ port => 'h2' }, '/length')->body, $page[1], 'a page');
}

done_testing();
