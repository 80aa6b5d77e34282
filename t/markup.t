#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# consent_markup and consent_dialect: what blocked tags look like in the
# dialects of consent platforms, the shipped files, inheritance, mistakes.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;
my $shipped = $t->repo . '/conf/markup';
my @shipped = map { m{([^/]+)\.conf$} } glob "$shipped/*.conf";

my $rest = 'integrity="sha384-x" nonce=n async DEFER crossorigin';

my $body = <<"HTML";
<!DOCTYPE html>
<script $rest src="https://stats.example/a.js"></script>
<script src=//stats.example/m.js type=module></script>
<script class="x y">stats('init');</script>
<iframe class=film src='https://stats.example/v'>no frames</iframe>
<link rel=stylesheet href=//stats.example/s.css>
<script src="https://stats.example/own/loader.js"></script>
<script type="text/plain" src="https://stats.example/waits.js"></script>
<script src="/local.js"></script>
HTML

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html' ], body => $body };
});

my $policy = <<'CONF';
    consent_category necessary   { always on; }
    consent_category performance { resource .stats.example;
                                   inline stats(; }
    consent_category functional  { }
    consent_category targeting   { }
    consent_category social      { resource .social.example; }
CONF

my $include = join '', map { "    include $shipped/$_.conf;\n" } @shipped;

my $locations = join '', map { <<"CONF" } @shipped;
        location /$_/ {
            consent_markup  $_;
            proxy_pass      http://%%UPSTREAM%%;
        }
CONF

$t->http_config(<<"CONF")->run;
$policy

    # before the file that it changes, and behind it

    consent_dialect usercentrics { name performance "Stats & \\"Co\\""; }
    consent_dialect borlabs      { name performance stats-key; }
$include
    consent_dialect klaro        { name performance stats; }

    consent_dialect mine {
        script  type=text/plain data-mine=%c-%%;
        other   data-mine=%c src->data-url src=about:blank;
        loader  .stats.example/own/;
    }

    consent         enforce;
    consent_markup  cookiebot;

    server {
        listen  127.0.0.1:%%PORT%%;

        location /inherited/ {
            add_header  X-Variant  \$consent_variant;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /inherited/own/ {
            consent_markup  consent;
            add_header      X-Variant  \$consent_variant;
            proxy_pass      http://%%UPSTREAM%%;
        }

        location /mine/ {
            consent_markup  mine;
            add_header      X-Variant  \$consent_variant;
            proxy_pass      http://%%UPSTREAM%%;
        }

$locations
    }

    server {
        listen          127.0.0.1:%%PORT:two%%;
        consent_markup  klaro;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF


sub lines_of {
    my (@arguments) = @_;

    my @lines = split /\n/, $t->get(@arguments)->body;

    return map { s{></script>$|>stats\(.*|>no frames.*|>$}{>}r }
           @lines[1 .. 5];
}

# what a tag is in the dialect "consent"

my $own = 'data-consent="performance"';

my %own = (
    script => qq{<script type="text/plain" $own $rest }
              . 'data-consent-src="https://stats.example/a.js">',
    module => qq{<script type="text/plain" $own }
              . 'data-consent-src=//stats.example/m.js '
              . 'data-consent-type=module>',
    inline => qq{<script type="text/plain" $own class="x y">},
    frame => qq{<iframe $own class=film }
             . q{data-consent-src='https://stats.example/v'>},
    link => qq{<link $own rel=stylesheet }
            . 'data-consent-href=//stats.example/s.css>',
);


# each dialect: what is not named is as above

my $a = '"https://stats.example/a.js"';
my $m = '//stats.example/m.js';
my $v = q{'https://stats.example/v'};
my $s = '//stats.example/s.css';
my $plain = 'type="text/plain"';

my %expect = (
    onetrust => {
        script => qq{<script $plain class="optanon-category-C0002" $rest }
                  . qq{src=$a>},
        inline => qq{<script $plain class="optanon-category-C0002 x y">},
        frame => qq{<iframe class="optanon-category-C0002 film" }
                 . qq{data-src=$v>},
    },
    cookiebot => {
        script => qq{<script $plain data-cookieconsent="statistics" $rest }
                  . qq{src=$a>},
        inline => qq{<script $plain data-cookieconsent="statistics" }
                  . qq{class="x y">},
        frame => qq{<iframe data-cookieconsent="statistics" class=film }
                 . qq{data-cookieblock-src=$v>},
    },
    cookieyes => {
        script => '<script type="javascript/blocked" '
                  . qq{data-cookieyes="cookieyes-analytics" $rest src=$a>},
    },
    cookielawinfo => {
        script => qq{<script $plain data-cli-class="cli-blocker-script" }
                  . 'data-cli-script-type="analytics" data-cli-block="true" '
                  . qq{data-cli-element-position="head" $rest src=$a>},
        inline => qq{<script $plain data-cli-class="cli-blocker-script" }
                  . 'data-cli-script-type="analytics" data-cli-block="true" '
                  . 'data-cli-element-position="head" class="x y">',
    },
    klaro => {
        script => qq{<script $plain data-name="stats" }
                  . qq{data-type="text/javascript" $rest data-src=$a>},
        module => qq{<script $plain data-name="stats" data-src=$m }
                  . 'data-type=module>',
        inline => qq{<script $plain data-name="stats" }
                  . 'data-type="text/javascript" class="x y">',
        frame => qq{<iframe data-name="stats" class=film data-src=$v>},
        link => qq{<link data-name="stats" rel=stylesheet data-href=$s>},
    },
    vcc3 => {
        script => qq{<script $plain data-category="analytics" $rest }
                  . qq{data-src=$a>},
        module => qq{<script $plain data-category="analytics" data-src=$m }
                  . 'data-type=module>',
        inline => qq{<script $plain data-category="analytics" class="x y">},
    },
    vcc2 => {
        script => qq{<script $plain data-cookiecategory="analytics" $rest }
                  . qq{data-src=$a>},
        inline => qq{<script $plain data-cookiecategory="analytics" }
                  . 'class="x y">',
    },
    didomi => {
        script => '<script type="didomi/javascript" '
                  . 'data-purposes="cookies,measure_content_performance" '
                  . qq{$rest src=$a>},
        inline => '<script type="didomi/javascript" '
                  . 'data-purposes="cookies,measure_content_performance" '
                  . 'class="x y">',
    },
    complianz => {
        script => qq{<script $plain data-category="statistics" $rest }
                  . qq{data-cmplz-src=$a>},
        module => qq{<script $plain data-category="statistics" }
                  . qq{data-script-type="module" data-cmplz-src=$m }
                  . 'data-consent-type=module>',
        inline => qq{<script $plain data-category="statistics" class="x y">},
        frame => qq{<iframe data-category="statistics" class=film }
                 . qq{data-src-cmplz=$v>},
        link => qq{<link data-category="statistics" rel=stylesheet }
                . qq{data-href=$s>},
    },
    borlabs => {
        script => '<script type="text/template" '
                  . 'data-borlabs-cookie-script-blocker-id="stats-key" '
                  . "$rest data-borlabs-cookie-script-blocker-src=$a>",
        module => '<script type="text/template-module" '
                  . 'data-borlabs-cookie-script-blocker-id="stats-key" '
                  . "data-borlabs-cookie-script-blocker-src=$m "
                  . 'data-consent-type=module>',
        inline => '<script type="text/template" '
                  . 'data-borlabs-cookie-script-blocker-id="stats-key" '
                  . 'class="x y">',
    },
    usercentrics => {
        script => qq{<script $plain data-usercentrics="Stats &amp; }
                  . qq{&quot;Co&quot;" $rest src=$a>},
        inline => qq{<script $plain data-usercentrics="Stats &amp; }
                  . '&quot;Co&quot;" class="x y">',
        frame => '<iframe data-usercentrics="Stats &amp; &quot;Co&quot;" '
                 . qq{class=film uc-src=$v>},
    },
    trustarc => {
        script => qq{<script $plain trackertype="functional" }
                  . qq{class="trustecm" $rest src=$a>},
    },
    iubenda => {
        script => qq{<script $plain data-iub-purposes="4" }
                  . qq{class="_iub_cs_activate" $rest src=$a>},
        inline => qq{<script $plain data-iub-purposes="4" }
                  . 'class="_iub_cs_activate-inline x y">',
        frame => '<iframe data-iub-purposes="4" '
                 . qq{class="_iub_cs_activate film" suppressedsrc=$v }
                 . 'src="data:,">',
    },
    termly => {
        script => qq{<script $plain data-categories="analytics" $rest }
                  . qq{data-src=$a>},
        inline => qq{<script $plain data-categories="analytics" }
                  . 'class="x y">',
        frame => '<iframe data-categories="analytics" class=film '
                 . qq{data-src=$v>},
        link => '<link data-categories="analytics" rel=stylesheet '
                . qq{data-href=$s>},
    },
    civic => {
        frame => '<iframe data-cc-category="analytics" class=film '
                 . qq{data-src=$v>},
    },
    cookiefirst => {
        script => qq{<script $plain data-cookiefirst-category="performance" }
                  . qq{$rest src=$a>},
        inline => qq{<script $plain data-cookiefirst-category="performance" }
                  . 'class="x y">',
        frame => '<iframe data-cookiefirst-category="performance" class=film '
                 . qq{data-src=$v>},
    },
    cookiescript => {
        script => qq{<script $plain data-cookiescript="accepted" }
                  . qq{data-cookiecategory="performance" $rest data-src=$a>},
        inline => qq{<script $plain data-cookiescript="accepted" }
                  . 'data-cookiecategory="performance" class="x y">',
        frame => '<iframe data-cookiescript="accepted" '
                 . 'data-cookiecategory="performance" class=film '
                 . qq{data-src=$v>},
    },
    cookieinformation => {
        frame => '<iframe data-category-consent="cookie_cat_statistic" '
                 . qq{class=film data-consent-src=$v>},
    },
);

is_deeply([ sort keys %expect ], [ sort @shipped ], 'all files are tested');

my @kinds = qw(script module inline frame link);


sub is_dialect {
    my ($name, $expect, @lines) = @_;

    for my $i (0 .. $#kinds) {
        is($lines[$i], $expect->{$kinds[$i]} // $own{$kinds[$i]},
           "$name: $kinds[$i]");
    }
}

is_dialect($_, $expect{$_}, lines_of("/$_/")) for @shipped;


# inheritance

is_dialect('from http', $expect{cookiebot}, lines_of('/inherited/'));
is_dialect('back to consent', {}, lines_of('/inherited/own/'));
is_dialect('from server', $expect{klaro},
           lines_of({ port => 'two' }, '/'));


# a dialect of one's own

is_dialect('mine', {
    script => qq{<script $plain data-mine="performance-%" $rest }
              . "data-consent-src=$a>",
    frame => qq{<iframe data-mine="performance" class=film data-url=$v }
             . 'src="about:blank">',
}, lines_of('/mine/'));

my $own_src = qr{<script src="https://stats.example/own/loader.js"></script>};

like($t->get('/mine/')->body, $own_src, 'a loader is left alone');
unlike($t->get('/klaro/')->body, $own_src, '... in its own dialect only');

my $page = $t->get('/onetrust/')->body;

like($page, qr{<script type="text/plain" src="https://stats.example/waits},
     'a tag that waits already is left alone');
like($page, qr{<script src="/local.js"></script>}, 'the rest as well');


# bodies that differ have different variants

my %variant = map { $_ => $t->get($_)->header('X-Variant') }
              qw(/inherited/ /inherited/own/ /mine/);

isnt($variant{'/inherited/'}, $variant{'/inherited/own/'}, 'variants differ');
isnt($variant{'/inherited/'}, $variant{'/mine/'}, '... by the dialect');


# what a visitor accepts is not marked

is($t->get('/onetrust/', 'Cookie: '
           . $t->consent_cookie(name => 'consent',
                                categories => [ 'performance', 'social' ]))
     ->body, $body, 'nothing is blocked, nothing is marked');


# configurations

my ($exit, $output) = $t->test_http_config($include);

is($exit, 0, 'all files without a policy') or diag($output);

sub good {
    my ($name, $text) = @_;

    my ($status, $said) = $t->test_http_config($policy . $text);

    is($status, 0, "good: $name") or diag($said);
}

sub bad {
    my ($name, $text, @messages) = @_;

    my ($status, $said) = $t->test_http_config($policy . $text);

    isnt($status, 0, "bad: $name");
    like($said, $_, "bad: $name: message") for @messages;
    like($said, qr/\[emerg\].*test\.conf:\d+$/m, "bad: $name: place");
}

my $mine = 'other data-x=%c src->data-src;';

good('use before declaration', <<"CONF");
    consent_markup mine;
    consent_dialect mine { $mine }
CONF

good('an ordinary block wins over defaults', <<"CONF");
    consent_dialect mine { $mine name performance a; only_named off; }
    consent_dialect mine defaults { $mine name performance b;
                                    only_named on; name nothing c; }
CONF

$t->write_file('line.conf', "$mine\n");

good('include in a block', 'consent_dialect mine { include line.conf; }');

good('every kind of word', <<'CONF');
    consent_dialect every-1 {
        script  type=text/plain type->data-type=text/javascript
                "class=a-%c b" data-y=%% src->src;
        inline  type=text/plain;
        module  type=text/plain data-y=module src->data-src;
        other   'data-x=a "%c"' src->data-src src=data:, href->data-href
                xlink:href->data-xlink;
        loader  .cdn.example cdn.example/x/ /own/cmp.js ~^https://x\.;
        name    performance "two words";
        only_named on;
    }
CONF

bad('an unknown dialect', 'consent_markup nonesuch;',
    qr/unknown dialect "nonesuch" in "consent_markup", there are: consent;/,
    qr/include its file/);
bad('consent_markup twice', "consent_dialect mine { $mine } "
    . 'server { consent_markup klaro; consent_markup mine; }',
    qr/"consent_markup" directive is duplicate/);
bad('an unknown dialect among others', "consent_dialect mine { $mine } "
    . 'server { consent_markup klaro; }', qr/there are: consent, mine;/);

bad('a dialect named consent', "consent_dialect Consent { $mine }",
    qr/the dialect "Consent" is built in.*choose another name/);
bad('a bad name', "consent_dialect a.b { $mine }",
    qr/invalid name "a\.b" in "consent_dialect", use 1 to 32 letters/);
bad('a long name', 'consent_dialect ' . 'x' x 33 . " { $mine }",
    qr/use 1 to 32 letters/);
bad('something behind the name', "consent_dialect mine default { $mine }",
    qr/unexpected "default" .* only "defaults" may stand there/);
bad('a dialect without lines', 'consent_dialect klaro { name social s; }',
    qr/dialect "klaro" does not say how tags are written/,
    qr/include the file/);
bad('a line twice', "consent_dialect mine { $mine $mine }",
    qr/"other" of dialect "mine" is given in .*test\.conf:\d+ already: remove/);
bad('a line twice, in two blocks',
    "consent_dialect mine { $mine } consent_dialect mine { $mine }",
    qr/"other" of dialect "mine" is given in/);
bad('a name twice',
    "consent_dialect mine { $mine name social a; name social b; }",
    qr/"social" of dialect "mine" is given in/);
bad('only_named twice',
    "consent_dialect mine { $mine only_named on; only_named on; }",
    qr/"only_named" of dialect "mine" is given in/);
bad('only_named',
    "consent_dialect mine { $mine only_named yes; }",
    qr/invalid value "yes" in "only_named", it must be "on" or "off"/);
bad('an unknown category',
    "consent_dialect mine { $mine name socal a; }",
    qr/unknown category "socal" in "name", there are: necessary, perf/);
bad('an empty name', "consent_dialect mine { $mine name social ''; }",
    qr/the name of category "social" is empty/);
bad('a loader', "consent_dialect mine { $mine loader http://x.example/; }",
    qr/invalid "loader": /);
bad('a script that runs', 'consent_dialect mine { script data-x=1; }',
    qr/invalid "script": a script would run without consent: give it a type/);
bad('a word', 'consent_dialect mine { other data-x; }',
    qr/invalid "data-x" in "other": write NAME=VALUE/);
bad('an attribute name', 'consent_dialect mine { other "a b=1"; }',
    qr/invalid "a b=1" in "other": the name of an attribute/);
bad('a live attribute', 'consent_dialect mine { other src->href; }',
    qr/invalid "src->href" in "other": browsers fetch/);
bad('a directive of another block',
    "consent_dialect mine { $mine cookie a; }",
    qr/"cookie" directive is not allowed here/);
bad('a directive in the wrong place', 'loader .x.example;',
    qr/"loader" directive is not allowed here/);
bad('a dialect in a server', "server { consent_dialect mine { $mine } }",
    qr/"consent_dialect" directive is not allowed here/);

done_testing();
