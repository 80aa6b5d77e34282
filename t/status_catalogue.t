#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# consent_status catalogue=FILE: guesses by a catalogue that judges nothing.

use strict;
use warnings;

use JSON::PP;
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;
my $conf = $t->repo . '/conf';

my @cookies = qw(_ga _hj1 TS0168aefb lang zz_session mine utm_mine);

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html',
                          map { "Set-Cookie: $_=1" } @cookies ],
             body => join '', map { "<img src=\"https://$_/\">" }
                             qw(www.youtube.com x.doubleclick.net www.google.com
                                unknown.example) };
});

# four categories of one's own, two of them of other names

$t->write_file('html/consent/known.conf', <<'CONF');
consent_category statistics defaults { include more/*.conf; }
consent_category targeting defaults { cookie utm_mine*; }
CONF

$t->write_file('html/consent/more/one.conf', "cookie mine; cookie _ga;\n");

sub http {
    my ($parameter) = @_;

    return <<"CONF";
    consent_zone zone=consent:1m;

    consent_category necessary { always on; cookie sid; }
    consent_category performance { cookie own; }
    consent_category targeting { resource ads.example; }

    server {
        listen   127.0.0.1:%%PORT%%;
        proxy_set_header  Host  \$host;

        location / { consent enforce; proxy_pass http://%%UPSTREAM%%; }
        location = /stats { consent_status; }
        location = /known { consent_status $parameter; }
    }
CONF
}

$t->http_config(http("catalogue=$conf/consent.conf"))->run;

my $r = $t->get('/');

is(scalar($r->headers('Set-Cookie')), scalar @cookies,
   'the catalogue refuses no cookie');
unlike($r->body, qr/data-consent/, 'and no resource');


# name => "category by pattern"

sub guesses {
    my ($location) = @_;

    my $known = Test::Consent::wait_for(sub {
        my $inventory =
            decode_json($t->get("$location?format=json")->body)->{inventory};
        my @entries = map { @{ $inventory->{$_} } } qw(cookies third_parties);

        return @entries == @cookies + 4 ? \@entries : undef;
    });

    return { map { $_->{name} => join ' ', grep { defined }
                                 @$_{qw(guess guessed_by)} } @$known };
}

my $guesses = guesses('/known');

is($guesses->{_ga}, 'performance _ga', 'a cookie');
is($guesses->{_hj1}, 'performance _hj*', 'by a short prefix');
like($guesses->{TS0168aefb}, qr/^necessary TS01\*/, 'by the longest one');
is($guesses->{lang}, 'functional lang', 'of a category that is not there');
is($guesses->{zz_session}, 'necessary *_session', 'by an end');
is($guesses->{'www.youtube.com'}, 'functional .youtube.com', 'a host');
is($guesses->{'x.doubleclick.net'}, 'targeting .doubleclick.net', 'another');
is($guesses->{mine}, '', 'what it does not know');
is($guesses->{'unknown.example'}, '', 'nor this host');

is_deeply([ @{ guesses('/stats') }{qw(_ga lang www.youtube.com)} ],
          [ '', '', '' ], 'without it: nothing is known');


# rules: what has no category of its own is with the rest, and says of which

my $rules = $t->get('/known?format=config')->body;
my %blocks = $rules =~ /^consent_category (\w+) \{\n(.*?)^\}/msg;

is_deeply([ sort keys %blocks ], [ qw(necessary performance targeting) ],
          'no category but those of the configuration');
like($blocks{performance}, qr/cookie +_ga; .* guess: performance, like _ga$/m,
     'one of them');
like($blocks{targeting}, qr/cookie +lang; .* guess: functional, like lang$/m,
     'one of the catalogue only');
like($blocks{targeting}, qr/cookie +mine; .* nothing is known of it$/m,
     'none');

like($t->get('/known?format=html')->body,
     qr/functional <span class="dim">like <code>\.youtube\.com/, 'the page');

$t->write_file('rules.conf', $rules);

my ($status, $output) = $t->test_http_config(<<'CONF');
    include %%TESTDIR%%/rules.conf;
    consent_category necessary { always on; }
CONF

is($status, 0, 'nginx takes it') or diag($output);


# another one, after a reload

$t->http_config(http('catalogue=%%TESTDIR%%/html/consent/known.conf'));
ok($t->reload, 'a file of one\'s own, which includes what is beside it');

$guesses = guesses('/known');

is($guesses->{mine}, 'statistics mine', 'is asked');
is($guesses->{utm_mine}, 'targeting utm_mine*', 'all of it');
is($guesses->{lang}, '', 'and no other');


# mistakes

sub wrong {
    my ($parameter, $message) = @_;

    my ($exit, $said) = $t->test_http_config(http($parameter));

    isnt($exit, 0, "refused: $parameter");
    like($said, $message, 'it says why');
}

$t->write_file('empty.conf', "# nothing\n");
$t->write_file('other.conf', "server { listen 127.0.0.1:1; }\n");
$t->write_file('broken.conf', "consent_category a { cookie ~[; }\n");
$t->write_file('twice.conf', "consent_category a { cookie x; }\n"
                             . "consent_category b { cookie x; }\n");

wrong('known=x',
      qr/invalid parameter "known=x" of "consent_status".*test\.conf:\d/);

wrong('catalogue=', qr/only "catalogue=FILE" may stand there/);

wrong('catalogue=%%TESTDIR%%/missing.conf',
      qr/missing\.conf" of "consent_status" failed.*test\.conf:\d/s);

wrong('catalogue=%%TESTDIR%%/empty.conf',
      qr/no consent_category in ".*empty\.conf"/);

wrong('catalogue=%%TESTDIR%%/other.conf',
      qr/"server" directive is not allowed here in .*other\.conf:1/);

wrong('catalogue=%%TESTDIR%%/broken.conf', qr/broken\.conf:1/);

wrong('catalogue=%%TESTDIR%%/twice.conf',
      qr/belongs to category "a" already.*twice\.conf:2/);

done_testing();
