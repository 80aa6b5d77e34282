#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What GET, HEAD and OPTIONS find behind consent_endpoint, and what HTTP says
# about each of it.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->write_file('own.key', 'k' x 40);
chmod 0600, $t->dir . '/own.key';

$t->write_file('page.html', <<'HTML');
<p>$host, $consent_state</p>
<!-- consent: each category -->
<b>$consent_page_name</b>
<!-- consent: end -->
HTML

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html' ], body => '<p>upstream' };
});

my $catalogue = join ' ', map { "cat$_" } 1 .. 65;
my $many = join ' ', map { "cookie$_" } 1 .. 40;

$t->http_config(<<"CONF")->run;
    consent_policy  7;
    consent_key     own.key;

    consent_category necessary { always on; title "Strictly necessary"; }

    consent_category performance {
        title    "Counting & <measuring>";
        about    "Counts \\"visits\\" and nothing's else.";
        max_age  395d;
        cookie   _ga _ga_* ~^_hj ~^__utma\$ ~(a|b)c;
        resource .google-analytics.com www.googletagmanager.com/gtag/;
        inline   secret-inline-pattern;
        declare  _ga  "purpose=Tells visitors apart" "lifetime=2 years"
                      "provider=Google Ireland";
        declare  NID  "provider=Google LLC";
    }

    consent_category performance defaults { cookie _ga _other; }

    consent_category many { cookie $many; }

    consent_category many defaults {
        cookie    $catalogue;
        resource  listed.example;
        declare   cat7 "purpose=Known";
    }

    consent_category empty { }

    server {
        listen   127.0.0.1:%%PORT%%;
        consent  enforce;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /.consent/ {
            consent_endpoint;
        }

        location "/ca f\x{e9}/" {
            consent_endpoint;
        }

        location /choice {
            consent_endpoint;
        }

        location /own/ {
            consent_endpoint;
            consent_template  page page.html;
        }

        location /if/ {
            consent_endpoint;

            if (\$arg_x) {
                set \$nothing "";
            }
        }

        location /limited/ {
            consent_endpoint;

            limit_except GET POST OPTIONS {
                deny  all;
            }
        }

        location /open/ {
            consent_endpoint;

            limit_except GET {
                allow  all;
            }
        }

        location /off/ {
            consent  off;
            consent_endpoint;
        }
    }
CONF

my $given = 'Cookie: ' . $t->consent_cookie(
    name => 'consent', policy => 7, categories => [ 'many' ],
    key => 'k' x 40, id => 'B' x 22, issued => time - 3600);


# the page

my $r = $t->get('/.consent/');

is($r->status, 200, 'page');
is($r->header('Content-Type'), 'text/html; charset=utf-8', 'its type');
is($r->header('Cache-Control'), 'no-store', 'is not stored');
is($r->header('ETag'), undef, 'has no validator');
is($r->header('Vary'), undef, 'nor anything of a page of the site');
is(scalar($r->headers('Set-Cookie')), 0, 'and sets nothing');
like($r->header('Content-Security-Policy'), qr/frame-ancestors 'none'/,
     'nobody may frame it');
is($r->header('X-Content-Type-Options'), 'nosniff', 'nosniff');
cmp_ok(length $r->body, '<', 15 * 1024, 'page is small');
unlike($r->body, qr/<script|\bon\w+=|style=|https?:/i,
       'without script, inline style or another host');
like($r->body, qr/<html lang="en" dir="ltr">/, 'in English');
like($r->body, qr{<form method="post" action="/\.consent/">}, 'a form');

for my $choice ('all', 'none', 'some') {
    like($r->body,
         qr/<button class="consent-button" name="choice" value="$choice">/,
         "button: $choice");
}

like($r->body, qr/name="choice" value="some".*value="none".*value="all"/s,
     'the Enter key saves what is ticked and accepts nothing more');
