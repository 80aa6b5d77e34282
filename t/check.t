#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What nginx -t warns of: rules that never count, categories without any, and
# nobody who could decide.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->write_file('key', 'k' x 32);
chmod 0600, $t->dir . '/key';


sub warnings_of {
    my ($text, $server) = @_;

    $server //= 'consent enforce; location /c/ { consent_endpoint; }';

    my ($status, $output) = $t->test_http_config(<<"CONF");
    consent_key %%TESTDIR%%/key;
$text
    server { listen 127.0.0.1:%%PORT%%; $server }
CONF

    is($status, 0, 'nginx starts') or diag($output);

    return grep { !/ file ".*" of "consent_key" / } grep { /\[(?:warn|notice)\]/ }
           split /\n/, $output;
}


my $good = 'consent_category a { cookie one; }';

is_deeply([ warnings_of($good) ], [], 'nothing to warn of');
is_deeply([ warnings_of("$good consent_category b { }", 'consent off;') ], [],
          'nor where consent is off');

my @cases = (
    [ 'consent_category empty { }',
      qr/category "empty" has no rules, so that nothing is blocked/ ],

    [ 'consent_category a { cookie consent; }',
      qr/cookie "consent" in .*test\.conf:\d+ is the consent cookie/ ],

    [ 'consent_category a { cookie _ga_* _ga_x; }',
      qr/cookie "_ga_x" in .*:\d+ never counts: cookie "_ga_\*" of category "a" in .*:\d+ says the same/ ],

    [ "consent_category a { cookie _ga_*; }\n"
      . '    consent_category b { cookie ~^_ga_x; }',
      qr/cookie "~\^_ga_x" .* cookie "_ga_\*" of category "a" .*matches first/ ],

    [ 'consent_category a { resource .x.example www.x.example; }',
      qr/resource "www\.x\.example" .* resource "\.x\.example"/ ],

    [ 'consent_category a { inline track( "track(1"; }',
      qr/inline "track\(1" .* inline "track\("/ ],
);

for my $case (@cases) {
    my ($text, $regex) = @$case;

    my @found = warnings_of("$text consent_category z { cookie last; }");

    is(@found, 1, "one warning: $text") or diag(@found);
    like($found[0] // '', $regex, 'this one');
}

for my $text ('consent_category a { always on; }',
              'consent_category a { cookie _ga_*; } '
              . 'consent_category b { cookie _ga_x; }',
              'consent_category a defaults { cookie _ga_* _ga_x; }',
              'consent_category a { resource .x.example x.example/path; }')
{
    is_deeply([ warnings_of("$text consent_category z { cookie last; }") ],
              [], "no warning: $text");
}

is_deeply([ warnings_of('consent_category a { } '
                        . 'consent_unclassified cookie=a;') ],
          [], 'what is unclassified is in it');


# rules of which there are too many

my @found = warnings_of('consent_category a { cookie x* '
                        . join(' ', map { "x$_" } 1 .. 30) . '; }');

is(@found, 21, 'not one line for each of them');
like($found[-1], qr/10 more rules never count/, 'but how many more');


# who decides

@found = warnings_of($good, 'consent enforce;');

is(@found, 1, 'enforced without an endpoint');
like($found[0], qr/"consent enforce" in .*:\d+, but visitors have no way/,
     'is said');

is_deeply([ warnings_of("consent_category functional { cookie f; } "
                        . "consent_category performance { cookie p; } "
                        . "consent_category targeting { cookie t; } "
                        . "include %%REPO%%/conf/sources/onetrust.conf;",
                        'consent enforce; consent_use own onetrust;') ], [],
          'another source is enough');
is_deeply([ warnings_of($good, 'consent report;') ], [], 'so is a report');

done_testing();
