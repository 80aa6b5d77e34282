#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Sources in nginx: consent_source and consent_use, which decision counts,
# what follows from it, and cookies of a platform, which are never touched.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;
my $sources = abs_path(dirname(abs_path(__FILE__)) . '/../conf/sources');

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=1',
                          'Set-Cookie: ad=1', 'Set-Cookie: OptanonConsent=x',
                          'Set-Cookie: cmplz_marketing=deny' ],
             body => '<script src="//x.ads.example/a.js"></script>'
                     . '<script src="//x.stats.example/a.js"></script>',
             step => 0 };
});

$t->http_config(<<"CONF")->run;
    consent_category necessary   { always on; cookie sid; }
    consent_category functional  { cookie lang; }
    consent_category performance { cookie _ga; resource .stats.example; }

    # with the names of cookies that belong to platforms

    consent_category targeting   { cookie ad Optanon* cmplz_* usprivacy klaro
                                          bannered; resource .ads.example; }

    include $sources/onetrust.conf;
    include $sources/cookiebot.conf;
    include $sources/complianz.conf;
    include $sources/tcf.conf;
    include $sources/usp.conf;
    include $sources/gpp.conf;
    include $sources/klaro.conf;

    consent_source onetrust {
        grant  targeting  "groups.bg7";
        own    bannered;
    }

    consent_source plain {
        cookie   choice;
        parse    cookies;
        decided  self=yes|no;
        implied  "self=maybe";
        reset    "self=old";
        grant    functional   self=yes;
        grant    performance  "self=yes|maybe";
    }

    consent      enforce;
    consent_use  onetrust;

    add_header  X-State     \$consent_state     always;
    add_header  X-Decision  \$consent_decision  always;
    add_header  X-Source    \$consent_source    always;
    add_header  X-Variant   \$consent_variant   always;

    large_client_header_buffers  4 32k;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /both/ {
            consent_use  own onetrust;
            return       200;

            location /both/usp/ {
                consent_use  own onetrust usp gpp;
                return       200;
            }
        }

        location /other/ {
            consent_use  onetrust own plain;
            return       200;
        }

        location /tcf/ {
            consent_use  cookiebot tcf;
            return       200;
        }

        location /signal/ {
            consent_signal  usp deny=functional,performance;
            consent_signal  gpc deny=targeting;
            proxy_pass      http://%%UPSTREAM%%;
        }

        location /plain/ {
            consent_use      plain;
            consent_default  targeting;
            consent_signal   gpc deny=performance,targeting;
            proxy_pass       http://%%UPSTREAM%%;

            location /plain/accept/ {
                consent_implied  accept;
                return           200;
            }
        }

        location /off/ {
            consent      off;
            consent_use  klaro;
            return       200;
        }
    }

    # nobody asks

    server {
        listen       127.0.0.1:%%PORT:quiet%%;
        consent      off;
        consent_use  plain;
        add_header   X-Quiet  1;

        location / {
            return  200  quiet;
        }

        location /asked {
            return  200  \$consent_source;
        }
    }

    server {
        listen       127.0.0.1:%%PORT:early%%;
        consent_use  plain;
        set          \$early  \$consent_state;

        location / {
            consent_use  onetrust plain;
            return       200  "\$early|\$consent_state|\$consent_source";
        }
    }
CONF

my $closed = 'OptanonAlertBoxClosed=2024-07-15T07:20:51.814Z';


sub onetrust {
    my (%on) = @_;

    return 'OptanonConsent=isGpcEnabled=0&landingPath=NotLandingPage&groups='
           . join('%2C', map { "$_%3A$on{$_}" } sort keys %on);
}