like($r->body, qr/Counting &#38; &#60;measuring&#62;/, 'titles are escaped');
like($r->body, qr/Counts &#34;visits&#34; and nothing&#39;s else\./,
     'and what they are about');
unlike($r->body, qr/value="necessary"/, 'always: no box to tick');
like($r->body, qr/Always on/, 'but a word');

for my $shown ('_ga_*', '_hj*', '__utma', '(a|b)c', 'NID', '_other',
               'google-analytics.com', 'www.googletagmanager.com/gtag/')
{
    like($r->body, qr{<code>\Q$shown\E</code>}, "names $shown");
}

is(scalar(() = $r->body =~ m{<code>_ga</code>}g), 1,
   'a rule that overrides the catalogue once');
unlike($r->body, qr/secret-inline/, 'patterns of scripts are no services');
is(scalar(() = $r->body =~ m{<code>cookie\d+</code>}g), 12,
   'long lists are cut');
like($r->body, qr{href="/\.consent/cookies#many"}, 'and lead to all of them');
unlike($r->body, qr/checked/, 'nothing is ticked');
like($r->body, qr/not chosen yet/, 'no choice');
unlike($r->body, qr/name="return"/, 'nowhere to go back to');

$r = $t->get('/.consent/', $given);

is(scalar(() = $r->body =~ /checked/g), 1, 'what was accepted is ticked');
like($r->body, qr/value="many"[^>]* checked/, 'that very one');
like($r->body, qr/B{22}/, 'the reference of the choice');
like($r->body, qr{<dd>7</dd>}, 'the policy');

my @day = gmtime(time - 3600);

my $day = sprintf '%d-%02d-%02d', $day[5] + 1900, $day[4] + 1, $day[3];

like($r->body, qr/datetime="$day"/, 'the day of the choice');

my $head = $t->head('/.consent/');

is($head->status, 200, 'HEAD');
is($head->header('Content-Length'), length $t->get('/.consent/')->body,
   'HEAD: the length of the page');
is($head->body, '', 'HEAD: no body');


# the way back

for my $case (
    [ '/a/b?c=d&e',           '/a/b?c=d&#38;e',    'a path with a query' ],
    [ '/',                    '/',                 'the root' ],
    [ '//evil.example/',      undef,               'another host' ],
    [ '/\\evil.example/',     undef,               'a backslash' ],
    [ '/a\\b',                undef,               'a backslash later' ],
    [ 'https://evil.example', undef,               'a URL' ],
    [ 'javascript:alert(1)',  undef,               'a script' ],
    [ 'a',                    undef,               'a relative path' ],
    [ "/a\tb",                undef,               'a tab' ],
    [ "/\n/evil.example",     undef,               'a line feed' ],
    [ "/\x{c3}\x{a9}",        undef,               'not ASCII' ],
    [ '',                     undef,               'empty' ],
    [ '/' . 'x' x 1023,       '/' . 'x' x 1023,    'a long one' ],
    [ '/' . 'x' x 1024,       undef,               'too long' ],
    [ '/"><script>',          '/&#34;&#62;&#60;script&#62;', 'markup' ],
)
{
    my ($path, $want, $name) = @$case;
    my $encoded = $path =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger;
    my ($got) = $t->get("/.consent/?x=1&return=$encoded")->body
                =~ /name="return" value="([^"]*)"/;

    is($got, $want, "return: $name");
}

for my $case (
    [ 'http://localhost/a?b',     '/a?b', 'of this site' ],
    [ 'https://localhost/a',      '/a',   'by https, before a balancer' ],
    [ 'https://localhost:443/a',  '/a',   'the default port' ],
    [ 'http://localhost:81/a',    undef,  'of another port' ],
    [ 'http://evil.example/a',    undef,  'of another site' ],
    [ 'http://localhost@evil.example/a', undef, 'of another site, disguised' ],
    [ 'http://localhost//evil.example/', undef, 'a path of two slashes' ],
    [ 'http://localhost/.consent/cookies', undef, 'the endpoint itself' ],
    [ 'nonsense',                 undef,  'no URL' ],
)
{
    my ($referer, $want, $name) = @$case;
    my ($got) = $t->get('/.consent/', "Referer: $referer")->body
                =~ /name="return" value="([^"]*)"/;

    is($got, $want, "Referer: $name");
}


# the list of cookies

$r = $t->get('/.consent/cookies');

is($r->status, 200, 'cookies');
is($r->header('Cache-Control'), 'no-cache', 'cookies: to be asked for again');
like($r->header('ETag'), qr/^"[\w-]+"$/, 'cookies: by its tag');
is(scalar(() = $r->body =~ m{<code>cookie\d+</code>}g), 40,
   'cookies: all of them');
is(join(' ', $r->body =~ m{<code>(cat\d+|listed.example)</code>}g), 'cat7',
   'cookies: of a catalogue only what is declared');
like($r->body, qr{<code>_ga</code></th><td>Tells\ visitors\ apart</td>
                  <td>2\ years</td><td>Google\ Ireland</td>}x,
     'cookies: as declared');
like($r->body, qr{<code>_ga_\*</code></th><td>Counts[^<]*</td>
                  <td>395\ days</td><td>localhost</td>}x,
     'cookies: else what is known');
like($r->body, qr{<code>google-analytics.com</code></th><td>[^<]*</td>
                  <td>[^<]*</td><td>google-analytics.com</td>}x,
     'cookies: services');
is($t->get('/.consent/cookies', $given)->body, $r->body,
   'cookies: the same for everybody');
is($t->get('/.consent/cookies',
           'If-None-Match: ' . $r->header('ETag'))->status, 304,
   'cookies: 304');
