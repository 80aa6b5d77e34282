#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Variables: what they hold, when, and that they may be asked at any time.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://a.stats.example/x.js"></script>'
           . '<img src="https://a.stats.example/y.gif">'
           . '<script src="https://unknown.example/z.js"></script>';

$t->upstream(sub {
    return {
        headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=1',
                     'Set-Cookie: _ga_x=1', 'Set-Cookie: unheard=1' ],
        body => $page,
    };
});

$t->http_config(<<'CONF')->run;
    consent_policy  7;

    consent_category necessary   { always on; }
    consent_category performance { cookie _ga*; resource .stats.example; }
    consent_category functional  { }

    map $consent_allowed_performance $mapped {
        1        yes;
        default  no;
    }

    log_format  all  '$uri {$consent_state} {$consent_decision} '
                     '{$consent_source} {$consent_policy} {$consent_id} '
                     '{$consent_allowed_necessary} '
                     '{$consent_allowed_performance} '
                     '{$consent_cookies_blocked} {$consent_cookies_hidden} '
                     '{$consent_resources_blocked} {$consent_unclassified} '
                     '{$consent_uninspected}';
    access_log  %%TESTDIR%%/access.log  all;

    server {
        listen   127.0.0.1:%%PORT%%;
        consent  enforce;

        location / {
            return  200  "$consent_state|$consent_decision|$consent_source|$consent_policy|$consent_id|$consent_allowed_performance|$consent_allowed_functional|$mapped";
        }

        location /variant {
            return  200  $consent_variant;
        }

        location /page {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off {
            consent     off;
            return      200  "$consent_state|$consent_cookies_blocked|$consent_variant";
        }

        location /if {
            if ($consent_allowed_performance) {
                return  200  "in if";
            }

            return  200  "not in if";
        }
    }
CONF

my $id = 'abcdefghijklmnopqrst-_';


sub cookie {
    my (@categories) = @_;

    return 'Cookie: ' . $t->consent_cookie(name => 'consent', policy => 7,
        id => $id, categories => \@categories);
}


is($t->get('/')->body, 'necessary|default||7||0|0|no', 'no decision');
is($t->get('/', cookie('performance'))->body,
   "necessary,performance|explicit|own|7|$id|1|0|yes", 'a decision');
is($t->get('/', cookie())->body, "necessary|explicit|own|7|$id|0|0|no",
   'a refusal');
is($t->get('/', cookie('functional', 'performance'))->body,
   "necessary,performance,functional|explicit|own|7|$id|1|1|yes",
   'in the order of the configuration');

is($t->get('/if')->body, 'not in if', 'if');
is($t->get('/if', cookie('performance'))->body, 'in if', 'if, accepted');


# variants: one for each consent state, safe in a cache key

my %variant = map { $_ => $t->get('/variant', cookie(split /,/, $_))->body }
              '', 'performance', 'functional', 'performance,functional';

like($_, qr/^[A-Za-z0-9_-]{1,32}$/, "variant \"$_\" is short and safe")
    for values %variant;
is(scalar(keys %{ { reverse %variant } }), 4, 'they differ');
is($t->get('/variant')->body, $variant{''},
   'no decision and a refusal: the same variant');
is($t->get('/variant', cookie('performance'))->body, $variant{performance},
   'the same state: the same variant');


# the log: after the work is done

sub logged {
    my ($uri, @headers) = @_;

    my $seen = grep { m{^\Q$uri\E } } $t->lines('access.log');

    $t->get($uri, @headers);

    my @found;

    Test::Consent::wait_for(sub {
        @found = grep { m{^\Q$uri\E } } $t->lines('access.log');
        return @found > $seen;
    });

    return ($found[-1] // '') =~ s/^\S+ //r;
}

is(logged('/page', 'Cookie: _ga=1; _ga_x=2; unheard=3; _gat=4',
          'Accept: text/html'),
   '{necessary} {default} {-} {7} {-} {1} {0} {2} {3} {2} {3} {-}',
   'blocked and hidden');
is(logged('/page', cookie('performance') . '; _ga=1', 'Accept: text/html')
       =~ s/ \S+ \S+$//r,
   "{necessary,performance} {explicit} {own} {7} {$id} {1} {1} {0} {0} {0}",
   'nothing to block');

is($t->get('/off')->status, 200, 'off: variables can be asked');


# requests that never get as far as a location

my $r = $t->http("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");

is($r->status, 400, 'a malformed request');
ok($t->wait_for_log(qr/duplicate host/), 'logged');

$r = $t->http("GET / HTTP/1.1\r\n\r\n");
is($r->status, 400, 'a request without a host');

$r = $t->http("\x16\x03\x01 nonsense\r\n\r\n");
is($r->status, 400, 'no request at all');

$r = $t->http("GET /\r\n");
like($r->{head}, qr/necessary/, 'HTTP/0.9');

ok(Test::Consent::wait_for(sub { $t->lines('access.log') > 10 }),
   'all of them are in the access log');

done_testing();
