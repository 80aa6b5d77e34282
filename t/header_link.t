#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Link headers: links that make a browser fetch what is refused do not reach
# it; all other bytes do.  The forms a link can have are in t/core/test_field.c.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Headers;

my $t = Test::Consent->new;

my $T = 'https://tracker.example/';
my $F = 'https://fine.example/';


serve_headers($t);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .tracker.example /dir/own.js; }
    consent_category functional  { resource .fine.example; }

    consent_default  functional;

    log_format  figures  '$uri resources=$consent_resources_blocked '
                         'unclassified=$consent_unclassified';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen            127.0.0.1:%%PORT%%;
        root              %%TESTDIR%%/html;
        proxy_set_header  Host  $host;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /strangers/ {
            consent_unclassified  third_party=performance;
            proxy_pass            http://%%UPSTREAM%%;
        }

        location /added/ {
            add_header  Link  "<https://tracker.example/>; rel=preload"  always;
            add_header  Link  "</own.css>; rel=preload"                  always;
            return      404;
        }
    }

    server {
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF


sub links {
    my ($path, @lines) = @_;

    my @request = ref $lines[0] ? @{ shift @lines } : ();

    return headers_of($t, Link => $path, \@lines, @request);
}


my @refused = (
    "<${T}a.js>; rel=preload; as=script",
    "</dir/own.js>; rel=modulepreload",
    "<own.js>; rel=\"next preload\"",
    "<//tracker.example>; rel=preconnect",
);

my @passed = (
    "<${F}a.js>; rel=preload; as=script",
    "<$T>; rel=canonical",
    "<$T>; title=\"x, y\"",
    '</other.js>; rel=modulepreload',
    '<https://unknown.test/>; rel=preconnect',
);

is_deeply(links('/dir/page', @refused, @passed), \@passed, 'lines of one');

is_deeply(links('/dir/page', join(', ', $passed[0], @refused, $passed[1]),
                join(',', @refused)),
          [ "$passed[0], $passed[1]" ], 'lines of several');

is_deeply(links('/dir/page', "<$T; rel=preload", 'no link at all',
                "$passed[0], oops, <$T>; rel=preload"),
          [ 'no link at all', $passed[0] ],
          'malformed: what might be fetched is taken out with its neighbours');


# relative to the URL that the browser has

is_deeply(links('/page', '<own.js>; rel=preload', '<dir/own.js>; rel=preload'),
          [ '<own.js>; rel=preload' ], 'relative');


# any response

for my $path (map({ "/dir/$_" } 200, 204, 301, 304, 404, 500),
             '/text/css/') {
    is_deeply(links($path, $refused[0], $passed[0]), [ $passed[0] ], $path);
}

is_deeply([ $t->get('/added/')->headers('Link') ],
          [ '</own.css>; rel=preload' ], 'add_header, an error page');

my $r = $t->head(headers_uri('/dir/page', "Link: $refused[0], $passed[0]"));

is($r->header('Link'), $passed[0], 'HEAD');

SKIP: {
    skip 'no HTTP/2 in curl or nginx', 1 unless $t->has_http2;

    $r = $t->http2({ port => 'h2' }, headers_uri('/dir/page',
                   "Link: $refused[0]", "Link: $passed[0]"));

    is_deeply([ $r->headers('Link') ], [ $passed[0] ], 'HTTP/2');
}

is_deeply(links('/strangers/', @passed), [ @passed[0 .. 3] ],
          'third parties without a rule');


# for whom nothing is done

my $cookie = 'Cookie: ' . $t->consent_cookie(name => 'consent',
    categories => [ qw(performance functional) ]);

my @all = (@refused, @passed, "<$T; rel=preload", join ',', @refused);

is_deeply(links('/dir/page', [ $cookie ], @all), \@all, 'all accepted');
is_deeply(links('/report/', @all), \@all, 'report');
is_deeply(links('/off/', @all), \@all, 'off');

links('/dir/counted', join(', ', @refused, $passed[0]), $refused[0]);
links('/report/counted', join(', ', @refused[0, 1], $passed[0]), $refused[0]);
links('/off/counted', @refused);
links('/strangers/counted', $passed[4], $passed[0]);

$t->stop;

my %counted = map { m{^(/\w+)/counted (.*)} ? ($1, $2) : () }
              $t->lines('figures.log');

is($counted{'/dir'}, 'resources=5 unclassified=0', 'counted');
is($counted{'/report'}, 'resources=3 unclassified=0', 'counted by report');
is($counted{'/off'}, 'resources=0 unclassified=0', 'not counted when off');
is($counted{'/strangers'}, 'resources=1 unclassified=1', 'unclassified');

done_testing();
