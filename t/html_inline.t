#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Inline scripts: judged by their text within consent_buffer, and a longer
# one made invalid if it is found out after its beginning was sent.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $filler = join '', map { "var a$_ = 'text $_';\n" } 1 .. 400;

my %script = (
    plain => "gtag('config', 'X');",
    regex => "(function(h){hj('init', 1)})(window)",
    accepted => "maps.load(1);",
    none => "var x = \"<img src='https://x.fine.example/'>\";",
    named => "var x = \"<img src='https://x.stats.example/'>\";",
    named_late => "$filler; load('//x.stats.example/a.js');\n$filler",
    comment => "a(); // https://x.stats.example/",
    exempt => "__STATE__ = {u: '//x.stats.example/'}; start()",
    refused => "__STATE__ = 1; gtag('config', 'X')",
    map => '{"imports":{"a":"https://x.stats.example/a.js"}}',
    early => "gtag('config', 'X');\n$filler",
    late => "$filler gtag('config', 'X');\n$filler",
    end => "$filler gtag('config', 'X')",
    long => $filler,
    data => "gtag('config', 'X');",
    redos => 'a' x 40 . '!',
);

$t->upstream(sub {
    my ($request) = @_;

    my ($name) = $request->uri =~ m{(\w+)$};
    my $type = $name eq 'data' ? ' type="application/ld+json"'
               : $name eq 'map' ? ' type="importmap"' : '';

    return { headers => [ 'Content-Type: text/html' ],
             body => "<p><script$type>$script{$name}</script>"
                     . '<img src="https://x.stats.example/">',
             cut => [ length $name, 3000 ], step => 0 };
});

$t->http_config(<<'CONF')->run;
    consent_category performance {
        resource  .stats.example;
        inline    "gtag('config'"  ~hj\(\s*'init;
    }

    consent_category necessary  { always on; inline __STATE__; }
    consent_category functional { inline maps.load(; }
    consent_category hostile    { inline "~^(a+)+$"; }

    consent         enforce;
    consent_buffer  2k;

    log_format  figures  '$uri $consent_resources_blocked';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /remove/ {
            consent_block  remove;
            proxy_pass     http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent_inline  off;
            add_header      X-Variant  $consent_variant;
            proxy_pass      http://%%UPSTREAM%%;

            location /off/on/ {
                consent_inline  on;
                add_header      X-Variant  $consent_variant;
                proxy_pass      http://%%UPSTREAM%%;
            }

            location /off/inherited/ {
                add_header      X-Variant  $consent_variant;
                proxy_pass      http://%%UPSTREAM%%;
            }
        }
    }
CONF

my $cookie = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                 categories => [ 'functional' ]);
my $image = '<img data-consent="performance" data-consent-src='
            . '"https://x.stats.example/">';


sub body {
    my ($uri) = @_;

    return $t->get($uri, $cookie)->body;
}


sub marked {
    my ($name, $category) = @_;

    return "<p><script type=\"text/plain\" data-consent=\"$category\">"
           . "$script{$name}</script>$image";
}

is(body('/plain'), marked('plain', 'performance'), 'a substring');
is(body('/regex'), marked('regex', 'performance'), 'a regular expression');
is(body('/early'), marked('early', 'performance'),
   'a long script, found out in time');
is(body('/accepted'), "<p><script>$script{accepted}</script>$image",
   'an accepted category');
is(body('/none'), "<p><script>$script{none}</script>$image",
   'no pattern: nothing in a script is a tag');
is(body('/long'), "<p><script>$script{long}</script>$image",
   'a long script without a pattern');
is(body('/data'), "<p><script type=\"application/ld+json\">$script{data}"
   . "</script>$image", 'a data block');

is(body('/named'), marked('named', 'performance'), 'a host that it names');
is(body('/comment'), "<p><script>$script{comment}</script>$image",
   'a host in a comment');
is(body('/exempt'), "<p><script>$script{exempt}</script>$image",
   'a pattern of a category that cannot be refused');
is(body('/refused'), marked('refused', 'performance'),
   'which frees no other pattern');


# consent_inline off

for my $where (qw{off off/inherited}) {
    is(body("/$where/plain"), "<p><script>$script{plain}</script>$image",
       "$where: a pattern");
    is(body("/$where/named"), "<p><script>$script{named}</script>$image",
       "$where: a host");
}

is(body('/off/map'), '<p><script type="text/plain" data-consent="performance"'
   . " data-consent-type=\"importmap\">$script{map}</script>$image",
   'off: an import map is no script that runs');
is(body('/off/on/plain'), marked('plain', 'performance'), 'on again');

my %variant = map { $_ => $t->get("/$_/plain", $cookie)->header('X-Variant') }
              qw{off off/inherited off/on};

is($variant{off}, $variant{'off/inherited'}, 'one variant');
isnt($variant{off}, $variant{'off/on'}, 'on and off are variants');

like(body('/redos'), qr/data-consent="hostile">aaaa/,
     'a regular expression that gives up counts as a match');
ok($t->wait_for_log(qr/\[warn\].*match limit/), 'which is logged');

is(body('/remove/plain'), '<p>', 'remove');
is(body('/remove/early'), '<p>', 'remove: a long script, found out in time');


# found out late: everything is there, and something that is no JavaScript

for my $name (qw{late end named_late}) {
    my $got = body("/$name");
    my ($before, $spoiler, $after) =
        $got =~ m{^<p><script>(.*?)(\n\n\*/\n\\x`\n\\x)(.*)</script>}s;

    ok(defined $spoiler, "$name: spoiled");
    is(($before // '') . ($after // ''), $script{$name},
       "$name: not a byte is missing");
    like($after // '', qr/gtag|stats/, "$name: before what gave it away");
    like($got, qr/\Q$image\E$/, "$name: the page goes on");
}

ok($t->wait_for_log(qr/\[warn\].*inline script.*consent_buffer/),
   'late: logged with the remedy');

is($t->get('/report/late', $cookie)->body,
   "<p><script>$script{late}</script><img src=\"https://x.stats.example/\">",
   'report: nothing changes');


# where node is there, ask a JavaScript engine

SKIP: {
    my $node = `node --version 2>/dev/null`;

    skip 'no node', 2 unless $node;

    for my $name (qw{late end}) {
        my ($text) = body("/$name") =~ m{<script>(.*)</script>}s;

        $t->write_file('late.js', $text);

        my $file = $t->expand('%%TESTDIR%%/late.js');

        isnt(system("node --check $file >/dev/null 2>&1"), 0,
             "$name: no JavaScript");
    }
}

done_testing();
