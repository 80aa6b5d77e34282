#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# consent_cache: what caches between nginx and the reader are told about
# pages, and that other responses are left alone.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script><p>text';

# sends the header lines that the request asks for

$t->upstream(sub {
    my ($request) = @_;

    my @lines = map { $_->[1] } grep { lc $_->[0] eq 'x-send' }
                $request->headers;
    my ($status) = $request->uri =~ /status=(\d+)/;
    my $type = $request->uri =~ /css/ ? 'text/css' : 'text/html';

    return {
        status => $status // 200,
        headers => [ $request->uri =~ /typeless/ ? () : "Content-Type: $type",
                     'ETag: "v1"', @lines ],
        body => $request->uri =~ /empty/ ? '' : $page,
    };
});

$t->http_config(<<'CONF')->run;
    consent  $http_x_mode;

    consent_category performance { resource .stats.example; }

    proxy_cache_path  %%TESTDIR%%/cache  keys_zone=pages:1m;

    gzip_min_length  1;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /vary/ {
            consent_cache  vary;
            proxy_pass     http://%%UPSTREAM%%;

            location /vary/inner/ {
                proxy_pass  http://%%UPSTREAM%%;
            }

            location /vary/private/ {
                consent_cache  private;
                proxy_pass     http://%%UPSTREAM%%;
            }
        }

        location /signals/ {
            consent_signal  gpc  deny=performance;
            consent_signal  dnt  deny=performance;
            proxy_pass      http://%%UPSTREAM%%;

            location /signals/gpc/ {
                consent_signal  gpc  deny=performance;
                proxy_pass      http://%%UPSTREAM%%;
            }
        }

        location /off/ {
            consent_cache  off;
            proxy_pass     http://%%UPSTREAM%%;
        }

        location /expires/ {
            expires     1h;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /expires_max/ {
            expires     max;
            add_header  Cache-Control  public;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /added/ {
            add_header  Cache-Control  "public, max-age=60"  always;
            add_header  Vary           "X-Thing"             always;
            add_header  CDN-Cache-Control  max-age=600;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /gzip/ {
            gzip        on;
            gzip_vary   on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /proxied/ {
            gzip          on;
            gzip_proxied  private;
            proxy_pass    http://%%UPSTREAM%%;
        }

        location /proxied/only/ {
            gzip          on;
            gzip_proxied  no-store;
            proxy_pass    http://%%UPSTREAM%%;
        }

        location /return/ {
            default_type  text/html;
            return        200  "<p>made here";
        }

        location /moved/ {
            return  301  /;
        }

        location /kept/ {
            proxy_cache      pages;
            proxy_cache_key  $uri;
            add_header       X-Cache  $upstream_cache_status;
            proxy_pass       http://%%UPSTREAM%%;
        }
    }
CONF

my $accepted = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                          categories => [ 'performance' ]);
my $refused = 'Cookie: ' . $t->consent_cookie(name => 'consent');


# what is said, as "name: value" lines of the headers for caches

sub told {
    my ($r) = @_;

    return [ map { "$_->[0]: $_->[1]" }
             grep { $_->[0] =~ /cache-control|^expires$|^vary$|^pragma$
                                |surrogate|edge|accel|litespeed/ix }
             $r->headers ];
}


sub ask {
    my ($uri, $lines, @headers) = @_;

    return told($t->get($uri, 'X-Mode: enforce', @headers,
                        map { "X-Send: $_" } @$lines));
}


my @private = ('Cache-Control: private, no-cache', 'Vary: Cookie');
my $past = 'Expires: Thu, 19 Nov 1981 08:52:00 GMT';
my $future = 'Expires: Fri, 01 Jan 2099 00:00:00 GMT';


# private

my @cases = (
    [ 'nothing said' => [], \@private ],
    [ 'public' => [ 'Cache-Control: public, max-age=600, s-maxage=3600' ],
      \@private ],
    [ 'private' => [ 'Cache-Control: private, max-age=600' ], \@private ],
    [ 'already so' => [ 'Cache-Control: private, no-cache' ], \@private ],
    [ 'no-cache of fields' => [ 'Cache-Control: no-cache="Set-Cookie"' ],
      \@private ],
    [ 'stale' => [ 'Cache-Control: max-age=1, stale-while-revalidate=600, '
                   . 'stale-if-error=600, immutable' ], \@private ],
    [ 'no-store' => [ 'Cache-Control: no-store' ],
      [ 'Cache-Control: private, no-cache, no-store', 'Vary: Cookie' ] ],
    [ 'no-store in a second line' =>
      [ 'Cache-Control: public', 'Cache-Control: max-age=60, NO-STORE' ],
      [ 'Cache-Control: private, no-cache, no-store', 'Vary: Cookie' ] ],
    [ 'no-transform' =>
      [ 'Cache-Control: no-transform,must-revalidate , max-age=5' ],
      [ 'Cache-Control: private, no-cache, no-transform, must-revalidate',
        'Vary: Cookie' ] ],
    [ 'three lines' => [ 'Cache-Control: public', 'cache-control: max-age=1',
                         'CACHE-CONTROL: s-maxage=5' ], \@private ],
    [ 'an empty line' => [ 'Cache-Control:' ], \@private ],
    [ 'Expires' => [ $future ], \@private ],
    [ 'Expires and more' => [ $past, $future, 'Expires: 0',
                              'Cache-Control: max-age=60' ], \@private ],
    [ 'Pragma' => [ 'Pragma: no-cache' ], [ 'Pragma: no-cache', @private ] ],
    [ 'Surrogate-Control' => [ 'Surrogate-Control: max-age=3600' ],
      \@private ],
    [ 'targeted' =>
      [ 'CDN-Cache-Control: max-age=600', 'cdn-cache-control: public',
        'Cloudflare-CDN-Cache-Control: max-age=600',
        'Akamai-Cache-Control: max-age=600', 'Edge-Control: max-age=600',
        'X-LiteSpeed-Cache-Control: public, max-age=600',
        'Cache-Control: no-store' ],
      [ 'Cache-Control: private, no-cache, no-store', 'Vary: Cookie' ] ],
    [ 'Vary' => [ 'Vary: Accept-Encoding' ],
      [ 'Vary: Accept-Encoding, Cookie', 'Cache-Control: private, no-cache' ] ],
    [ 'Vary: Cookie' => [ 'vary: cookie' ],
      [ 'vary: cookie', 'Cache-Control: private, no-cache' ] ],
    [ 'Vary in lines' => [ 'Vary: Accept', 'Vary: User-Agent, COOKIE' ],
      [ 'Vary: Accept', 'Vary: User-Agent, COOKIE',
        'Cache-Control: private, no-cache' ] ],
    [ 'two lines of Vary' => [ 'Vary: Accept', 'Vary: Origin' ],
      [ 'Vary: Accept, Cookie', 'Vary: Origin',
        'Cache-Control: private, no-cache' ] ],
    [ 'Vary: *' => [ 'Vary: *' ],
      [ 'Vary: *', 'Cache-Control: private, no-cache' ] ],
    [ 'an empty Vary' => [ 'Vary:' ],
      [ 'Vary: Cookie', 'Cache-Control: private, no-cache' ] ],
);

for my $case (@cases) {
    my ($name, $lines, $want) = @$case;

    for my $cookie ($accepted, $refused) {
        is_deeply(ask('/', $lines, $cookie), $want, "private: $name");
    }
}

for my $status (404, 403, 500, 410, 206) {
    my $r = $t->get("/?status=$status", 'X-Mode: enforce', $accepted,
                    'X-Send: Cache-Control: max-age=60');

    is($r->header('Cache-Control'), 'private, no-cache', "private: $status");
}

is_deeply(ask('/return/', []), \@private, 'private: return');
is_deeply(ask('/typeless', [ 'Cache-Control: max-age=60' ], $refused),
          \@private, 'private: what may be read as a page');

my $head = $t->head('/', 'X-Mode: enforce', $refused,
                    'X-Send: Cache-Control: max-age=60');

is_deeply(told($head), \@private, 'private: HEAD');
is_deeply(told($t->request('POST', '/', 'X-Mode: enforce',
                           'Content-Length: 0',
                           'X-Send: Cache-Control: max-age=60')),
          \@private, 'private: POST');


# nginx's own directives run before

is_deeply(ask('/expires/', []), \@private, 'expires');
is_deeply(ask('/expires_max/', []), \@private, 'expires max, add_header');
is_deeply(ask('/added/', []),
          [ 'Cache-Control: private, no-cache', 'Vary: X-Thing, Cookie' ],
          'add_header');
is_deeply(ask('/added/', [ 'Cache-Control: no-store', 'Vary: Cookie' ]),
          [ 'Cache-Control: private, no-cache, no-store', 'Vary: Cookie',
            'Vary: X-Thing' ], 'add_header and the site');

my $r = $t->get('/gzip/', 'X-Mode: enforce', 'Accept-Encoding: gzip');

is($r->header('Content-Encoding'), 'gzip', 'gzip');
is_deeply([ sort $r->headers('Vary') ], [ 'Accept-Encoding', 'Cookie' ],
          'gzip_vary');

$r = $t->get('/proxied/', 'X-Mode: enforce', 'Accept-Encoding: gzip',
             'Via: 1.1 cache');

is($r->header('Content-Encoding'), 'gzip', 'gzip_proxied private');

for my $line ('X-Nothing: 1', 'Cache-Control: max-age=60') {
    is($t->get('/proxied/only/', 'X-Mode: enforce', 'Accept-Encoding: gzip',
               'Via: 1.1 cache', "X-Send: $line")->header('Content-Encoding'),
       undef, "gzip_proxied no-store, $line: it is private");
}


# signals decide, too

is_deeply(ask('/signals/', [ 'Vary: sec-gpc' ]),
          [ 'Vary: sec-gpc, Cookie, DNT', 'Cache-Control: private, no-cache' ],
          'both signals');
is_deeply(ask('/signals/gpc/', []),
          [ 'Cache-Control: private, no-cache', 'Vary: Cookie, Sec-GPC' ],
          'one of them');


# what holds no page

my @site = ('Cache-Control: public, max-age=600', 'Vary: Accept', $future,
            'Surrogate-Control: max-age=60', 'CDN-Cache-Control: max-age=60');

for my $status (301, 302, 303, 307, 308) {
    is_deeply(ask("/?status=$status", [ @site, 'Location: /' ]), \@site,
              "a redirect: $status");
}

is_deeply(ask('/moved/', []), [], 'return 301');
is_deeply(ask('/css', \@site), \@site, 'a style sheet');
is_deeply(ask('/typeless/empty', \@site), \@site, 'nothing at all');
is_deeply(ask('/?status=204', \@site), \@site, 'no content');


# vary

@cases = (
    [ 'nothing said' => [], [ 'Vary: Cookie' ] ],
    [ 'the site decides' => [ 'Cache-Control: public, max-age=600', $future,
                              'CDN-Cache-Control: max-age=60' ],
      [ 'Cache-Control: public, max-age=600', $future,
        'CDN-Cache-Control: max-age=60', 'Vary: Cookie' ] ],
    [ 'two lines' => [ 'Cache-Control: public', 'Cache-Control: max-age=1' ],
      [ 'Cache-Control: public', 'Cache-Control: max-age=1',
        'Vary: Cookie' ] ],
    [ 'merged' => [ 'Vary: Accept,Origin' ],
      [ 'Vary: Accept,Origin, Cookie' ] ],
    [ 'there already' => [ 'Vary: Accept', 'Vary: cookie' ],
      [ 'Vary: Accept', 'Vary: cookie' ] ],
    [ 'everything' => [ 'Vary: *' ], [ 'Vary: *' ] ],
);

for my $case (@cases) {
    my ($name, $lines, $want) = @$case;

    is_deeply(ask($_, $lines, $refused), $want, "$_: $name")
        for '/vary/', '/vary/inner/';
}

is_deeply(ask('/vary/private/', [ 'Cache-Control: max-age=5' ]), \@private,
          'back to private');


# off, and no enforcement: nothing is touched

is_deeply(ask('/off/', \@site, $_), \@site, 'off') for $accepted, $refused;

for my $mode ('report', 'off') {
    for my $uri ('/', '/vary/', '/off/') {
        my $r = $t->get($uri, "X-Mode: $mode", $refused,
                        map { "X-Send: $_" } @site, 'Vary: Origin');

        is_deeply(told($r), [ @site, 'Vary: Origin' ], "$uri, mode $mode");
        is($r->header('ETag'), '"v1"', "$uri, mode $mode: ETag");
    }
}


# the caches of nginx itself hold what the site sent

for my $n (1, 2) {
    for my $cookie ($accepted, $refused) {
        my $r = $t->get('/kept/', 'X-Mode: enforce', $cookie,
                        'X-Send: Cache-Control: max-age=600');

        is_deeply(told($r), \@private, "proxy_cache, $n: told");
        is($r->header('X-Cache'), $n == 1 && $cookie eq $accepted ? 'MISS'
                                                                 : 'HIT',
           "proxy_cache, $n: kept");
    }
}

$r = $t->get('/kept/', 'X-Mode: off', $refused);

is_deeply(told($r), [ 'Cache-Control: max-age=600' ],
          'proxy_cache: as the site sent it');


# a redirect that leads nowhere is shown as a page

for my $status (301, 302, 307) {
    for my $lines ([], [ 'X-Send: Location:' ]) {
        $r = $t->get("/?status=$status", 'X-Mode: enforce', $refused, @$lines,
                     'X-Send: Cache-Control: public, max-age=600');

        is_deeply(told($r), \@private,
                  "$status without " . (@$lines ? 'a target' : 'Location'));
    }
}

$r = $t->get('/?status=302', 'X-Mode: enforce', $refused,
             'X-Send: location: /x',
             'X-Send: Cache-Control: public, max-age=600');

is_deeply(told($r), [ 'Cache-Control: public, max-age=600' ],
          'one that leads elsewhere is as the site sent it');


# configuration

my ($status, $output) = $t->test_http_config(<<'CONF');
    server { consent_cache public; }
CONF

ok($status, 'an unknown value');
like($output, qr/invalid value "public" in "consent_cache", it must be /,
     'which is said');
like($output, qr/ "private" or "vary" or "off" in .*test\.conf:\d+/,
     'with those there are');

($status, $output) = $t->test_http_config(<<'CONF');
    server { consent_cache vary; consent_cache off; }
CONF

ok($status, 'twice');
like($output, qr/"consent_cache" directive is duplicate in .*:\d+/,
     'which is said');

done_testing();
