#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Speculation-Rules headers, whose files a browser fetches.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Headers;

my $t = Test::Consent->new;

serve_headers($t);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .tracker.example /dir/own.json; }

    server {
        listen            127.0.0.1:%%PORT%%;
        proxy_set_header  Host  $host;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF


sub rules {
    my ($path, @values) = @_;

    return headers_of($t, 'Speculation-Rules' => $path, \@values);
}


my @refused = ('"https://tracker.example/rules.json"', '"/dir/own.json"',
               '"own.json"');
my @passed = ('"/rules.json"', '"https://fine.example/rules.json"');

is_deeply(rules('/dir/', @refused), [], 'refused');
is_deeply(rules('/dir/', @passed), \@passed, 'not refused');
is_deeply(rules('/dir/', join(', ', $refused[0], @passed, $refused[1])),
          [ join ', ', @passed ], 'in one line');
is_deeply(rules('/off/', @refused), \@refused, 'off');

done_testing();
