#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What counts while the visitor has not decided: consent_default, also with
# variables, and the signals Sec-GPC and DNT, which refuse a part of it.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=1',
                          'Set-Cookie: ad=1', 'Set-Cookie: lang=1' ],
             body => '<script src="//x.ads.example/a.js"></script>'
                     . '<script src="//x.stats.example/a.js"></script>',
             step => 0 };
});

$t->http_config(<<'CONF')->run;
    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga; resource .stats.example; }
    consent_category functional  { cookie lang; }
    consent_category targeting   { cookie ad; resource .ads.example; }

    consent          enforce;
    consent_default  performance functional targeting;
    consent_signal   gpc deny=targeting;
    consent_signal   dnt deny=performance,targeting;

    map $arg_region $default {
        us       performance,functional,targeting;
        uk       "functional performance";
        eu       none;
        empty    "";
        typo     performance,functoinal;
        mixed    none,performance;
        case     Performance;
        default  $arg_region;
    }

    map $arg_mode $mode {
        default  $arg_mode;
        ""       enforce;
    }

    add_header  X-State     $consent_state     always;
    add_header  X-Decision  $consent_decision  always;
    add_header  X-Variant   $consent_variant   always;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /only/ {
            consent_signal  gpc deny=performance;
            proxy_pass      http://%%UPSTREAM%%;
        }

        location /gpc/ {
            consent_signal  gpc deny=performance;
            return          200;
        }

        location /off/ {
            consent_signal  off;
            return          200;

            location /off/dnt/ {
                consent_signal  dnt deny=functional;
                return          200;
            }
        }

        location /default/ {
            consent_default  $default;
            return           200;
        }


        location /mode/ {
            consent     $mode;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }

    # asks before the location is known, so that there are two decisions

    server {
        listen           127.0.0.1:%%PORT:early%%;
        consent_default  $default;
        consent          $mode;
        set              $early  $consent_state$consent_variant;

        location / {
            consent_default  $default;
            consent          $mode;
            set              $late  $consent_state$consent_variant;
            error_page       404  /again;
            return           404;
        }

        location /again {
            consent  $mode;
            return   200  $consent_state;
        }
    }
CONF

sub state {
    my ($uri, @headers) = @_;

    my $r = $t->get($uri, @headers);

    return join ' ', map { $r->header("X-$_") // '-' } 'Decision', 'State';
}

my ($gpc, $dnt) = ('Sec-GPC: 1', 'DNT: 1');
my $full = 'necessary,performance,functional,targeting';


# the signals

is(state('/'), "default $full", 'no signal');
is(state('/', $gpc), 'signal necessary,performance,functional', 'GPC');
is(state('/', $dnt), 'signal necessary,functional', 'DNT');
is(state('/', $gpc, $dnt), 'signal necessary,functional', 'both');
is(state('/', 'sec-gpc:1'), 'signal necessary,performance,functional',
   'any case, no blank');
is(state('/', 'Sec-GPC: 0', $gpc), 'signal necessary,performance,functional',
   'in the second line');

for my $value ('0', '', '11', '1.0', 'true', '?1', '1, 1', '1;x', '-1') {
    is(state('/', "Sec-GPC: $value"), "default $full", "not by \"$value\"");
}

is(state('/', 'DNT: 0', 'Sec-GPC2: 1', 'X-DNT: 1'), "default $full",
   'not by other fields');

is(state('/gpc/', $gpc), 'signal necessary,functional,targeting',
   'another location: GPC');
is(state('/gpc/', $dnt), "default $full",
   'another location: it replaces all of the inherited ones');
is(state('/off/', $gpc, $dnt), "default $full", 'off');
is(state('/off/dnt/', $gpc, $dnt),
   'signal necessary,performance,targeting', 'inside, on again');
is(state('/default/?region=eu', $gpc), 'signal necessary',
   'with nothing to refuse');


# the visitor's own decision goes before the signal

my $choice = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                              categories => [ 'targeting', 'performance' ]);

is(state('/', $gpc, $choice), 'explicit necessary,performance,targeting',
   'an explicit decision');
is(state('/', $gpc, 'Cookie: consent=broken'),
   'signal necessary,performance,functional', 'a broken one is none');


# what follows from the state

my $r = $t->get('/', $gpc, 'Cookie: _ga=1; ad=2');
my $seen = $t->last_request;

is($seen->header('Cookie'), '_ga=1', 'the request');
is(join('|', grep { !/Max-Age=0/ } $r->headers('Set-Cookie')),
   '_ga=1|lang=1', 'the response');
is(scalar(grep { /^ad=; Max-Age=0/ } $r->headers('Set-Cookie')), 1,
   'cookies that the browser holds');
like($r->body, qr/text\/plain.*ads.*<script src="[^"]*stats/, 'the page');

isnt($r->header('X-Variant'), $t->get('/')->header('X-Variant'),
     'the variant');
