#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The figures of a response whose header is filtered twice: nginx finds out
# behind us that a range cannot be had, and answers 416 with the headers that
# we have seen.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->write_file('html/text.txt', 'some text');

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/plain',
                          'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
                          'Accept-Ranges: bytes',
                          'Set-Cookie: _ga=1; Path=/',
                          'Set-Cookie: lang=de; Max-Age=100',
                          'Set-Cookie: other=1' ],
             body => 'some text' };
});

$t->http_config(<<'CONF')->run;
    consent_category performance { cookie _ga; }
    consent_category functional  { cookie lang; on_deny session; }

    consent  enforce;

    log_format  figures  '$uri $status $consent_cookies_blocked '
                         '$consent_unclassified';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_force_ranges  on;
            proxy_pass          http://%%UPSTREAM%%;
        }

        location /report/ {
            consent             report;
            proxy_force_ranges  on;
            proxy_pass          http://%%UPSTREAM%%;
        }

        location /file/ {
            alias       %%TESTDIR%%/html/;
            add_header  Set-Cookie  "_ga=1";
        }

        location /always/ {
            alias       %%TESTDIR%%/html/;
            add_header  Set-Cookie  "_ga=1"  always;
        }
    }
CONF

sub figures {
    my ($uri) = @_;

    my @found;

    Test::Consent::wait_for(sub {
        @found = grep { m{^\Q$uri\E } } $t->lines('figures.log');
    });

    return $found[-1];
}

my $beyond = 'Range: bytes=100-';

my $r = $t->get('/200');
is(figures('/200'), '/200 200 2 1', 'a whole response');

$r = $t->get('/416', $beyond);
is($r->status, 416, 'a range that is not there');
is(join('|', $r->headers('Set-Cookie')), 'lang=de|other=1', '416: cookies');
is(figures('/416'), '/416 416 2 1', '416: counted once');

$t->get('/report/416', $beyond);
is(figures('/report/416'), '/report/416 416 2 1', '416, report: the same');

$t->get('/file/text.txt', $beyond);
is(figures('/file/text.txt'), '/file/text.txt 416 1 0',
   '416: gone with the response');

$r = $t->get('/always/text.txt', $beyond);
is($r->status, 416, 'added to both');
is(join('|', $r->headers('Set-Cookie')), '', 'added to both: cookies');
is(figures('/always/text.txt'), '/always/text.txt 416 2 0',
   'added to both: both counted');

done_testing();
