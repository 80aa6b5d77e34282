#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Refresh headers: a page does not go to what is refused.  How the value is
# read is in t/core/test_refresh.c.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Headers;

my $t = Test::Consent->new;

serve_headers($t);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .tracker.example /dir/own.js; }
    consent_category functional  { resource .fine.example; }

    consent_default  functional;

    log_format  figures  '$uri resources=$consent_resources_blocked';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen            127.0.0.1:%%PORT%%;
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

        # newer nginx takes no second line from an upstream

        location /lines/ {
            add_header  Refresh  $arg_a;
            add_header  Refresh  $arg_b;
            add_header  Refresh  $arg_c;
            return      200;
        }

        location /report/lines/ {
            consent     report;
            add_header  Refresh  $arg_a;
            add_header  Refresh  $arg_b;
            add_header  Refresh  $arg_c;
            return      200;
        }

        location /rewritten/ {
            proxy_pass      http://%%UPSTREAM%%;
            proxy_redirect  https://fine.example/  https://tracker.example/;
        }
    }
CONF


sub refresh {
    my ($path, @values) = @_;

    return headers_of($t, Refresh => $path, \@values);
}


my @refused = ('0; url=https://tracker.example/', '5;URL="//tracker.example"',
               '1 https://a.tracker.example/x', '.,own.js',
               "3;url='/dir/own.js' and more");

my @passed = ('5', '0; url=https://fine.example/', '0; url=/dir/page',
              '0; url=https://unknown.test/', 'x; url=https://tracker.example',
              '0; url=data:text/html,tracker.example', '');

is_deeply(refresh('/dir/page', $_), [], "refused: $_") for @refused;
is_deeply(refresh('/dir/page', $_), [ $_ ], "passed: $_") for @passed;

is_deeply(refresh('/dir/404', $refused[0]), [], 'an error');
is_deeply(refresh('/text/plain/', $refused[0]), [], 'no HTML');


# what several lines make together

sub lines {
    my ($path, @values) = @_;

    my $arg = 'a';
    my $r = $t->get("$path?" . join '&', map { $arg++ . "=$_" } @values);

    return [ $r->headers('Refresh') ];
}

my @split = ('5', 'url=https://tracker.example/');
my @mixed = ('0;url=https://fine.example/', '0;url=https://tracker.example/');
my @fine = ('5', 'url=https://fine.example/', '9');

is_deeply(lines('/lines/', @split), [],
          'the time in one line, the URL in another one');
is_deeply(lines('/lines/', @mixed), [],
          'lines that are one to a browser go together');
is_deeply(lines('/lines/', @fine), \@fine, 'or stay together');
is_deeply(lines('/report/lines/', @mixed), \@mixed, 'report');

is_deeply(refresh('/rewritten/', $passed[1]), [], 'changed by proxy_redirect');


# for whom nothing is done

for my $value (@refused) {
    is_deeply(refresh('/report/', $value), [ $value ], "report: $value");
    is_deeply(refresh('/off/', $value), [ $value ], "off: $value");

    is_deeply(headers_of($t, Refresh => '/', [ $value ],
                         'Cookie: ' . $t->consent_cookie(name => 'consent',
                             categories => [ qw(performance functional) ])),
              [ $value ], "all accepted: $value");
}

refresh('/counted/enforce', $refused[0]);
refresh('/report/counted', $refused[0]);
refresh('/off/counted', $refused[0]);
lines('/lines/counted', @mixed);
lines('/report/lines/counted', @mixed);

$t->stop;

my %counted = map { m{^(/\S*counted\S*) (.*)} ? ($1, $2) : () }
              $t->lines('figures.log');

is($counted{'/counted/enforce'}, 'resources=1', 'counted');
is($counted{'/report/counted'}, 'resources=1', 'counted by report');
is($counted{'/lines/counted'}, 'resources=2', 'counted line by line');
is($counted{'/report/lines/counted'}, 'resources=2', 'the same by report');
is($counted{'/off/counted'}, 'resources=0', 'not counted when off');

done_testing();
