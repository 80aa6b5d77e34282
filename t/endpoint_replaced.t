#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# A page of the site in the place of an answer of consent_endpoint is a page
# like any other one.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script>';

$t->write_file('root/changed.html', $page);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .stats.example; }

    types { text/html html; }

    server {
        listen      127.0.0.1:%%PORT%%;
        root        %%TESTDIR%%/root;
        error_page  412  /changed.html;

        location /.consent/ {
            consent_endpoint;
        }
    }
CONF

# nginx gives up our answer, of which it was known already that it is ours

for my $uri ('/.consent/', '/.consent/cookies') {
    my $r = $t->get($uri, 'If-Match: "another"');

    like($r->body, qr{data-consent-src="https://x\.stats\.example/a\.js"},
         "$uri: the page is read");
    is($r->header('Cache-Control'), 'private, no-cache', 'and not shared');
}

like($t->get('/.consent/')->body, qr/<form/, 'the answer itself');

done_testing();
