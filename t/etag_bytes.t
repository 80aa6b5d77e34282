#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Whatever an upstream calls its pages comes back to it byte for byte.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script>'
           . '<p>text' . ' and more' x 100 . "</p>\n";

my @tags = (
    [ 'strong' => '"v1"' ],
    [ 'weak' => 'W/"v1"' ],
    [ 'strong and empty' => '""' ],
    [ 'weak and empty' => 'W/""' ],
    [ 'of many kinds of bytes' => q("!#$%&'()*+-./:;<=>?@[\]^_`{|}~") ],
    [ 'with a comma' => '"a,b,c"' ],
    [ 'not ASCII' => "\"caf\xc3\xa9\"" ],
    [ 'bytes that are no text' => "\"\x80\xff\xfe\"" ],
    [ 'a backslash' => '"a\"' ],
    [ 'percent signs' => '"%22%00%"' ],
    [ 'unquoted' => 'v1' ],
    [ 'unquoted with a comma' => 'a,b' ],
    [ 'unquoted with percent signs' => '%41%' ],
    [ 'a number' => '0' ],
    [ 'single quotes' => "'v1'" ],
    [ 'one quote' => '"' ],
    [ 'not closed' => '"v1' ],
    [ 'not opened' => 'v1"' ],
    [ 'quotes inside' => '"a"b"' ],
    [ 'two tags' => '"a", "b"' ],
    [ 'a space inside' => '"a b"' ],
    [ 'a tab inside' => "\"a\tb\"" ],
    [ 'a lower case w' => 'w/"v1"' ],
    [ 'only W/' => 'W/' ],
    [ 'W/ without quotes' => 'W/v1' ],
    [ 'twice W/' => 'W/W/"v1"' ],
    [ 'control characters' => "\"a\x01\x7f\"" ],
    [ 'two stars' => '**' ],
    [ 'long' => '"' . 'x' x 3000 . '"' ],
    [ 'long and odd' => 'x ' x 900 . 'x' ],
    [ 'an envelope of another server' => 'W/"cn1.12345678.s.v1"' ],
    [ 'no envelope' => '"cn1.12345678.o.%0D%0A"' ],
    [ 'what the module writes itself' => '"consent-none"' ],
);


# answers as a server that compares strings

$t->upstream(sub {
    my ($request) = @_;

    my ($n) = $request->uri =~ /n=(\d+)/;
    my $tag = $tags[$n][1];
    my @headers = ('Content-Type: text/html', "ETag: $tag");

    if (($request->header('If-None-Match') // '') eq $tag) {
        return { status => 304, headers => \@headers };
    }

    return { headers => \@headers, body => $page, step => 0 };
});

$t->upstream(sub {
    my ($request) = @_;

    my ($lines) = $request->uri =~ /lines=([^&]*)/;

    return {
        headers => [ 'Content-Type: text/html',
                     'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
                     'Last-Modified: Tue, 02 Jan 2024 00:00:00 GMT',
                     map { "ETag: $_" } split /;/, $lines, -1 ],
        body => $page,
    };
}, 'lines');

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .stats.example; }

    gzip_types       text/plain;
    gzip_min_length  10;

    proxy_buffer_size  16k;
    proxy_buffers      8 16k;

    proxy_cache_path  %%TESTDIR%%/cache  keys_zone=pages:1m;
    proxy_cache_valid  1h;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /gzip/ {
            gzip        on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /cache/ {
            proxy_cache  pages;
            proxy_pass   http://%%UPSTREAM%%;
        }

        location /lines/ {
            proxy_pass  http://%%UPSTREAM:lines%%;
        }

        location /added/ {
            add_header  ETag  '"added"';
            proxy_pass  http://%%UPSTREAM:lines%%;
        }

        # a server of its own behind this one

        location /outer/ {
            proxy_pass  http://127.0.0.1:%%PORT%%/;
        }
    }
