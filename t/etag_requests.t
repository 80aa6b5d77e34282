#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Conditions in requests for pages: what the upstream is asked, what nginx
# itself compares, and what happens when that goes wrong.

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
                   "Last-Modified: $date");

    # one who does not listen

    if ($request->uri =~ /stubborn/) {
        return { status => 304, headers => [ 'ETag: "v1"' ] };
    }

    if ($request->uri =~ /silent/ && $request->header('If-None-Match')) {
        return { status => 304 };
    }

    if ($request->uri =~ /changed/) {
        return { status => 304, headers => [ 'ETag: "v2"',
                 "Last-Modified: $date", 'Content-Type: text/html',
                 'Cache-Control: public, max-age=600',
                 'Surrogate-Control: max-age=3600' ] };
    }

    if (($request->header('If-None-Match') // '') =~ /"v1"/) {
        return { status => 304, headers => \@headers };
    }

    return { headers => \@headers, body => $page, step => 0 };
});

$t->write_file("root/$_", $page)
    for 'static/page.html', 'static/page.htm', 'static/none.html';
utime 1704067200, 1704067200, map { $t->dir . "/root/static/$_" }
    'page.html', 'page.htm', 'none.html';

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .stats.example; }

    types { text/html html htm; text/css css; }
    default_type  text/html;

    proxy_cache_path   %%TESTDIR%%/cache  keys_zone=pages:1m;
    proxy_cache_valid  1h;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /cache/ {
            proxy_cache  pages;
            proxy_pass   http://%%UPSTREAM%%;
        }

        location /static/ {
            root  %%TESTDIR%%/root;
        }

        location /static/none.html {
            root  %%TESTDIR%%/root;
            etag  off;
        }

        location /before/ {
            alias              %%TESTDIR%%/root/static/;
            if_modified_since  before;
            expires            1h;
        }

        location /ignore/ {
            alias              %%TESTDIR%%/root/static/;
            if_modified_since  off;
        }

        # what others have made of the condition before

        location /early/ {
            if ($http_if_none_match = "") {
                rewrite  ^  /nowhere  break;
            }

            proxy_set_header  If-None-Match  $http_if_none_match;
            proxy_pass        http://%%UPSTREAM%%/;
        }

        location /copied/ {
            set               $copy          $http_if_none_match;
            proxy_set_header  If-None-Match  $copy;
            proxy_pass        http://%%UPSTREAM%%/;
        }

        location /return/ {
            return  200  "<p>made here";
        }
    }
CONF

my @document = ('Accept: text/html,*/*;q=0.8');

my $accepted = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                          categories => [ 'performance' ]);
my $refused = 'Cookie: ' . $t->consent_cookie(name => 'consent');

my $strong = $t->get('/page', @document, $accepted)->header('ETag');
my $weak = $t->get('/page', @document, $refused)->header('ETag');
my $gzipped = "W/$strong";


sub seen {
    my ($name, $method, $uri, @headers) = @_;

    $t->forget_requests;
    $t->request($method, $uri, @headers);

    my $request = $t->last_request or return 'nothing';

    return $request->header($name);
}


# lists

my %lists = (
    $weak => '"v1"',
    $strong => '"consent-none"',
    "$weak, \"x\"" => '"v1"',
    "\"x\",$weak ,W/\"y\"" => '"v1"',
    "$strong, $weak" => '"v1"',
    "$strong, \"v1\"" => '"consent-none"',
    "$weak,$weak" => '"v1", "v1"',
    '"v1"' => '"consent-none"',
    '*' => '"consent-none"',
    ',' => '"consent-none"',
    'v1' => '"consent-none"',
);

for my $list (sort keys %lists) {
    is(seen('If-None-Match', 'GET', '/page', @document, $refused,
            "If-None-Match: $list"), $lists{$list}, "list: $list");
}

