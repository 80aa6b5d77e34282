#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Parts of pages.  A page that is not changed for a visitor has them as
# without the module, and is joined with what a client has only within one
# variant.  A page that may be changed has none.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script>'
           . '<p>text' . ' and more' x 100 . "</p>\n";
my $date = 'Mon, 01 Jan 2024 00:00:00 GMT';

$t->upstream(sub {
    my ($request) = @_;

    my @headers = ('Content-Type: text/html', 'ETag: "v1"',
                   "Last-Modified: $date", 'Accept-Ranges: bytes');

    my $range = $request->header('Range') // '';
    my $if_range = $request->header('If-Range') // '"v1"';

    my ($from, $to) = $range =~ /^bytes=(\d+)-(\d*)$/;

    if (defined $from && $from < length $page
        && ($if_range eq '"v1"' || $if_range eq $date))
    {
        $to = length($page) - 1 if $to eq '';

        return {
            status => 206,
            headers => [ @headers,
                         "Content-Range: bytes $from-$to/" . length $page ],
            body => substr($page, $from, $to - $from + 1),
        };
    }

    return { headers => \@headers, body => $page };
});

$t->write_file('static/page.html', $page);
utime 1704067200, 1704067200, $t->dir . '/static/page.html';

$t->http_config(<<'CONF')->run;
    consent_category necessary   { always on; }
    consent_category performance { resource .stats.example; }

    consent  $http_x_mode;

    types { text/html html; }

    proxy_cache_path   %%TESTDIR%%/cache  keys_zone=pages:1m;
    proxy_cache_valid  1h;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /static/ {
            root  %%TESTDIR%%;
        }

        location /cache/ {
            proxy_cache  pages;
            proxy_pass   http://%%UPSTREAM%%;
        }

        location /forced/ {
            proxy_force_ranges  on;
            proxy_pass          http://%%UPSTREAM%%;
        }
    }
CONF

my @document = ('X-Mode: enforce', 'Accept: text/html,*/*;q=0.8');
my @plain = ('X-Mode: enforce', 'Accept: */*');

my $accepted = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                          categories => [ 'performance' ]);
my $refused = 'Cookie: ' . $t->consent_cookie(name => 'consent');
my $old = 'Cookie: ' . $t->consent_cookie(name => 'consent', policy => 2,
                                          categories => [ 'performance' ]);

my @uris = ('/page', '/static/page.html', '/cache/page', '/forced/page');