sub said {
    my ($uri, $cookies, @headers) = @_;

    my $r = $t->get($uri, $cookies eq '' ? () : "Cookie: $cookies", @headers);

    return join ' ', map { $r->header("X-$_") // '-' }
                     'Decision', 'Source', 'State';
}


sub own {
    return $t->consent_cookie(name => 'consent', categories => [ @_ ]);
}


# the decision of a platform

my $two = onetrust(C0002 => 1, C0003 => 0, C0004 => 0);

is(said('/', ''), 'default - necessary', 'no cookie');
is(said('/', "$closed; $two"), 'explicit onetrust necessary,performance',
   'a decision');
is(said('/', $two), 'implied onetrust necessary',
   'an implied one is denied');
is(said('/', "$closed; " . onetrust(C0004 => 1)),
   'explicit onetrust necessary', 'the default grant of a category is gone');
is(said('/', "$closed; " . onetrust(BG7 => 1)),
   'explicit onetrust necessary,targeting', 'where a block has its own');
is(said('/', 'optanonconsent=x; ' . $closed), 'default - necessary',
   'names are case-sensitive');
is(said('/', "a=1,$two; $closed"), 'default - necessary',
   'a comma separates no cookies');

my $r = $t->get('/', "Cookie: $closed", 'Cookie: a=1', "Cookie: $two");

is($r->header('X-State'), 'necessary,performance', 'in several lines');

my $landing = 'OptanonConsent=landingPath=https%3A%2F%2Fsite%2F%3F%26groups'
              . '%3DC0002%3A1%2CBG7%3A1&groups=C0002%3A0';

is(said('/', "$closed; $landing"), 'explicit onetrust necessary',
   'a crafted address grants nothing');
is(said('/', "$closed; $landing; $two"), 'explicit onetrust necessary',
   'the first of two cookies counts');
is(said('/', "$closed; OptanonConsent=groups=C0002%3A1%2C" . 'x' x 8192),
   'default - necessary', 'a value over the limit');
ok($t->wait_for_log(qr/\[info\].*source "onetrust" is no decision: over a limit/),
   'which is logged');
is(said('/', "$closed; OptanonConsent=%%%"), 'default - necessary',
   'a broken value');
ok($t->wait_for_log(qr/\[info\].*source "onetrust" is no decision: malformed/),
   'which is logged');


# what follows from it

$r = $t->get('/', "Cookie: $closed; $two; _ga=1; ad=2; klaro=1");
my $seen = $t->last_request;

is($seen->header('Cookie'), "$closed; $two; _ga=1",
   'the upstream sees what was accepted and the cookies of the platform');
is(join('|', grep { !/Max-Age=0/ } $r->headers('Set-Cookie')),
   '_ga=1|OptanonConsent=x', 'its cookies are set, and no others');
is(join('|', sort map { /^(\w+)=; Max-Age=0/ ? $1 : () }
             $r->headers('Set-Cookie')),
   'ad|klaro', 'and are not deleted');
like($r->body, qr/text\/plain.*ads.*<script src="[^"]*stats/, 'the page');
like($r->header('Vary'), qr/Cookie/, 'caches are told');
isnt($r->header('X-Variant'), $t->get('/')->header('X-Variant'),
     'the variant');

$t->get('/', 'Cookie: bannered=1; OptanonAlertBoxClosed=1; usprivacy=1YNN');
is($t->last_request->header('Cookie'),
   'bannered=1; OptanonAlertBoxClosed=1; usprivacy=1YNN',
   'cookies of "own" in both layers, and those of expressions');


# The cookie of a platform may be SameSite=Strict: that none came with a
# request from another site says nothing, and nothing is deleted.

for my $case ([ 'cross-site', '' ], [ 'same-origin', 'ad' ], [ 'none', 'ad' ])
{
    my ($site, $deleted) = @$case;

    my $r = $t->get('/', 'Cookie: ad=1', 'Sec-Fetch-Dest: document',
                    "Sec-Fetch-Site: $site");

    my %lines = map { /^(\w+)=; Max-Age=0/ ? ($1 => 1) : () }
                $r->headers('Set-Cookie');

    is(join('|', sort keys %lines), $deleted,
       "cookies that are deleted in a page reached by: $site");
}


# several sources

is(said('/both/', own('functional') . "; $closed; $two"),
   'explicit own necessary,functional', 'the first decides');
is(said('/other/', own('functional') . "; $closed; $two"),
   'explicit onetrust necessary,performance', 'in their order');
is(said('/both/', "consent=broken; $closed; $two"),
   'explicit onetrust necessary,performance',
   'the next, where the first has no decision');
is(said('/other/', own('functional') . "; $two"),
   'explicit own necessary,functional',
   'an explicit decision goes before an implied one');
is(said('/other/', "$two; choice=no"), 'explicit plain necessary',
   'also if it refuses');
is(said('/tcf/', 'euconsent-v2=COv_eg6Ov_eg6AOADBENAaCgAP_AAH_AACiQAVEUQQoAIQAqIoghAAQgAA.YAAAAAAAAAAAAAAAAAA'),
   'explicit tcf necessary,functional,performance,targeting', 'TCF');