is(seen('If-None-Match', 'GET', '/page', $refused, 'Sec-Fetch-Dest: style',
        "If-None-Match: \"x\", $weak, $strong, *"), "\"x\", \"v1\", $strong, *",
   'a style sheet: others are kept');

is(seen('If-Modified-Since', 'GET', '/page', @document, $refused,
        "If-Modified-Since: $date"), 'Thu, 01 Jan 1970 00:00:00 GMT',
   'a date');
is(seen('If-None-Match', 'GET', '/page', @document, $refused), undef,
   'nothing is made up');


# If-Match: a strong tag comes back, a weak one stays one

for my $method ('PUT', 'DELETE', 'PATCH', 'POST') {
    my @headers = ('Content-Length: 0', @document);

    for my $state ($accepted, $refused) {
        is(seen('If-Match', $method, '/page', @headers, $state,
                "If-Match: $strong"), '"v1"',
           "$method: the page was that of the upstream");
        is(seen('If-Match', $method, '/page', @headers, $state,
                "If-Match: $weak"), 'W/"v1"',
           "$method: the page was changed on its way");
        is(seen('If-Match', $method, '/page', @headers, $state,
                "If-Match: $gzipped"), 'W/"v1"', "$method: compressed");
        is(seen('If-Match', $method, '/page', @headers, $state,
                'If-Match: "v1", *'), '"v1", *', "$method: not ours");
        is(seen('If-None-Match', $method, '/page', @headers, $state,
                "If-None-Match: $strong"), '"v1"', "$method: none match");
        is(seen('If-None-Match', $method, '/page', @headers, $state,
                'If-None-Match: *'), '*', "$method: nothing there yet");
        is(seen('If-Unmodified-Since', $method, '/page', @headers, $state,
                "If-Unmodified-Since: $date"), $date, "$method: a date");
    }
}

my $static = $t->get('/static/page.html', @document, $accepted)
               ->header('ETag');

is($t->get('/static/page.html', $accepted, "If-Match: $static")->status, 200,
   'GET, If-Match of this state');
is($t->get('/static/page.html', $refused, "If-Match: $static")->status, 412,
   'GET, If-Match of another');


# the answer is a page although the request did not look like it