is($r->header('X-Variant'), $t->get('/', 'Cookie: '
       . $t->consent_cookie(name => 'consent',
                            categories => [ 'performance', 'functional' ])
       )->header('X-Variant'), 'which is that of the state');


like($r->header('Vary'), qr/^Cookie, Sec-GPC, DNT$/, 'caches are told');
is($t->get('/only/', $gpc)->header('Vary'), 'Cookie, Sec-GPC',
   'of those signals that are used');


# defaults by a variable

is(state('/default/?region=us'), "default $full", 'a list');
is(state('/default/?region=uk'), 'default necessary,performance,functional',
   'with blanks');
is(state('/default/?region=eu'), 'default necessary', 'none');
is(state('/default/?region=empty'), 'default necessary', 'empty');
is(state('/default/?region=necessary'), 'default necessary', 'always');
is(state('/default/?region=us', $gpc),
   'signal necessary,performance,functional', 'and a signal');

unlike($t->error_log, qr/consent: the value/, 'nothing to complain about');

for my $wrong ([ 'typo', 'performance,functoinal' ],
               [ 'mixed', 'none,performance' ], [ 'case', 'Performance' ],
               [ 'performance;x', 'performance;x' ])
{
    my ($region, $value) = @$wrong;

    is(state("/default/?region=$region"), 'default necessary',
       "$value: nothing is accepted");
    ok($t->wait_for_log(qr/the value "\Q$value\E" of "consent_default" is neither "none" nor a list of categories that exist; nothing is accepted.*request: "GET/),
       "$value: a line in the log");
}

my $lines = () = $t->error_log =~ /the value ".*" of "consent_default"/g;

is($lines, 4, 'one for each request');

is($t->get({ port => 'early' }, '/twice?region=typo&mode=odd')->body,
   'necessary', 'asked for in several locations');
ok($t->wait_for_log(qr/"consent_default".*twice/), 'is logged');
is(scalar(() = $t->error_log =~ m{"consent_default".*twice}g), 1, 'once');
is(scalar(() = $t->error_log =~ m{"odd" of "consent".*twice}g), 1,
   'and the mode');


# the mode by a variable

sub mode {
    my ($value) = @_;

    my $r = $t->get("/mode/?mode=$value", 'Cookie: ad=1; '
                    . $t->consent_cookie(name => 'consent'));

    return $r->body =~ /text\/plain/ ? 'blocked' : 'as it was';
}

is(mode('off'), 'as it was', 'mode off');
is(mode('report'), 'as it was', 'mode report');
is(mode('enforce'), 'blocked', 'mode enforce');
is(mode('Off'), 'blocked', 'another word is enforced');
ok($t->wait_for_log(qr/the value "Off" of "consent" is none of off, report and enforce; enforced/),
   'and logged');
is(scalar(() = $t->error_log =~ /the value "Off" of "consent"/g), 1, 'once');


# mistakes

my $categories = 'consent_category necessary { always on; } '
                 . 'consent_category performance { cookie _ga; } ';

for my $case (
    [ 'consent_signal gpc deny=perfromance;',
      qr/unknown category "perfromance" in "consent_signal", there are: necessary, performance;.*test\.conf:\d+/ ],
    [ 'consent_signal gpc deny=necessary;',
      qr/category "necessary" has "always on" and cannot be refused by "consent_signal".*test\.conf:\d+/ ],
    [ 'consent_signal gpc deny=;', qr/an empty name in "deny=".*test\.conf:\d+/ ],
    [ 'consent_signal gpc deny=performance,;', qr/an empty name/ ],
    [ 'consent_signal gpc;', qr/invalid "consent_signal", write "gpc deny=CATEGORY,\.\.\."/ ],
    [ 'consent_signal gpc allow=performance;', qr/invalid "consent_signal"/ ],
    [ 'consent_signal GPC deny=performance;', qr/invalid "consent_signal"/ ],
    [ 'consent_signal off deny=performance;', qr/invalid "consent_signal"/ ],
    [ 'consent_signal gpc deny=performance; consent_signal gpc deny=performance;',
      qr/"consent_signal gpc" is duplicate/ ],
    [ 'consent_signal gpc deny=performance; consent_signal off;',
      qr/"off" stands alone/ ],
    [ 'consent_signal off; consent_signal gpc deny=performance;',
      qr/"off" stands alone/ ],
    [ 'consent_default $arg_a performance;', qr/must stand alone/ ],
    [ 'consent_default none performance;', qr/stands alone/ ],
) {
    my ($text, $message) = @$case;
    my ($exit, $output) = $t->test_http_config($categories . $text);

    isnt($exit, 0, "$text");
    like($output, $message, 'and says why');
}

my ($exit) = $t->test_http_config(
    'consent_signal gpc deny=performance; ' . $categories);

is($exit, 0, 'the order does not matter');

done_testing();
