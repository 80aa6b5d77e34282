#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The Content-Length of a page that was changed: sent where all of the page
# was there when its header was due, and true wherever it is sent.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $tag = '<script src="//stats.example/a.js"></script>';
my $marked = '<script type="text/plain" data-consent="performance" '
             . 'data-consent-src="//stats.example/a.js"></script>';

my %pages = (
    page => "<p>text</p>${tag}end",
    open => "<p>text</p>$tag<script>open",
    short => "\xef\xbb",
    mark => "\xfe\xff\0<\0p",
    only => $tag,
);

$t->upstream(sub {
    my ($request) = @_;

    my ($how, $page) = $request->uri =~ m{^/[a-z]+/([a-z]+)/([a-z]+)}
        or return { status => 404 };
    my %answer = (
        headers => [ 'Content-Type: text/html' ],
        body => $pages{$page},
        step => 0,
    );

    return { %answer, framing => 'chunked' } if $how eq 'chunked';
    return { %answer, framing => 'close' } if $how eq 'close';
    return { %answer, cut => 3, step => 1 } if $how eq 'parts';
    return { %answer, close => 1, length => length($pages{$page}) + 1 }
        if $how eq 'cut';
    return { %answer, close => 1, length => length($pages{$page}) - 1 }
        if $how eq 'longer';

    return \%answer;
});

my $http2 = $t->has_http2 ? 'http2' : '';

$t->http_config(<<'CONF' =~ s/HTTP2/$http2/r)->run;
    consent_category performance { resource stats.example; }

    consent             enforce;
    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%;
        listen  127.0.0.1:%%PORT:h2%% HTTP2;

        location /buffered/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /removed/ {
            consent_block  remove;
            proxy_pass     http://%%UPSTREAM%%;
        }

        location /gzip/ {
            gzip             on;
            gzip_min_length  1;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /passed/ {
            consent_uninspectable  pass;
            proxy_pass             http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            add_header  X-Blocked "";
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /addition/ {
            add_after_body  /after;
            proxy_pass      http://%%UPSTREAM%%;
        }

        location /after {
            default_type  text/html;
            return        200 '<script src=//stats.example/b></script>';
        }

        location /returned {
            default_type  text/html;
            return        200 '<script src=//stats.example/b></script>';
        }
    }
CONF

sub changed {
    my ($page) = @_;

    return $page =~ s/\Q$tag\E/$marked/gr;
}


sub check {
    my ($uri, $body, $length) = @_;

    my $r = $t->get($uri);
    my $chunked = $r->header('Transfer-Encoding');

    is($r->status, 200, "$uri: status");
    is($r->body, $body, "$uri: body");
    is($r->header('Content-Length'), $length, "$uri: length");
    is($chunked, defined $length ? undef : 'chunked', "$uri: framing");
    ok($r->complete, "$uri: complete");
}


for my $page (qw(page open short)) {
    my $body = changed($pages{$page});

    check("/buffered/length/$page", $body, length $body);
    check("/buffered/chunked/$page", $body, undef);
    check("/buffered/close/$page", $body, undef);
    check("/unbuffered/parts/$page", $body, undef);

    # it depends on what came with the header

    my $r = $t->get("/unbuffered/length/$page");

    is($r->body, $body, "/unbuffered/length/$page: body");
    is($r->header('Content-Length') // length $body, length $body,
       "/unbuffered/length/$page: length");
}

# nothing is left of it

check('/removed/length/only', '', 0);
check('/removed/chunked/only', '', 0);

# it is not that of the page before it was compressed

my $gzipped = $t->get('/gzip/length/page', 'Accept-Encoding: gzip');

is($gzipped->header('Content-Encoding'), 'gzip', 'gzip');
is($gzipped->header('Content-Length'), undef, 'gzip: no length');
ok($gzipped->complete, 'gzip: complete');

# what cannot be read, and is found out late

is($t->get('/buffered/length/mark')->status, 502, 'UTF-16: refused');
check('/passed/length/mark', $pages{mark}, length $pages{mark});

# more than the upstream has sent

check('/addition/length/page', changed($pages{page})
      . '<script type="text/plain" data-consent="performance" '
      . 'data-consent-src=//stats.example/b></script>', undef);

# an upstream that breaks its word: less and more than it said

my $r = $t->get('/buffered/cut/page');
ok(!$r->complete, 'less than was said: it shows');

$r = $t->get('/buffered/longer/page');
is($r->body, changed(substr $pages{page}, 0, -1), 'more than was said: cut');
is($r->header('Content-Length'), length $r->body, 'its length');

# nothing of this where nothing is changed

check('/report/length/page', $pages{page}, length $pages{page});

# not from an upstream

$r = $t->get('/returned');
is($r->header('Content-Length'), length $r->body, 'return: length');
like($r->body, qr/text\/plain/, 'return: blocked');

# requests that follow on the connection

my $c = $t->connect;

$c->send("GET /buffered/length/$_ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for qw(page only page);

is($c->response->body, changed($pages{$_}), "kept alive: $_")
    for qw(page only page);

$r = $t->http("GET /buffered/length/page HTTP/1.0\r\n"
              . "Connection: keep-alive\r\n\r\n");

is($r->header('Content-Length'), length changed($pages{page}),
   'HTTP/1.0: length');

SKIP: {
    skip 'no HTTP/2', 2 unless $t->has_http2;

    $r = $t->http2({ port => 'h2' }, '/buffered/length/page');

    is($r->body, changed($pages{page}), 'HTTP/2: body');
    is($r->header('Content-Length'), length $r->body, 'HTTP/2: length');
}

done_testing();
