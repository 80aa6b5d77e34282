#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# consent_csp: policies of the site allow no refused host.  The forms a policy
# can have are in t/core/test_csp.c, those in elements in t/html/policy.txt.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Headers;

my $t = Test::Consent->new;

serve_headers($t);

my $meta = '<meta http-equiv=content-security-policy '
           . 'content="img-src tracker.example">';

$t->write_file('html/meta.html', $meta);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .tracker.example; }
    consent_category functional  { resource .fine.example; }

    consent_default      functional;
    consent_first_party  .mine.example;

    log_format  figures  '$uri resources=$consent_resources_blocked';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen            127.0.0.1:%%PORT%%;
        root              %%TESTDIR%%/html;
        types             { text/html html; }
        proxy_set_header  Host  $host;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
            location = /report/meta.html { alias %%TESTDIR%%/html/meta.html; }
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /csp_off/ {
            consent_csp  off;
            proxy_pass   http://%%UPSTREAM%%;

            location /csp_off/narrow/ {
                consent_csp  narrow;
                proxy_pass   http://%%UPSTREAM%%;
            }

            location = /csp_off/meta.html {
                alias  %%TESTDIR%%/html/meta.html;
            }
        }

        location /strangers/ {
            consent_unclassified  third_party=performance;
            proxy_pass            http://%%UPSTREAM%%;
        }

        location = /meta.html { }

        location /added/ {
            add_header  Content-Security-Policy  "img-src tracker.example"
                        always;
            return      404;
        }
    }
CONF

my $CSP = 'Content-Security-Policy';


sub csp {
    my ($path, @values) = @_;

    return headers_of($t, $CSP => $path, \@values);
}


my $policy = "default-src 'self' https://tracker.example; "
             . "script-src 'self' 'nonce-abc' 'strict-dynamic' "
             . "https://*.tracker.example https://fine.example; "
             . "img-src tracker.example; report-uri https://tracker.example/";

my $narrow = "default-src 'self'; "
             . "script-src 'self' 'nonce-abc' 'strict-dynamic' "
             . "https://fine.example; "
             . "img-src 'none'; report-uri https://tracker.example/";

is_deeply(csp('/', $policy), [ $narrow ], 'a policy');
is_deeply(csp('/', "img-src *", "$policy, $policy", "img-src tracker.example"),
          [ 'img-src *', "$narrow, $narrow", "img-src 'none'" ],
          'policies in several lines');

is_deeply(headers_of($t, "$CSP-Report-Only" => '/', [ $policy ]), [ $narrow ],
          'report only');
is_deeply(headers_of($t, "X-$CSP" => '/', [ $policy ]), [ $policy ],
          'another header');

is_deeply(csp($_, $policy), [ $narrow ], $_)
    for '/404', '/304', '/text/plain/', '/csp_off/narrow/';

is_deeply([ $t->get('/added/')->header($CSP) ], [ "img-src 'none'" ],
          'add_header, an error page');

is_deeply(csp('/strangers/', "img-src unknown.example *.mine.example 'self'"),
          [ "img-src *.mine.example 'self'" ],
          'third parties without a rule');


# as it was

my @same = ("default-src 'self' https://fine.example *.other.example; "
            . "img-src * data: https:", '', 'nonsense; ;');

is_deeply(csp('/', @same), \@same, 'nothing refused in it');
is_deeply(csp('/csp_off/', $policy), [ $policy ], 'consent_csp off');
is_deeply(csp('/report/', $policy), [ $policy ], 'report');
is_deeply(csp('/off/', $policy), [ $policy ], 'off');

is_deeply(headers_of($t, $CSP => '/', [ $policy ],
                     'Cookie: ' . $t->consent_cookie(name => 'consent',
                         categories => [ qw(performance functional) ])),
          [ $policy ], 'all accepted');


# in elements

is($t->get('/meta.html')->body, $meta =~ s/tracker.example/'none'/r,
   'a policy in an element');
is($t->get('/csp_off/meta.html')->body, $meta,
   'a policy in an element, consent_csp off');
is($t->get('/report/meta.html')->body, $meta,
   'a policy in an element, report');


# nothing is fetched on its account

csp('/counted', $policy);

$t->stop;

is_deeply([ grep { m{^/counted} } $t->lines('figures.log') ],
          [ '/counted resources=0' ], 'not counted as resources');


# configuration

my ($status, $output) = $t->test_http_config(<<'CONF');
    consent_csp  maybe;
CONF

isnt($status, 0, 'another value');
like($output, qr/invalid value "maybe".*"narrow" or "off".*:\d+/,
     'the message');

done_testing();