is($t->get('/.consent/cookies', 'Accept: text/html',
           'If-None-Match: ' . $r->header('ETag'))->status, 304,
   'cookies: 304 for a browser');
is($t->get('/.consent/cookies', 'If-None-Match: "x"')->status, 200,
   'cookies: another tag');


# the style sheet

$r = $t->get('/.consent/style.css');

is($r->status, 200, 'style');
is($r->header('Content-Type'), 'text/css', 'style: its type');
like($r->header('Cache-Control'), qr/max-age=\d+/, 'style: is kept');
unlike($r->body, qr/url\(|\@import/, 'style: fetches nothing');
is($t->get('/.consent/style.css',
           'If-None-Match: ' . $r->header('ETag'))->status, 304, 'style: 304');


# the state

$r = $t->get('/.consent/state');

is($r->header('Content-Type'), 'application/json', 'state: its type');
is($r->header('Cache-Control'), 'no-store', 'state: is not stored');
like($r->body, qr/^\{"decision":"default","required":true,"policy":7,
                   "accepted":\["necessary"\],
                   "refused":\["performance","many","empty"\],
                   "categories":\[\{"name":"necessary",
                   "title":"Strictly\ necessary","always":true,
                   "accepted":true\},/x, 'state: no choice');
like($r->body, qr/"Counting & \\u003Cmeasuring>"/,
     'state: safe within a script');

$r = $t->get('/.consent/state', $given);

like($r->body, qr/^\{"decision":"explicit","required":false,"policy":7,
                   "id":"B{22}","issued":\d+,
                   "accepted":\["necessary","many"\],/x, 'state: a choice');


# what a blocked frame shows

$r = $t->get('/.consent/blocked?category=performance',
             'Referer: http://localhost/page?x');

is($r->status, 200, 'blocked');
is($r->header('Cache-Control'), 'no-store', 'blocked: is not stored');
like($r->header('Content-Security-Policy'), qr/frame-ancestors 'self'/,
     'blocked: may be in a frame of the site');
like($r->body, qr/<strong>Counting &#38; /, 'blocked: what it needs');
like($r->body, qr/name="accept" value="performance"/, 'blocked: allows it');
like($r->body, qr{name="return" value="/page\?x"}, 'blocked: and goes back');
like($r->body, qr/name="choice" value="add"/, 'blocked: keeps the others');
is($t->get("/.consent/blocked$_")->status, 404, "blocked$_: 404")
    for '', '?category=', '?category=unknown', '?category=%zz', '?x=1';


# methods

for my $case ([ '', 'GET, HEAD, POST, DELETE, OPTIONS' ],
              map { [ $_, 'GET, HEAD, OPTIONS' ] }
              'state', 'cookies', 'blocked', 'style.css')
{
    my ($name, $allow) = @$case;

    my $options = $t->request('OPTIONS', "/.consent/$name");

    is($options->status, 204, "OPTIONS $name");
    is($options->header('Allow'), $allow, "OPTIONS $name: Allow");
    is($options->header('Access-Control-Allow-Origin'), undef,
       "OPTIONS $name: no other site");

    for my $method ('PUT', 'PATCH', 'PROPFIND',
                    $name eq '' ? () : ('POST', 'DELETE'))
    {
        my $refused = $t->request($method, "/.consent/$name",
                                  'Content-Length: 0');

        is($refused->status, 405, "$method $name");
        is($refused->header('Allow'), $allow, "$method $name: Allow");
    }
}


# where it is

is($t->get("/.consent/$_")->status, 404, "404: $_")
    for 'nothing', 'state/', 'cookies/x', 'STATE', 'style.css.map';

like($t->get('/choice')->body, qr{action="/choice/"}, 'without a slash');
is($t->get('/choice/state')->status, 200, 'without a slash: state');
is($t->get('/choices')->status, 404, 'without a slash: another word');
like($t->get('/ca%20f%E9/')->body, qr{action="/ca%20f%E9/"},
     'an odd path is escaped');
like($t->get('/if/?x=1')->body, qr{action="/if/"}, '"if" in the location');
is($t->request('DELETE', '/limited/')->status, 403, '"limit_except" denies');
is($t->request('OPTIONS', '/limited/')->status, 204, 'and lets others pass');
is($t->request('DELETE', '/open/')->status, 200, '... to the endpoint');
like($t->get('/off/')->body, qr{action="/off/"}, 'where consent is off');


# a template

$r = $t->get('/own/');

like($r->body, qr{^<p>localhost,\ necessary</p>\n
                  <b>necessary</b>\n<b>performance</b>\n<b>many</b>\n}x,
     'a template of the site');
unlike($r->header('Content-Security-Policy'), qr/default-src/,
       'may have what it wants');

done_testing();