is(said('/both/', "OptanonAlertBoxClosed=1; OptanonConsent=x"),
   'default - necessary', 'none of them');
is(said('/off/', 'klaro=%7B%22analytics%22%3Atrue%7D'),
   'explicit klaro necessary,performance', 'the state where consent is off');


# implied, reset, defaults

is(said('/plain/', 'choice=maybe'), 'implied plain necessary,targeting',
   'implied counts as undecided: the default holds');
is(said('/plain/accept/', 'choice=maybe'),
   'implied plain necessary,performance', 'or as a decision');
is(said('/plain/accept/', 'choice=old'), 'default - necessary,targeting',
   'to be asked again');
ok($t->wait_for_log(qr/source "plain" is no decision: the visitor is to be asked again/),
   'which is logged');
is(said('/plain/accept/', 'choice=no'), 'explicit plain necessary',
   'a refusal goes before the default');
is(said('/plain/accept/', 'choice=maybe', 'Sec-GPC: 1'),
   'signal plain necessary', 'a signal goes before an implied decision');
is(said('/plain/', 'choice=yes', 'Sec-GPC: 1'),
   'explicit plain necessary,functional,performance',
   'but not before an explicit one');


# what only refuses

my $all = own('functional', 'performance', 'targeting');

is(said('/both/usp/', "$all; usprivacy=1YNN"),
   'explicit own necessary,functional,performance,targeting',
   'nobody opted out');
is(said('/both/usp/', "$all; usprivacy=1YYN"),
   'explicit own necessary,functional,performance',
   'an opt-out holds against any decision');
is(said('/both/usp/', "$all; OTGPPConsent=DBABLA~BVQqAAAAAgA.YA"),
   'explicit own necessary,functional,performance', 'also by GPP');
is(said('/both/usp/', 'usprivacy=1YNN'), 'default - necessary',
   'it never grants');
is(said('/signal/', "$closed; $two; usprivacy=1YYN"),
   'explicit onetrust necessary', 'as a signal, about other categories');
is(said('/signal/', "$closed; $two; usprivacy=1YNN"),
   'explicit onetrust necessary,performance', 'or not');
is($t->get('/signal/')->header('Vary'), 'Cookie, Sec-GPC',
   'it is in a cookie');
$t->get('/signal/', 'Cookie: usprivacy=1YYN');
is($t->last_request->header('Cookie'), 'usprivacy=1YYN',
   'which is not touched');


# once for a request

is($t->get({ port => 'early' }, '/early', "Cookie: $closed; OptanonConsent=%%%; "
           . 'choice=old')->body,
   'necessary|necessary|', 'asked for in two levels');
