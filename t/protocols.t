#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The client's side: TLS, HTTP/2, several requests on one connection, one
# behind the other or all at once, slow readers, limits of speed, requests
# that come in parts, and how bodies are read from files.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Page qw(page policy cookies same check_way);

my $t = Test::Consent->new;

my @page = page(100);
my @large = page(3000);

$t->upstream(sub {
    my ($request) = @_;

    my ($n) = $request->uri =~ m{/n(\d+)};

    return { headers => [ 'Content-Type: text/html', "Set-Cookie: sid=$n",
                          "Set-Cookie: _ga=$n" ],
             body => "page $n" . $page[0], cut => [ $n, 1500 ], step => 0,
             framing => $n % 2 ? 'chunked' : 'length' }
        if defined $n;

    return { headers => [ 'Content-Type: text/html' ],
             body => $request->body }
        if $request->uri =~ /echo/;

    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: sid=1',
                          'Set-Cookie: _ga=1' ],
             body => $request->uri =~ /large/ ? $large[0] : $page[0],
             step => 0 };
});

$t->write_file('page.html', $page[0]);
$t->write_file('large.html', $large[0]);

my $dir = $t->dir;

is(system("openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=localhost"
          . " -keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null"), 0,
   'a certificate');

my $http2 = $t->has_http2 ? 'http2' : '';

$t->http_config(policy() . <<'CONF' =~ s/HTTP2/$http2/gr)->run;
    consent             enforce;
    default_type        text/html;
    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%;
        listen  127.0.0.1:%%PORT:h2%% HTTP2;
        listen  127.0.0.1:%%PORT:tls%% ssl HTTP2;
        root    %%TESTDIR%%;

        ssl_certificate      cert.pem;
        ssl_certificate_key  key.pem;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /slow/ {
            limit_rate  100k;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /files/ {
            alias  %%TESTDIR%%/;

            location /files/sendfile/ {
                sendfile    on;
                tcp_nopush  on;
                alias       %%TESTDIR%%/;
            }

            location /files/threads/ {
                aio       threads;
                sendfile  on;
                alias     %%TESTDIR%%/;
            }

            location /files/direct/ {
                aio        threads;
                directio   512;
                alias      %%TESTDIR%%/;
            }

            location /files/small/ {
                output_buffers    1 512;
                postpone_output   0;
                alias             %%TESTDIR%%/;
            }

            location /files/limited/ {
                sendfile            on;
                sendfile_max_chunk  4k;
                limit_rate          500k;
                alias               %%TESTDIR%%/;
            }
        }

        location /kept/ {
            proxy_set_header  Connection  "";
            proxy_pass        http://kept;
        }
    }

    upstream kept {
        server     %%UPSTREAM%%;
        keepalive  4;
    }
CONF

my $consent = $t->consent_cookie(name => 'consent',
                                 categories => [ 'performance' ]);


# bodies from files

for my $way (qw(sendfile threads direct small limited)) {
    check_way($t, "/files/$way/page.html", page => \@page, length => 1);
    same($t->get("/files/$way/large.html")->body, $large[1],
         "$way: a large file");
}


# connections that are kept, to the client and to the site

for my $uri ('', '/kept') {
    my $c = $t->connect;

    for my $n (1 .. 8) {
        my $cookie = $n % 3 ? 'sid=1; _ga=2' : "sid=1; $consent";

        $c->send("GET $uri/n$n HTTP/1.1\r\nHost: localhost\r\n"
                 . "Cookie: $cookie\r\n\r\n");

        my $r = $c->response;

        same($r->body, "page $n" . $page[ $n % 3 ? 1 : 0 ],
             "$uri, request $n on one connection");
        is(cookies($r), $n % 3 ? "sid=$n" : "sid=$n|_ga=$n", 'its cookies');
    }
}

my $c = $t->connect;

$c->send(map { ($_ % 2 ? 'GET' : 'HEAD') . " /n$_ HTTP/1.1\r\n"
               . "Host: localhost\r\nCookie: "
               . ($_ % 3 ? '_ga=1' : $consent) . "\r\n\r\n" } 1 .. 12);

