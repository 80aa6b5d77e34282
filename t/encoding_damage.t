#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Encoded pages that are damaged, short or too long, and byte order marks
# that show when a page is decoded.  What was not inspected is not passed.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Encode qw(codings encode header);

my $t = Test::Consent->new;

# what is damaged where must not depend on chance

srand 1;

my $tag = '<script src="https://x.stats.example/a.js"></script>';
my $page = "<!DOCTYPE html>$tag" . join '', map { "<p>$_ " . rand() . "\n" }
                                         1 .. 20000;
my $small = "<p>one$tag<p>two " . join ' ', map { rand } 1 .. 20;

my @codings = codings();
my $utf16 = "\xff\xfe" . join '', map { "$_\0" } split //, $small;
my (%big, %small, %utf16);

for my $coding (@codings) {
    $big{$coding} = encode($coding, $page);
    $small{$coding} = encode($coding, $small);
    $utf16{$coding} = encode($coding, $utf16);
}


sub damaged {
    my ($bytes, $at) = @_;

    # a block of a kind that exists in none of them

    substr($bytes, $at, 200) = "\xff" x 200;

    return $bytes;
}

$t->upstream(sub {
    my ($request) = @_;

    my (undef, $way, $what, $coding) = split m{/}, $request->uri;

    my @type = ('Content-Type: text/html');
    my @headers = (@type, 'Content-Encoding: ' . header($coding // 'gzip'));

    return { headers => \@headers, body => $small } if $what eq 'plain';

    return { headers => \@headers, body => damaged($small{$coding}, 12) }
        if $what eq 'begin';

    return { headers => \@headers, framing => 'chunked', step => 0,
             body => damaged($big{$coding}, 150000) } if $what eq 'middle';

    return { headers => \@headers, framing => 'chunked',
             body => substr($small{$coding}, 0, -1) } if $what eq 'short';

    return { headers => \@headers, framing => 'chunked', step => 0,
             body => substr($big{$coding}, 0, -1) } if $what eq 'end';

    return { headers => \@headers,
             body => "$small{$coding}$tag" } if $what eq 'rest';

    if ($what eq 'mark') {
        return { headers => \@headers, body => $utf16{$coding} } if $coding;
        return { headers => \@type, body => $utf16 };
    }

    if ($what eq 'slowmark') {
        my $text = "\xfe\xff" . join '', map { "\0$_" } split //, $small;

        return { headers => \@type, cut => 1, body => $text, step => 0,
                 framing => 'chunked' };
    }

    if ($what eq 'nomark') {
        return { headers => \@type, cut => 1, body => "\xff<p>$tag",
                 step => 0, framing => 'chunked' };
    }

    if ($what eq 'fragment') {
        return { headers => \@headers, body => $small{gzip} };
    }

    return { headers => \@headers, body => $small{$coding} };
});

$t->write_file('ssi/index.html',
    'before<!--#include virtual="/inc/fragment/gzip" -->' . $tag . 'after');

$t->http_config(<<'CONF')->run;
    consent_category performance { resource .stats.example; }

    consent             enforce;
    proxy_http_version  1.1;
    default_type        text/html;

    log_format  why  '$request_uri $status {$consent_uninspected}';
    access_log  %%TESTDIR%%/why.log  why;

    server {
        listen  127.0.0.1:%%PORT%%;
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /pass/ {
            consent_uninspectable  pass;
            proxy_pass             http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /error/ {
            error_page  502  /sorry.html;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /sorry.html {
            root  %%TESTDIR%%;
        }

        location /add/ {
            add_before_body  /small.html;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location = /small.html {
            root  %%TESTDIR%%;
        }

        location /ssi/ {
            ssi   on;
            root  %%TESTDIR%%;
        }

        location /inc/ {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

$t->write_file('sorry.html', "sorry$tag");
$t->write_file('small.html', 'small');


sub logged {
    my ($uri) = @_;

    my ($line) = ('');

    Test::Consent::wait_for(sub {
        ($line) = grep { m{^\Q$uri\E } } reverse $t->lines('why.log');
    }, 5);

    return $line // '';
}


for my $coding (@codings) {
    for my $what ('begin', 'short') {
        my $uri = "/damage/$what/$coding";
        my $r = $t->get($uri);

        is($r->status, 502, "$uri: 502");
        ok($r->complete, "$uri: an answer");
        unlike($r->body, qr/stats|<p>one/, "$uri: nothing of the page");
        is(logged($uri), "$uri 502 {encoding}", "$uri: the reason");
    }

    # bare deflate has no checksum: other bytes may be another text

    for my $what ($coding eq 'raw' ? () : 'middle', 'end') {
        my $uri = "/damage/$what/$coding";
        my $r = $t->get($uri);

        is($r->status, 200, "$uri: it had begun");
        ok(!$r->complete, "$uri: the client sees that it is not whole");
        cmp_ok(length $r->body, '>', 1000, "$uri: what was good came");
        unlike($r->body, qr/<script src/, "$uri: rewritten");
        is(logged($uri), "$uri 200 {encoding}", "$uri: the reason");
    }

    my $r = $t->get("/damage/rest/$coding");

    is($r->status, 200, "$coding: bytes after the end");
    ok($r->complete && $r->body =~ /^<p>one<script type.*two [0-9. e-]+$/s,
       "$coding: are dropped");

    my $uri = "/damage/mark/$coding";
    $r = $t->get($uri);

    is($r->status, 502, "$coding: UTF-16 inside");
    is(logged($uri), "$uri 502 {charset}", "$coding: UTF-16: the reason");
}

like($t->error_log, qr/\[error\].*\(encoding\) is not passed: the encoded body ends too early/,
     'an end too early is logged');
like($t->error_log, qr/\[error\].*\(encoding\) is not passed: the encoded body is not valid/,
     'other damage is logged');
like($t->error_log, qr/\[warn\].*: \d+ bytes after the end of an encoded page/,
     'what is dropped is logged');

my $r = $t->get('/damage/plain/gzip');
is($r->status, 502, 'plain text that says it is gzip');

$r = $t->get('/error/begin/gzip');
is($r->status, 502, 'an error page');
like($r->body, qr/^sorry<script type="text/, 'is that of the configuration');

is($t->get('/damage/fine/gzip')->status, 200, 'the next page is fine');

$r = $t->get('/pass/begin/gzip');
is($r->status, 502, 'damage is not passed, whatever is set');

$r = $t->get('/pass/mark/gzip');
is($r->status, 200, 'UTF-16 inside is, if that is set');
like($r->body, qr/^\xff\xfe<\0p\0/, 'as it was, decoded');
is($r->header('Content-Encoding'), undef, 'which is said');

for my $what ('begin', 'middle', 'end', 'short', 'mark') {
    my $uri = "/report/$what/gzip";
    my $r = $t->get($uri);

    is($r->status, 200, "$uri: it comes");
    ok($r->complete, "$uri: as it was");
    is($r->header('Content-Encoding'), 'gzip', "$uri: with its coding");
    like(logged($uri), qr/200 \{(?:encoding|charset)\}/, "$uri: the reason");
}


# byte order marks of pages that are not encoded

is($t->get('/damage/mark')->status, 502, 'UTF-16');
is($t->get('/damage/slowmark')->status, 502, 'UTF-16, byte by byte');

$r = $t->get('/unbuffered/slowmark');
unlike($r->body // '', qr/s\0c\0r/, 'UTF-16, byte by byte, unbuffered');
ok(!$r->complete || $r->status == 502, 'is refused');

for my $way ('damage', 'unbuffered') {
    $r = $t->get("/$way/nomark");
    is($r->status, 200, "$way: what looked like a mark");
    like($r->body, qr/^\xff<p><script type="text/, "$way: comes, rewritten");
}

$r = $t->get('/pass/slowmark');
is($r->status, 200, 'UTF-16 passes, if that is set');
is(substr($r->body, 0, 8), "\xfe\xff\0<\0p\0>", 'from its first byte on');


# put together by nginx

$r = $t->get('/add/fine/gzip');
isnt($r->status, 200, 'gzip after plain text is what nobody can read');
is($r->body // '', '', 'and nothing comes of it');

$r = $t->get('/ssi/index.html');
is($r->status, 200, 'gzip inside plain text');
like($r->body, qr/^before\x1f\x8b.*<script type="text\/plain".*after$/s,
     'is read as the browser reads it');

SKIP: {
    skip 'no HTTP/2 here', 2 unless $t->has_http2;

    $r = $t->http2({ port => 'h2' }, '/damage/begin/gzip');

    is($r->status, 502, 'HTTP/2: damage');

    $r = $t->http2({ port => 'h2' }, '/damage/end/gzip');
    ok(!$r->complete, 'HTTP/2: the client sees that the page is not whole');
}

done_testing();