ok($t->wait_for_log(qr/"plain" is no decision.*"GET \/early /), 'logged');
is(scalar(() = $t->error_log =~ /"plain" is no decision.*"GET \/early /g), 1,
   'and read once');


is($t->get({ port => 'quiet' }, '/quiet', 'Cookie: choice=old')->body,
   'quiet', 'not needed');
is($t->get({ port => 'quiet' }, '/asked', 'Cookie: choice=old')->body, '',
   'needed');
ok($t->wait_for_log(qr/"plain" is no decision.*"GET \/asked /), 'is read');
unlike($t->error_log, qr/"plain" is no decision.*"GET \/quiet /,
       'and not if nothing needs it');


# mistakes

my $policy = 'consent_category necessary { always on; } '
             . "consent_category performance { }\n";


sub wrong {
    my ($what, $text, @messages) = @_;

    my ($exit, $output) = $t->test_http_config($policy . $text);

    isnt($exit, 0, $what);
    like($output, $_, "$what: $_") for @messages;
}

my $source = 'cookie x; parse json; grant performance a;';

wrong('expression', qq[consent_source x { cookie x; parse json;\n decided "has(a) & hsa(b)"; }],
      qr/invalid expression "has\(a\) & hsa\(b\)" in "decided", at character 10 where "hsa\(b\)" begins: there is no such function, use has, cookie, any, all or every in .*test\.conf:\d+/);
wrong('end of an expression', 'consent_source x { decided "a & "; }',
      qr/at character 5, its end: a token or a function is missing/);
wrong('parenthesis', 'consent_source x { decided "(a | b"; }',
      qr/at character 7, its end: expected "\)"/);
wrong('parenthesis too many', 'consent_source x { decided "a) | b"; }',
      qr/at character 2 where "\) \| b" begins: there is no "\("/);
wrong('two tokens', 'consent_source x { decided "a b"; }',
      qr/at character 3 where "b" begins: expected "&", "\|" or the end/);
wrong('number', 'consent_source x { decided "a>=x"; }',
      qr/at character 4 where "x" begins: expected a whole number/);
wrong('value', 'consent_source x { decided "a= & b"; }',
      qr/at character 4 where "& b" begins: a value is missing/);
wrong('glob', 'consent_source x { decided "a.*"; }',
      qr/say with any\(\), all\(\) or every\(\)/);
wrong('depth', 'consent_source x { decided "' . '(' x 40 . 'a' . ')' x 40 . '"; }',
      qr/too many "!" and parentheses/);
wrong('length', 'consent_source x { decided "' . 'a|' x 400 . 'a"; }',
      qr/too long/);
wrong('grants to everybody', 'consent_source x { grant performance "!a"; }',
      qr/holds for a visitor of whom nothing is known/);
wrong('category', "consent_source x { cookie x; parse json;\n grant perf a; }",
      qr/source "x": unknown category "perf".* in .*test\.conf:\d+/);
wrong('always', "consent_source x { cookie x; parse json; deny necessary a; }",
      qr/"necessary" has "always on" and cannot be refused/);
wrong('directive', 'consent_source x { cookies x; }', qr/cookies/);
wrong('parser', 'consent_source x { parse xml; }',
      qr/invalid "xml" in "parse": there is no such parser, use cookies, kv/);
wrong('separators', 'consent_source x { parse kv "&"; }',
      qr/two separators are missing/);
wrong('transform', 'consent_source x { transform url gzip; }',
      qr/invalid "gzip" in "transform": there is no such transform, use url/);
wrong('argument of a transform', 'consent_source x { transform strip; }',
      qr/a text is missing behind it/);
wrong('shape', 'consent_source x { shape "(a"; }',
      qr/invalid "\(a" in "shape": missing closing parenthesis/);
wrong('name of a cookie', 'consent_source x { cookie "a*b"; }',
      qr/"\*" may stand at one end of a name/);
wrong('into', 'consent_source x { into a; }',
      qr/write the name of a token and a parser for its value/);
wrong('no argument', 'consent_source x { decided; }',
      qr/an expression is missing/);
wrong('twice', "consent_source x { parse json;\n parse kv a b; }",
      qr/"parse" of source "x" is given twice, remove one of them; the first is in .*test\.conf:\d+/);
wrong('grant twice', "consent_source x { grant performance a; grant performance b; }",
      qr/"performance" of source "x" is given twice/);
wrong('no cookie', 'consent_source x { parse json; grant performance a; }',
      qr/source "x": it names no cookie: add "cookie NAME"/);
wrong('no parser', 'consent_source x { cookie x; grant performance a; }',
      qr/source "x": it does not say how its cookie is written: add "parse"/);
wrong('name', "consent_source gpc { $source }",
      qr/a source cannot be named "gpc"/);
wrong('name', "consent_source 'a b' { $source }", qr/invalid name "a b" in "consent_source"/);
wrong('defaults', "consent_source a default { $source }",
      qr/only "defaults" may stand there/);
wrong('use', "consent_source x { $source } consent_use own y;",
      qr/unknown consent source "y" in "consent_use", there are: own, x; include its file of the folder "sources".*test\.conf:\d+/);
wrong('use twice', "consent_source x { $source } consent_use x x;",
      qr/consent source "x" is named twice/);
wrong('use of what grants nothing', "consent_source x { cookie x; parse json; } consent_use x;",
      qr/source "x" grants none of the categories that exist: add "consent_source x \{ grant CATEGORY EXPRESSION; \}".*test\.conf:\d+/);
wrong('signal', "consent_source x { $source } consent_signal x deny=performance;",
      qr/source "x" refuses nothing and is no signal/);
wrong('signal', 'consent_signal usp deny=performance;',
      qr/unknown consent source "usp" in "consent_signal"/);
wrong('implied', 'consent_implied maybe;', qr/invalid value "maybe" in "consent_implied", it must be "deny" or "accept"/);

my ($exit, $output) = $t->test_http_config($policy
    . 'consent enforce; consent_use x; consent_source x defaults { grant nobody b; } '
    . "consent_source x { $source }");

is($exit, 0, 'declared behind its use, a default about no category')
    or diag($output);
unlike($output, qr/consent_key/, 'no word about keys, where "own" is not used');

done_testing();
