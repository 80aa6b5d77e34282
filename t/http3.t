#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# HTTP/3: crumbs of Cookie, changed and unchanged pages, files, damaged and
# encoded bodies, validators.  Debian 12 has neither a curl nor an nginx for
# it: "make matrix" runs this where a release has both.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Encode;
use Test::Consent::Page qw(page policy cookies same);

my $t = Test::Consent->new;

if (!$t->has_http3) {
    plan skip_all => 'no HTTP/3 in curl or nginx';
}

my @page = page(100);
my @large = page(3000);

my %bodies = (
    page => [ $page[0] ],
    large => [ $large[0] ],
    gzip => [ Test::Consent::Encode::encode('gzip', $page[0]),
              'Content-Encoding: gzip' ],
    damaged => [ substr(Test::Consent::Encode::encode('gzip', $large[0]),
                        0, 4000), 'Content-Encoding: gzip' ],
    unknown => [ 'undecoded ' x 10, 'Content-Encoding: x-none' ],
);

$t->upstream(sub {
    my ($request) = @_;

    my ($name) = $request->uri =~ m{/(\w+)};
    my ($body, @headers) = @{ $bodies{$name} };

    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: sid=1',
                          'Set-Cookie: _ga=1', 'ETag: "1"', @headers ],
             body => $body, cut => [ 1, 5000 ], step => 0 };
});

$t->write_file('large.html', $large[0]);
$t->write_file('style.css', 'p { color: red }');

my $dir = $t->dir;

is(system("openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=localhost"
          . " -keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null"), 0,
   'a certificate');

$t->http_config(policy() . <<'CONF')->run;
    consent             enforce;
    proxy_http_version  1.1;

    types {
        text/html  html;
        text/css   css;
    }

    server {
        listen  127.0.0.1:%%PORT%% quic;
        listen  127.0.0.1:%%PORT%% ssl;
        root    %%TESTDIR%%;

        ssl_certificate      cert.pem;
        ssl_certificate_key  key.pem;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /files/ {
            alias  %%TESTDIR%%/;
        }
    }
CONF

my $consent = $t->consent_cookie(name => 'consent',
                                 categories => [ 'performance' ]);


# a visitor who refused, with the cookies in crumbs

for my $name (qw(page gzip)) {
    my $r = $t->http3("/$name", 'Cookie: _ga=1', 'Cookie: sid=2');

    is($r->status, 200, "$name: status");
    same($r->body, $page[1], "$name: what is refused is blocked");
    ok($r->complete, "$name: complete");
    is(cookies($r), 'sid=1', "$name: its cookies");
    is($r->header('Content-Length') // length $r->body, length $r->body,
       "$name: no length but its own");
    is($t->last_request->header('Cookie'), 'sid=2',
       "$name: the cookies that the site gets");
    is(join('|', sort grep { /^_ga=; Max-Age=0/ } $r->headers('Set-Cookie')),
       '_ga=; Max-Age=0; Path=/; Secure|'
       . '_ga=; Max-Age=0; Path=/; Secure; Partitioned|'
       . "_ga=; Max-Age=0; Path=/$name; Secure|"
       . "_ga=; Max-Age=0; Path=/$name; Secure; Partitioned",
       "$name: what the visitor had is deleted");
}

same($t->http3('/large')->body, $large[1], 'a large page');
same($t->http3('/files/large.html')->body, $large[1], 'a large file');


# one who accepted

my $r = $t->http3('/page', "Cookie: $consent", 'Cookie: _ga=1');

same($r->body, $page[0], 'accepted: the page');
is(cookies($r), 'sid=1|_ga=1', 'accepted: its cookies');
is($r->header('Content-Length'), length $page[0], 'accepted: its length');
is($t->last_request->header('Cookie'), "$consent; _ga=1",
   'accepted: the site gets all cookies');


# what cannot be read

$r = $t->http3('/unknown');

is($r->status, 502, 'an unknown coding');
unlike($r->body, qr/undecoded/, 'an unknown coding: nothing of it');

$r = $t->http3('/damaged');

ok($r->status == 502 || !$r->complete, 'a truncated body is not complete');

$t->allow_log(qr/consent/);


# a validator is for the state in which it was given

my $tag = $t->http3('/page', "Cookie: $consent")->header('ETag');

ok(defined $tag, 'accepted: a validator');

$t->http3('/page', "Cookie: $consent", "If-None-Match: $tag");
is($t->last_request->header('If-None-Match'), '"1"',
   'accepted: the site gets its own');

$t->http3('/page', "If-None-Match: $tag");
isnt($t->last_request->header('If-None-Match'), '"1"',
     'refused: the site does not');

$r = $t->http3('/files/style.css');
is($r->body, 'p { color: red }', 'a style sheet');

$r = $t->http3('/files/style.css', 'If-None-Match: ' . $r->header('ETag'));
is($r->status, 304, 'a style sheet, not modified');

done_testing();
