#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Encoded pages are decoded, rewritten, and encoded again if nginx is told to.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Encode qw(codings encode header);

use Compress::Zlib ();

my $t = Test::Consent->new;

my $tag = '<script src="https://x.stats.example/%d.js"></script>';
my $mark = '<script type="text/plain" data-consent="performance" '
           . 'data-consent-src="https://x.stats.example/%d.js"></script>';

srand 1;

my ($page, $expect) = ('<!DOCTYPE html>', '<!DOCTYPE html>');

for my $n (1 .. 400) {
    my $text = '<p>' . 'some text ' x ($n % 31) . rand() . "\n";

    $page .= $text . sprintf $tag, $n;
    $expect .= $text . sprintf $mark, $n;
}

my $short = 'a' . sprintf($tag, 1) . 'b';
my $short_expect = 'a' . sprintf($mark, 1) . 'b';

my @codings = codings();

my %encoded = map { $_ => encode($_, $page) } @codings;
my %short = map { $_ => encode($_, $short) } @codings;

$encoded{'x-gzip'} = $encoded{gzip};
$encoded{members} = join '', map { Compress::Zlib::memGzip($_) }
                    substr($page, 0, 5000), '', substr($page, 5000);

my %header = (members => 'gzip', map { $_ => header($_) } @codings, 'x-gzip');

# /WAY/CODING[/CUT], /WAY/short/CODING/CUT, /WAY/flush

$t->upstream(sub {
    my ($request) = @_;

    my (undef, $way, $coding, @more) = split m{/}, $request->uri;
    my $body = $encoded{$coding};

    if ($coding eq 'short') {
        ($coding, my $cut) = @more;
        $body = $short{$coding};

        return { headers => [ 'Content-Type: text/html',
                              "Content-Encoding: $header{$coding}" ],
                 chunks => [ substr($body, 0, $cut), substr($body, $cut) ],
                 framing => 'chunked', step => 0 };
    }

    my @headers = ('Content-Type: ' . ($way eq 'other' ? 'text/css'
                                                       : 'text/html'),
                   'Content-Encoding: ' . ($header{$coding} // ''),
                   'ETag: "abc"', 'Accept-Ranges: bytes',
                   'Vary: Accept-Encoding');

    if ($coding eq 'empty') {
        return { headers => [ 'Content-Type: text/html',
                              'Content-Encoding: gzip' ],
                 body => '', framing => 'chunked' };
    }

    return { headers => \@headers, body => $body // '',
             framing => (qw(length chunked close))[length($coding) % 3],
             cut => $more[0] ? [ $more[0], 3000 ] : [ 1, 20000 ], step => 0 };
});

$t->http_config(<<'CONF')->run;
    consent_category performance { resource .stats.example; }

    consent             enforce;
    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
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

        location /gzip/ {
            gzip        on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /gunzip/ {
            gunzip      on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

my $accept = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                             categories => [ 'performance' ]);


for my $coding (sort keys %encoded) {
    my $r = $t->get("/buffered/$coding");

    is($r->status, 200, "$coding: it comes");
    ok($r->complete && $r->body eq $expect, "$coding: decoded, rewritten");
    is($r->header('Content-Encoding'), undef, "$coding: and said so");
    is($r->header('Content-Length') // length $r->body, length $r->body,
       "$coding: no length but its own");
    is($r->header('Accept-Ranges'), undef, "$coding: without ranges");
    like($r->header('Vary'), qr/^Accept-Encoding\b/, "$coding: Vary stays");

    for my $way ('unbuffered', 'tiny', 'gunzip') {
        for my $seed (1 .. 3) {
            $r = $t->get("/$way/$coding/$seed");
            ok($r->complete && $r->body eq $expect, "$coding: $way, $seed");
        }
    }

    $r = $t->get("/gzip/$coding", 'Accept-Encoding: gzip');

    is($r->header('Content-Encoding'), 'gzip', "$coding: encoded again");
    ok(Compress::Zlib::memGunzip($r->body) eq $expect,
       "$coding: what was rewritten");

    $r = $t->get("/gzip/$coding", 'Accept-Encoding: identity');

    is($r->header('Content-Encoding'), undef, "$coding: or not");
    is($r->body, $expect, "$coding: as the client likes");

    # nothing to be done

    $r = $t->get("/buffered/$coding", $accept);

    is($r->header('Content-Encoding'), $header{$coding},
       "$coding: all accepted: not decoded");
    is($r->body, $encoded{$coding}, "$coding: all accepted: its bytes");

    $r = $t->get("/other/$coding");

    is($r->header('Content-Encoding'), $header{$coding},
       "$coding: not HTML: not decoded");
    is($r->body, $encoded{$coding}, "$coding: not HTML: its bytes");

    $r = $t->get("/report/$coding");

    is($r->header('Content-Encoding'), $header{$coding},
       "$coding: report: not decoded");
    ok($r->complete && $r->body eq $encoded{$coding},
       "$coding: report: its bytes");

    $r = $t->head("/buffered/$coding");

    is($r->status, 200, "$coding: HEAD");
    is($r->header('Content-Encoding'), undef, "$coding: HEAD as GET");
}

# every cut

for my $coding (@codings) {
    my $good = 1;

    for my $cut (1 .. length($short{$coding}) - 1) {
        my $r = $t->get("/unbuffered/short/$coding/$cut");

        if (!$r->complete || $r->body ne $short_expect) {
            diag("$coding: cut at $cut: " . $r->body);
            $good = 0;
        }
    }

    ok($good, "$coding: a short page, cut anywhere");
}

my $r = $t->get('/buffered/empty');

is($r->status, 200, 'a body of no bytes');
ok($r->complete && $r->body eq '', 'is whole');

done_testing();