for my $uri (@uris) {

    my $whole = $t->get($uri, @document, $accepted);
    my $tag = $whole->header('ETag');
    my $weak = $t->get($uri, @document, $refused)->header('ETag');
    my ($own) = map { qq("$_") } $tag =~ /\.s\.([^"]*)/;
    my ($prefix) = $tag =~ /^"cn1\.([0-9a-f]+)/;
    my $stale = $tag =~ s/\Q$prefix\E/00000000/r;

    like($tag, qr/^"/, "$uri: a strong tag where nothing is changed");
    like($weak, qr{^W/"}, "$uri: a weak one where something may be");
    is($whole->header('Content-Length'), length $page, "$uri: its length");

    if ($uri ne '/forced/page') {
        is($whole->header('Accept-Ranges'), 'bytes',
           "$uri: parts are offered");
    }


    # all of it is accepted: parts

    my @part = (206, substr($page, 10, 20));
    my @full = (200, $page);

    my @cases = (
        [ 'a part', \@part ],
        [ 'a part of what this state has', \@part, "If-Range: $tag" ],
        [ 'another version', \@full, 'If-Range: "v0"' ],
        [ 'a weak tag', \@full, "If-Range: W/$tag" ],
        [ 'of the other state', \@full, "If-Range: $weak" ],
        [ 'of another policy', \@full, "If-Range: $stale" ],
        [ 'two tags', \@full, "If-Range: $tag, $tag" ],
    );

    for my $case (@cases) {
        my ($name, $want, @headers) = @$case;

        for my $kind (\@document, \@plain) {
            my $r = $t->get($uri, @$kind, $accepted, 'Range: bytes=10-29',
                            @headers);

            is($r->status, $want->[0], "$uri, $name: $want->[0]");
            is($r->body, $want->[1], "$uri, $name: its bytes");
            is($r->header('ETag'), $tag, "$uri, $name: the tag");
            is($r->header('Last-Modified'), undef, "$uri, $name: no date");
            is($r->header('Content-Range'),
               $want->[0] == 206 ? 'bytes 10-29/' . length $page : undef,
               "$uri, $name: Content-Range");
            is($r->header('Cache-Control'), 'private, no-cache',
               "$uri, $name: not for shared caches");
        }
    }


    # a copy from before the module: a document is sent whole

    for my $foreign ($own, $date) {
        my $r = $t->get($uri, @document, $accepted, 'Range: bytes=10-29',
                        "If-Range: $foreign");

        is($r->status, 200, "$uri, $foreign: the whole page");
        is($r->body, $page, "$uri, $foreign: every byte");
    }


    # something is refused: none

    for my $range ('bytes=10-29', 'bytes=0-', 'bytes=-5',
                   'bytes=0-1,5-6', 'bytes=999999-')
    {
        for my $headers ([], [ "If-Range: $tag" ], [ "If-Range: $weak" ],
                         [ "If-Range: $own" ], [ "If-Range: $date" ])
        {
            my $r = $t->get($uri, @document, $refused, "Range: $range",
                            @$headers);
            my $label = join ', ', $uri, $range, @$headers;

            is($r->status, 200, "$label: the whole page");
            is($r->header('Content-Range'), undef, 'not a part');
            is($r->header('Accept-Ranges'), undef, 'and none is offered');
            unlike($r->body, qr/<script src=/, 'nothing refused in it');
            like($r->body, qr/text.*more<\/p>$/s, 'to its end');
        }
    }

    is($t->head($uri, @document, $refused)->header('Accept-Ranges'), undef,
       "$uri, HEAD: none is offered");
    is($t->head($uri, @document, $accepted)->header('Accept-Ranges'),
       $whole->header('Accept-Ranges'), "$uri, HEAD: as GET");


    # not satisfiable

    if ($uri !~ m{^/page}) {
        my $r = $t->get($uri, @document, $accepted, 'Range: bytes=999999-');

        is($r->status, 416, "$uri: no such part");
        is($r->header('Content-Range'), 'bytes */' . length $page,
           "$uri: so long it is");
    }


    # and where the module is off

    my $r = $t->get($uri, 'X-Mode: off', 'Range: bytes=10-29',
                    "If-Range: $own");

    is($r->status, 206, "$uri, off: a part");
    is($r->header('ETag'), $own, "$uri, off: of its own");
}


# a request that does not look like one for a page gets a part that cannot be
# read from an upstream: it is not passed

my $r = $t->get('/page', @plain, $refused, 'Range: bytes=10-29');

is($r->status, 502, 'a part of a page that cannot be inspected');
is($t->get('/page.html', @plain, $refused, 'Range: bytes=10-29')->status, 200,
   'a name that tells: the whole page');
is($t->get('/static/page.html', @plain, $refused,
           'Range: bytes=10-29')->status, 200, 'a file: the whole page');


# the upstream is asked for parts by its own tag only

my $tag = $t->get('/page', @document, $accepted)->header('ETag');

$t->forget_requests;
$t->get('/page', @document, $accepted, 'Range: bytes=10-29',
        "If-Range: $tag");

is($t->last_request->header('If-Range'), '"v1"', 'If-Range is opened');
is($t->last_request->header('Range'), 'bytes=10-29', 'Range stays');

$t->get('/page', @document, $refused, 'Range: bytes=10-29',
        "If-Range: $tag");

is($t->last_request->header('Range'), 'none', 'Range is hidden');

done_testing();
