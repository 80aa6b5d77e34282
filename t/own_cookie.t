#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The module's own consent cookie: what counts as a decision, and that
# nothing else grants anything or breaks anything.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $key = 'k' x 40;
my $old = 'o' x 32;

$t->write_file('new.key', "$key\n");
$t->write_file('old.key', $old);
chmod 0600, $t->dir . "/$_.key" for 'new', 'old';

$t->http_config(<<'CONF')->run;
    consent_policy  3;

    consent_category necessary   { always on; }
    consent_category performance { cookie _ga; }
    consent_category functional  { }

    large_client_header_buffers  4 64k;

    server {
        listen  127.0.0.1:%%PORT%%;
        consent enforce;

        location / {
            return  200  "$consent_state|$consent_decision|$consent_source";
        }

        location /signed {
            consent_key  new.key old.key;
            return       200  "$consent_state|$consent_decision";
        }

        location /short {
            consent_cookie  choice max_age=1h;
            return          200  "$consent_state|$consent_decision";
        }
    }

    server {
        listen   127.0.0.1:%%PORT:early%%;
        consent  enforce;
        root     %%TESTDIR%%;

        set  $early  $consent_state;

        location / {
            consent_key  new.key old.key;
            add_header   X-State  "$early|$consent_state";
        }

        location /return {
            consent_key  new.key old.key;
            return       200  "$early|$consent_state";
        }
    }

    server {
        listen   127.0.0.1:%%PORT:h2%% http2;
        consent  enforce;
        return   200  "$consent_state|$consent_decision|$consent_source";
    }
CONF

my $now = time;


sub value {
    return $t->consent_cookie(policy => 3, categories => [ 'performance' ],
                              @_);
}


sub state_of {
    my ($uri, @lines) = @_;

    my $r = $t->get($uri, map { "Cookie: $_" } @lines);

    return $r->status == 200 ? $r->body : 'status ' . $r->status;
}

my $given = 'necessary,performance|explicit|own';
my $nothing = 'necessary|default|';


# unsigned, without a key

is(state_of('/'), $nothing, 'no cookie');
is(state_of('/', 'consent=' . value()), $given, 'a decision');
is(state_of('/', 'consent=' . value(categories => [])),
   'necessary|explicit|own', 'a refusal is a decision');
is(state_of('/', 'consent=' . value(
        categories => [ 'functional', 'performance' ])),
   'necessary,performance,functional|explicit|own', 'several categories');
is(state_of('/', 'a=1; consent=' . value() . '; b=2'), $given,
   'among other cookies');
is(state_of('/', 'a=1', 'consent=' . value(), 'b=2'), $given,
   'on a line of its own');
is(state_of('/', '  consent  =  ' . value() . '  '), $given, 'white space');

for my $case (
    [ 'another policy, older',  { policy => 2 } ],
    [ 'another policy, newer',  { policy => 4 } ],
    [ 'policy 0',               { policy => 0 } ],
    [ 'policy with a zero',     { policy => '03' } ],
    [ 'policy that overflows',  { policy => '18446744073709551619' } ],
    [ 'expired',                { issued => $now - 180 * 86400 - 60 } ],
    [ 'issued long ago',        { issued => 0 } ],
    [ 'issued in the future',   { issued => $now + 3600 } ],
    [ 'issued: not a number',   { issued => '1x' } ],
    [ 'issued: empty',          { issued => '' } ],
    [ 'issued: a sign',         { issued => "+$now" } ],
    [ 'issued: leading zero',   { issued => "0$now" } ],
    [ 'issued: overflow',       { issued => '9' x 30 } ],
    [ 'id: too short',          { id => 'A' x 21 } ],
    [ 'id: too long',           { id => 'A' x 23 } ],
    [ 'id: other characters',   { id => 'A' x 21 . '+' } ],
    [ 'categories: empty name', { categories => [ 'performance', '' ] } ],
    [ 'categories: separator',  { categories => [ 'performance,functional' ] } ],
    [ 'categories: space',      { categories => [ 'performance functional' ] } ],
    [ 'categories: bytes',      { categories => [ "performance\xff" ] } ],
)
{
    my ($name, $fields) = @$case;

    is(state_of('/', 'consent=' . value(%$fields)), $nothing, $name);
}