for my $dest ('script', 'image', 'style', 'worker') {
    for my $uri ('/static/page.html', '/cache/page', '/cache/page.css') {

        my @headers = ("Sec-Fetch-Dest: $dest", 'Accept: */*', $refused);
        my $r = $t->get($uri, @headers);
        my $tag = $r->header('ETag');
        my ($own) = map { qq("$_") } $tag =~ /\.s\.([^"]*)/;

        is($t->get($uri, @headers, "If-None-Match: $tag")->status, 304,
           "$dest, $uri: its own tag");
        is($t->get($uri, @headers, "If-None-Match: \"x\", $tag")->status, 304,
           "$dest, $uri: its own tag in a list");
        is($t->get($uri, @headers, "If-None-Match: $own")->status, 200,
           "$dest, $uri: the tag of the source");
        is($t->get($uri, @headers, "If-None-Match: \"$tag\", $own")->status,
           200, "$dest, $uri: in a list");
        is($t->get($uri, @headers, "If-Modified-Since: $date")->status, 200,
           "$dest, $uri: the date of the source");

        $r = $t->get($uri, @headers, "If-None-Match: $tag, $own");

        is($r->status, 304, "$dest, $uri: both tags");
        is($r->header('ETag'), $tag, 'and the answer says which');
    }
}


# a server that answers 304 to what it was not asked

for my $headers ([ 'If-None-Match: "v1"' ], [ "If-None-Match: $strong" ],
                 [ 'If-None-Match: *' ], [ "If-Modified-Since: $date" ],
                 [ 'If-None-Match: "v1"', "If-Modified-Since: $date" ])
{
    my $r = $t->get('/stubborn', @document, $refused, @$headers);

    is($r->status, 502, "unasked: @$headers");
}

ok($t->wait_for_log(qr/upstream answered 304 without a condition/),
   'which is said');

is($t->get('/stubborn', @document, $refused)->status, 304,
   'a client without a copy is not misled');
is($t->get('/stubborn', $refused, 'Sec-Fetch-Dest: image',
           'If-None-Match: "v1"')->header('ETag'), '"v1"',
   'nor is one who asks for an image');

is($t->get('/copied/page', @document, $refused, 'If-None-Match: "v1"')->status,
   502, 'a copy of the header that was made before');
is($t->get('/copied/page', @document, $refused)->status, 200,
   'without a condition');

is(seen('If-None-Match', 'GET', '/early/page', @document, $refused,
        "If-None-Match: $weak"), '"v1"',
   'a variable asked before has the tag that was opened');
is(seen('If-None-Match', 'GET', '/early/page', @document, $refused,
        'If-None-Match: "v1"'), '"consent-none"',
   'and not one that was hidden');


# a 304 without a tag, and one with a newer tag

my $r = $t->get('/silent', @document, $refused, "If-None-Match: \"x\", $weak");

is($r->status, 304, 'silent: not modified');
is($r->header('ETag'), $weak, 'silent: says of what');

$r = $t->get('/silent', @document, $refused,
             "If-None-Match: $weak, $weak");

is($r->status, 304, 'silent: not modified');
is($r->header('ETag'), undef, 'silent: one of two');

$r = $t->get('/changed', @document, $refused, "If-None-Match: $weak");

is($r->status, 304, 'changed: not modified');
like($r->header('ETag'), qr{^W/"cn1\.[0-9a-f]{8}\.s\.v2"$},
     'changed: in an envelope');
is($r->header('Last-Modified'), undef, 'changed: no date');
is($r->header('Cache-Control'), 'private, no-cache',
   'changed: what the copy is told');
is($r->header('Surrogate-Control'), undef, 'changed: and others are not');


# what nginx compares, and how it is told to

$r = $t->get('/static/none.html', @document, $refused);

is($r->header('ETag'), undef, 'etag off: no tag');
is($r->header('Last-Modified'), undef, 'etag off: no date');

is($t->get('/static/none.html', @document, $refused, @$_)->status, 200,
   "etag off: @$_")
    for [ "If-Modified-Since: $date" ], [ 'If-None-Match: *' ],
        [ "If-None-Match: $weak" ];

for my $uri ('/before/page.html', '/ignore/page.html', '/static/page.html') {
    my $tag = $t->get($uri, @document, $refused)->header('ETag');

    is($t->get($uri, @document, $refused, "If-None-Match: $tag")->status, 304,
       "$uri: its own tag");
    is($t->get($uri, @document, $refused, "If-None-Match: $tag",
               "If-Modified-Since: $date")->status, 304,
       "$uri: its own tag and a date");
    is($t->get($uri, @document, $refused,
               'If-Modified-Since: Fri, 01 Jan 2099 00:00:00 GMT')->status,
       200, "$uri: a date in the future");
}

is($t->get('/before/page.html', @document, $refused)->header('Expires'),
   undef, 'expires: not for a page');


# HEAD has the header of GET; how long a page is that is changed is known only
# when it was changed

for my $uri ('/page', '/static/page.html', '/cache/page', '/static/none.html')
{
    for my $state ($accepted, $refused) {
        my $framing = $state eq $refused
                      ? qr/^(?:Date|Transfer-Encoding|Content-Length)$/
                      : qr/^(?:Date|Transfer-Encoding)$/;

        my ($get, $head) = map {
            my $r = $t->request($_, $uri, @document, $state);

            join "\n", map { "$_->[0]: $_->[1]" }
                grep { $_->[0] !~ $framing } $r->headers;
        } 'GET', 'HEAD';

        is($head, $get, "HEAD $uri: the header of GET");
    }
}


# a page that no handler was asked for

is($t->get('/return/', @document, $refused, "If-None-Match: $_")->status, 200,
   "return: $_")
    for '*', '"x"', $weak;

done_testing();