CONF

my @document = ('Accept: text/html,*/*;q=0.8');

my %cookie = (
    accepted => 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                          categories => [ 'performance' ]),
    refused => 'Cookie: ' . $t->consent_cookie(name => 'consent'),
);


for my $n (0 .. $#tags) {
    my ($name, $tag) = @{ $tags[$n] };

    for my $state ('accepted', 'refused') {

        for my $place ('/', '/gzip/', '/outer/', '/cache/') {
            my $label = "$name, $state, $place";
            my @headers = (@document, $cookie{$state},
                           'Accept-Encoding: gzip');
            my $uri = "$place?n=$n";

            my $r = $t->get($uri, @headers);
            my $sent = $r->header('ETag');

            like($sent // '', qr{^(?:W/)?"cn1\.[0-9a-f]{8}\.[swo]\.[^"]*"$},
                 "$label: a valid tag is sent");
            unlike($sent // '', qr/[\x00-\x20\x7f].*"/, "$label: of its bytes");

            $t->forget_requests;

            $r = $t->get($uri, @headers, 'If-None-Match: ' . ($sent // ''));

            if ($place ne '/cache/') {
                is($t->last_request->header('If-None-Match'), $tag,
                   "$label: the upstream gets its own back");
            }

            is($r->status, 304, "$label: so that it can answer 304");
            is($r->header('ETag'), $sent,
               "$label: with the tag that was sent");
        }
    }
}


# what cannot come back is not sent

my %lost = ('' => 'empty', '*' => 'any');

for my $tag (sort keys %lost) {
    my $r = $t->get("/lines/?lines=$tag", @document);

    is($r->header('ETag'), undef, "$lost{$tag}: no tag is sent");
    is($r->status, 200, "$lost{$tag}: a page");
}

my $r = $t->get('/lines/?lines="' . 'x' x 6200 . '"', @document);

is($r->header('ETag'), undef, 'too long for a request: no tag is sent');
like($r->body, qr/and more/, 'but the page');


# several lines

$r = $t->get('/lines/?lines="a";"b"', @document);

is(scalar(my @sent = $r->headers('ETag')), 1, 'two tags: one is sent');
like($sent[0], qr/\.s\.[ab]"$/, 'which is one of them');
is_deeply([ $r->headers('Last-Modified') ], [], 'no date of two');

$t->forget_requests('lines');
$t->get('/lines/?lines="a";"b"', @document, "If-None-Match: $sent[0]");

like($t->last_request('lines')->header('If-None-Match'), qr/^"[ab]"$/,
     'and comes back');


# add_header has the last word, as without the module

$r = $t->get('/added/?lines="a"', @document);

is(scalar(@sent = $r->headers('ETag')), 1, 'add_header: one tag');
like($sent[0], qr/\.s\.added"$/, 'the added one');


# a server without validators gets none

$r = $t->get('/lines/?lines=', 'Accept: text/html');
is($r->header('ETag'), undef, 'no tag is made up');


# what is nobody's is not opened, least of all if it has line ends

$t->forget_requests;

my ($variant) = $t->get('/?n=0', @document)->header('ETag')
                =~ /cn1\.([0-9a-f]{8})/;

for my $forged ("\"cn1.$variant.o.a%0D%0AX-Injected:%201\"",
                "\"cn1.$variant.o.a%00\"", "\"cn1.$variant.o.%2A\"",
                "\"cn1.$variant.o.*\"", "\"cn1.$variant.z.v1\"",
                "\"cn1.$variant.s.a b\"", "\"cn1.$variant.s.a")
{
    my $r = $t->get('/?n=0', @document, "If-None-Match: $forged");
    my $request = $t->last_request;

    is($r->status, 200, "forged: $forged");
    is($request->header('If-None-Match'), '"consent-none"', 'not passed on');
    is($request->header('X-Injected'), undef, 'and makes no header');
}

done_testing();