for my $n (1 .. 12) {
    my $r = $c->response(head => $n % 2 == 0);

    same($r->body, $n % 2 ? "page $n" . $page[ $n % 3 ? 1 : 0 ] : '',
         "pipelined $n");
    is(cookies($r), $n % 3 ? "sid=$n" : "sid=$n|_ga=$n",
       "pipelined $n: cookies");
}


# requests in parts, with a body, with Expect

$c = $t->connect;
$c->send('GET /n1 HT', "TP/1.1\r\nHo", "st: localhost\r\nCoo", "kie: _g",
         "a=1\r\nCookie: sid=2\r\n\r", "\n");
same($c->response->body, "page 1$page[1]", 'a request in parts');
is($t->last_request->header('Cookie'), 'sid=2', 'its cookies');

$c = $t->connect;
$c->send("POST /echo HTTP/1.1\r\nHost: localhost\r\nCookie: _ga=1; sid=1\r\n"
         . "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
is($c->response->status, 100, '100 Continue');
$c->send(sprintf("%x\r\n", length $page[0]), $page[0], "\r\n0\r\n\r\n");
same($c->response->body, $page[1], 'the page after it');
is($t->last_request->header('Cookie'), 'sid=1', 'the cookies of it');


# limits and slow readers

same($t->get('/slow/')->body, $page[1], 'limit_rate');

$c = $t->connect(rcvbuf => 4096);
$c->send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
same($c->response->body, $large[1], 'a slow reader');


# HTTP/2 and TLS

SKIP: {
    skip 'no HTTP/2 in curl or nginx', 8 unless $t->has_http2;

    my $r = $t->http2({ port => 'h2' }, '/n2', 'Cookie: _ga=1',
                      'Cookie: sid=2');

    same($r->body, "page 2$page[1]", 'HTTP/2: the page');
    is(cookies($r), 'sid=2', 'HTTP/2: its cookies');
    is($t->last_request->header('Cookie'), 'sid=2',
       'HTTP/2: those that the site gets');
    ok($r->complete, 'HTTP/2: complete');
    is($r->header('Content-Length') // length $r->body, length $r->body,
       'HTTP/2: no length but its own');

    $r = $t->http2({ port => 'h2' }, '/n2', "Cookie: $consent",
                   'Cookie: _ga=1');

    same($r->body, "page 2$page[0]", 'HTTP/2, accepted: the page');
    is($r->header('Content-Length'), length $r->body,
       'HTTP/2, accepted: its length');

    same($t->http2({ port => 'h2' }, '/files/threads/large.html')->body,
         $large[1], 'HTTP/2: a file');
}

for my $version ('--http1.1', $http2 ? '--http2' : ()) {
    my $url = 'https://www.example.com:' . $t->port('tls');
    my $got = qx{curl -sSki --noproxy '*' $version \\
        --resolve www.example.com:@{[ $t->port('tls') ]}:127.0.0.1 \\
        -H 'Cookie: _ga=1; sid=2' $url/n3};

    my ($head, $body) = $got =~ /\A(.*?\r\n)\r\n(.*)\z/s;
    my $r = Test::Consent::Response->new("$head\r\n" =~ s{^HTTP/2 }{HTTP/2.0 }r,
                                         $body);

    same($body, "page 3$page[1]", "TLS, $version: the page");
    is(cookies($r), 'sid=3', "TLS, $version: its cookies");
    is_deeply([ grep { /Domain=example\.com/ } $r->headers('Set-Cookie') ],
              [ '_ga=; Max-Age=0; Path=/; Domain=example.com; Secure',
                '_ga=; Max-Age=0; Path=/; Domain=example.com; Secure; '
                . 'Partitioned',
                '_ga=; Max-Age=0; Path=/n3; Domain=example.com; Secure',
                '_ga=; Max-Age=0; Path=/n3; Domain=example.com; Secure; '
                . 'Partitioned' ],
              "TLS, $version: cookies are deleted by Secure lines");
}

done_testing();
