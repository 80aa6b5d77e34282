#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Validators where a request takes more than one way: internal redirects,
# error pages, subrequests, locations with other settings.

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

    my $uri = $request->uri;
    my $match = $request->header('If-None-Match') // '';

    if (my ($name) = $uri =~ m{/accel/(.*)}) {
        my $type = $name =~ /css/ ? 'text/css' : 'text/html';

        return { headers => [ "X-Accel-Redirect: /internal/$name",
                              "Content-Type: $type", 'ETag: "app"' ],
                 body => 'not shown' };
    }

    if ($uri =~ /broken/) {
        return { status => 500, headers => [ 'Content-Type: text/html',
                 'ETag: "broken"' ], body => $page };
    }

    if ($uri =~ /auth/) {
        return { status => 204 };
    }

    if ($match =~ /"v1"/) {
        return { status => 304, headers => [ 'ETag: "v1"' ] };
    }

    return { headers => [ 'Content-Type: text/html', 'ETag: "v1"',
                          "Last-Modified: $date" ],
             body => $page, step => 0 };
});

for my $name ('internal/page.html', 'internal/style.css', 'error.html',
              'ssi/page.html', 'tried/page.html', 'loc/page.html')
{
    $t->write_file("root/$name", $name =~ /ssi/
        ? '<p>in <!--#include virtual="/part" --> out</p>' : $page);
    utime 1704067200, 1704067200, $t->dir . "/root/$name";
}

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category necessary   { always on; }
    consent_category performance { resource .stats.example; }

    types { text/html html; text/css css; }

    server {
        listen  127.0.0.1:%%PORT%%;
        root    %%TESTDIR%%/root;

        location /accel/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /internal/ {
            internal;
        }

        location /inspected/ {
            proxy_pass              http://%%UPSTREAM%%;
            proxy_intercept_errors  on;
            error_page              500  =200  /error.html;
        }

        location /named/ {
            error_page  404 = @named;
        }

        location @named {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /tried/ {
            try_files  $uri  @named;
        }

        location /ssi/ {
            ssi                on;
            ssi_last_modified  on;
        }

        location /part {
            proxy_pass  http://%%UPSTREAM%%/part;
        }

        location /auth/ {
            auth_request  /check;
            alias         %%TESTDIR%%/root/loc/;
        }

        location = /check {
            internal;
            proxy_pass  http://%%UPSTREAM%%/auth;
        }

        location /mirror/ {
            mirror      /copy;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /copy {
            internal;
            proxy_pass  http://%%UPSTREAM%%/copy;
        }

        # other settings, other variants

        location /loc/ {
        }

        location /loc/removed/ {
            alias          %%TESTDIR%%/root/loc/;
            consent_block  remove;
        }

        location /loc/off/ {
            alias    %%TESTDIR%%/root/loc/;
            consent  off;
        }

        # from a location with one variant to a location with another

        location /moved/ {
            consent_block  remove;
            rewrite        ^/moved/(.*)  /loc/$1  last;
        }

        location /failed/ {
            consent_block           remove;
            proxy_pass              http://%%UPSTREAM%%/broken;
            proxy_intercept_errors  on;
            error_page              500  =200  /error.html;
        }
    }
CONF

my @document = ('Accept: text/html,*/*;q=0.8');

my %cookie = (
    accepted => 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                          categories => [ 'performance' ]),
    refused => 'Cookie: ' . $t->consent_cookie(name => 'consent'),
);


# the page that is shown decides, whichever way led to it

for my $uri ('/accel/page.html', '/inspected/broken', '/named/x',
             '/tried/page.html', '/tried/other', '/auth/page.html',
             '/mirror/page', '/moved/page.html', '/failed/x', '/ssi/page.html')
{
    my %tag;

    for my $state ('accepted', 'refused') {
        my $r = $t->get($uri, @document, $cookie{$state});

        $tag{$state} = $r->header('ETag');

        is($r->status, 200, "$uri, $state: a page");
        like($tag{$state}, qr{^(?:W/)?"cn1\.[0-9a-f]{8}\.[sw]\.[^"]*"$},
             "$uri, $state: its tag");
        is($r->header('Last-Modified'), undef, "$uri, $state: no date");
    }

    for my $state ('accepted', 'refused') {
        my $r = $t->get($uri, @document, $cookie{$state},
                        "If-None-Match: $tag{$state}");
        is($r->status, 304, "$uri, $state: not modified");
        is($r->header('ETag'), $tag{$state}, "$uri, $state: that tag");

        my ($other) = grep { $_ ne $state } keys %tag;
        my ($own) = map { qq("$_") } $tag{$state} =~ /\.[sw]\.([^"]*)/;

        for my $foreign ("If-None-Match: $tag{$other}",
                         "If-None-Match: $own", 'If-None-Match: "app"',
                         "If-Modified-Since: $date")
        {
            $r = $t->get($uri, @document, $cookie{$state}, $foreign);

            is($r->status, 200, "$uri, $state, $foreign: a page");
            is(index($r->body, '<script src="') < 0 ? 'blocked' : 'whole',
               $state eq 'refused' ? 'blocked' : 'whole',
               "$uri, $state, $foreign: of this state");
        }
    }
}


# a style sheet on the same way

my $tag = $t->get('/accel/style.css', @document, $cookie{refused})
            ->header('ETag');

like($tag, qr/^"[0-9a-f]+-[0-9a-f]+"$/, 'a style sheet keeps its tag');
is($t->get('/accel/style.css', 'Accept: text/css', $cookie{refused},
           "If-None-Match: $tag")->status, 304, 'and its 304');
is($t->get('/accel/style.css', @document, $cookie{refused},
           "If-None-Match: $tag", "If-Modified-Since: $date")->status, 304,
   'also for those who want to see it as a page');


# the application in front of a file is asked about its own tags only

$t->forget_requests;
$t->get('/accel/page.html', @document, $cookie{refused},
        'If-None-Match: "app"');

is($t->last_request->header('If-None-Match'), '"consent-none"',
   'X-Accel-Redirect: the application sees no foreign tag');


# locations with other settings

my %loc = map { $_ => $t->get("/loc/${_}page.html", @document,
                              $cookie{refused})->header('ETag') }
          '', 'removed/', 'off/';

isnt($loc{''}, $loc{'removed/'}, 'two settings, two variants');

for my $from (sort keys %loc) {
    for my $to (sort keys %loc) {
        my $want = $from eq $to ? 304 : 200;

        is($t->get("/loc/${to}page.html", @document, $cookie{refused},
                   "If-None-Match: $loc{$from}")->status, $want,
           "a tag of /loc/$from at /loc/$to: $want");
    }
}


# an error keeps its status, whatever is asked

for my $condition ('*', '"broken"') {
    my $r = $t->get('/mirror/broken', @document, $cookie{refused},
                    "If-None-Match: $condition");

    is($r->status, 500, "an error is an error: $condition");
    like($r->header('ETag'), qr/^W\/"cn1\./, 'and its tag tells its state');
}

done_testing();