is(state_of('/', 'consent=' . value(issued => $now - 180 * 86400 + 60)),
   $given, 'not yet expired');
is(state_of('/', 'consent=' . value(issued => $now + 1)), $given,
   'clocks may differ a little');
is(state_of('/', 'consent=' . value(
        categories => [ 'unknown', 'performance', 'Performance' ])),
   $given, 'unknown categories are ignored');
is(state_of('/', 'consent=' . value(categories => [ 'necessary' ])),
   'necessary|explicit|own', 'an always-category is ignored');

is(state_of('/short', 'choice=' . value(issued => $now - 3500)),
   'necessary,performance|explicit', 'name and max_age of consent_cookie');
is(state_of('/short', 'choice=' . value(issued => $now - 3700)),
   'necessary|default', 'expired by its max_age');
is(state_of('/short', 'consent=' . value()), 'necessary|default',
   'the default name does not count there');


# form

my $good = value();

for my $case (
    [ 'empty',                  'consent=' ],
    [ 'no value',               'consent' ],
    [ 'quoted',                 qq{consent="$good"} ],
    [ 'another name',           "Consent=$good" ],
    [ 'a longer name',          "consentx=$good" ],
    [ 'a prefix in the name',   "xconsent=$good" ],
    [ 'behind a comma',         "a=1,consent=$good" ],
    [ 'behind a comma and blank', "a=1, consent=$good" ],
    [ 'in a quoted value',      qq{a="x;y, consent=$good"} ],
    [ 'another version',        'consent=' . $good =~ s/^1/2/r ],
    [ 'no version',             'consent=' . $good =~ s/^1\.//r ],
    [ 'a field too many',       "consent=$good.x" ],
    [ 'a dot too many',         "consent=$good." ],
    [ 'percent-encoded',        'consent=' . $good =~ s/\./%2E/gr ],
    [ 'not UTF-8',              "consent=\xff\xfe$good" ],
    [ 'JSON',                   'consent={"performance":true}' ],
    [ 'all',                    'consent=all' ],
    [ 'true',                   'consent=true' ],
)
{
    my ($name, $line) = @$case;

    is(state_of('/', $line), $nothing, "unsigned: $name");
}

is(state_of('/', 'consent=' . '1.' x 4096), $nothing, '8 KB of fields');
is(state_of('/', "consent=$good" . '+performance' x 700), $nothing,
   '8 KB of categories');
is(state_of('/', 'consent=' . 'A' x 30000), $nothing, '30 KB of nothing');
is(state_of('/', 'x=' . 'A' x 30000 . "; consent=$good"), $given,
   'behind a cookie of 30 KB');

# at the last byte the name of a category is cut, which is only unknown

my @cut = grep { state_of('/', 'consent=' . substr $good, 0, $_)
                 !~ /^necessary\|/ } 0 .. length($good) - 1;

is("@cut", '', 'cut anywhere: nothing is granted');


# duplicates

my $other = value(categories => [ 'functional' ]);

is(state_of('/', "consent=$good; consent=$good"), $given, 'twice the same');
is(state_of('/', "consent=$good", "consent=$good"), $given,
   'twice the same, two lines');
is(state_of('/', "consent=$good; consent=$other"), $nothing,
   'two that differ');
is(state_of('/', "consent=$other", "consent=$good"), $nothing,
   'two that differ, two lines');
is(state_of('/', "consent=$good; consent="), $nothing, 'one is empty');
is(state_of('/', join '; ', ("consent=$good") x 50), $given, '50 times');
is(state_of('/', join('; ', ("consent=$good") x 50) . '; consent=x'),
   $nothing, '50 times and another one');


# signatures

sub signed {
    return 'consent=' . value(key => $key, @_);
}

is(state_of('/signed', signed()), 'necessary,performance|explicit', 'signed');
is(state_of('/signed', signed(key => $old)), 'necessary,performance|explicit',
   'signed with an older key');
is(state_of('/signed', signed(categories => [])), 'necessary|explicit',
   'a signed refusal');
is(state_of('/signed', signed(key => 'n' x 32)), 'necessary|default',
   'signed with a foreign key');
is(state_of('/signed', "consent=$good"), 'necessary|default', 'unsigned');
is(state_of('/', signed()), $given, 'without a key a signature is not needed');
is(state_of('/signed', signed(policy => 2)), 'necessary|default',
   'signed for another policy');
is(state_of('/signed', signed(issued => $now - 200 * 86400)),
   'necessary|default', 'signed and expired');

my $signed = signed();

is(state_of('/signed', $signed =~ s/performance/functional/r),
   'necessary|default', 'another category under the signature');
is(state_of('/signed', $signed =~ s/performance/performance+functional/r),
   'necessary|default', 'one more category under the signature');
is(state_of('/signed', $signed =~ s/\.A{22}\./'.' . 'B' x 22 . '.'/er),
   'necessary|default', 'another id under the signature');
is(state_of('/signed', $signed =~ s/~.*/~/r), 'necessary|default',
   'an empty signature');
is(state_of('/signed', $signed =~ s/\.\w{4}~/.0000~/r), 'necessary|default',
   'another key named');
is(state_of('/signed', $signed =~ s/\.(\w{4})~/'.' . uc($1) . '~'/er)
   =~ /default/ || $signed =~ /\.\d{4}~/ ? 1 : 0, 1,
   'the name of the key is lower case');
is(state_of('/signed', "${signed}A"), 'necessary|default',
   'a longer signature');
is(state_of('/signed', "$signed="), 'necessary|default',
   'a padded signature');

@cut = grep { state_of('/signed', substr $signed, 0, $_)
              ne 'necessary|default' } length('consent=') .. length($signed) - 1;

is("@cut", '', 'cut anywhere: no decision');

my @flipped = grep {
    my $forged = $signed;

    substr($forged, $_, 1) = substr($forged, $_, 1) eq 'x' ? 'y' : 'x';
    state_of('/signed', $forged) ne 'necessary|default';
} length('consent=') .. length($signed) - 1;

is("@flipped", '', 'any other byte: no decision');

# 22 characters hold 132 bits, 128 are used

my $spare = $signed =~ s/(.)$/
    my $c = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    substr $c, index($c, $1) + 1, 1/er;

is(state_of('/signed', $spare), 'necessary|default',
   'spare bits of the signature');


# the tool writes what the module reads

SKIP: {
    my $tool = $t->repo . '/build/consent-cookie';

    skip 'consent-cookie is not built', 2 unless -x $tool;

    my $dir = $t->dir;

    chomp(my $value = qx{$tool make --policy 3 --accept performance});
    is(state_of('/', "consent=$value"), $given, 'consent-cookie, unsigned');

    chomp($value = qx{$tool make --policy 3 --accept performance \\
                      --key $dir/new.key});
    is(state_of('/signed', "consent=$value"),
       'necessary,performance|explicit', 'consent-cookie, signed');
}

# asked for before the location is known, by whose key it counts

$t->write_file('page.txt', 'page');

is($t->get({ port => 'early' }, '/page.txt', "Cookie: consent=$good")
       ->header('X-State'), 'necessary,performance|necessary',
   'the key of the location decides in the end');
is($t->get({ port => 'early' }, '/return', "Cookie: consent=$good")->body,
   'necessary,performance|necessary', 'also before anything is looked for');

SKIP: {
    skip 'no HTTP/2 in curl or nginx', 2 unless $t->has_http2;

    is($t->http2({ port => 'h2' }, '/', 'Cookie: a=1', "Cookie: consent=$good")
           ->body, $given, 'HTTP/2');
    is($t->http2({ port => 'h2' }, '/', "Cookie: consent=$other",
                 "Cookie: consent=$good")->body, $nothing,
       'HTTP/2: two that differ');
}

unlike($t->error_log, qr/\Q$good\E|\Q$key\E/,
       'neither cookie values nor keys are logged');

done_testing();
