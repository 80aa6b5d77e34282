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


# what two lines make together

is_deeply(refresh('/', '5', 'url=https://tracker.example/'), [],
          'the time in one line, the URL in another one');
is_deeply(refresh('/', $passed[1], $refused[0]), [],
          'lines that are one to a browser go together');
is_deeply(refresh('/', '5', 'url=https://fine.example/'),
          [ '5', 'url=https://fine.example/' ], 'or stay together');

is_deeply(refresh('/rewritten/', $passed[1]), [], 'changed by proxy_redirect');


# for whom nothing is done

is_deeply(refresh('/report/', @refused), \@refused, 'report');
is_deeply(refresh('/off/', @refused), \@refused, 'off');

is_deeply(headers_of($t, Refresh => '/', \@refused,
                     'Cookie: ' . $t->consent_cookie(name => 'consent',
                         categories => [ qw(performance functional) ])),
          \@refused, 'all accepted');

refresh('/counted/enforce', @refused);
refresh('/report/counted', $refused[0]);
refresh('/off/counted', $refused[0]);

$t->stop;

my %counted = map { m{^(/\S*counted\S*) (.*)} ? ($1, $2) : () }
              $t->lines('figures.log');

is($counted{'/counted/enforce'}, 'resources=5', 'counted');
is($counted{'/report/counted'}, 'resources=1', 'counted by report');
is($counted{'/off/counted'}, 'resources=0', 'not counted when off');

done_testing();
