#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Cookies of refused categories that the browser has sent are deleted by the
# header of pages: which ones, when, and within what bounds.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->upstream(sub {
    my ($request) = @_;

    my ($status) = $request->uri =~ m{/status/(\d+)};
    my @headers = ('Content-Type: '
                   . ($request->uri =~ /json/ ? 'application/json'
                                              : 'text/html; charset=utf-8'));

    push @headers, 'Set-Cookie: lang=de; Max-Age=100' if $request->uri =~ /sets/;
    push @headers, 'Location: /' if ($status // 0) =~ /^30/;
    push @headers, 'X-Long: ' . 'x' x 3000 if $request->uri =~ /long/;
    push @headers, 'X-Accel-Redirect: /elsewhere/page'
        if $request->uri =~ /accel/;

    return { status => $status // 200, headers => \@headers,
             body => 'a page', step => 0 };
});

$t->write_file('page.html', 'a static page' x 10);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga _ga_* __Host-p __Secure-p wide*; }
    consent_category functional  { cookie lang; on_deny session; }
    consent_category marketing   { cookie ~_ad$; resource .ads.example; }

    log_format  expired  '$uri $consent_cookies_expired '
                         '$consent_cookies_blocked $consent_cookies_hidden';
    access_log  %%TESTDIR%%/expired.log  expired;

    proxy_set_header  Host  $host;
    default_type      text/html;

    server {
        listen  127.0.0.1:%%PORT%%;
        listen  127.0.0.1:%%PORT:other%%;
        root    %%TESTDIR%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location = /page.html {
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /no/ {
            consent_expire  off;
            proxy_pass      http://%%UPSTREAM%%;

            location /no/yes/ {
                consent_expire  on;
                proxy_pass      http://%%UPSTREAM%%;
            }
        }

        location /pass/ {
            consent_request_cookies  pass;
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /strict/ {
            consent_unclassified  cookie=marketing;
            proxy_pass            http://%%UPSTREAM%%;
        }

        location /named/ {
            consent_cookie        choice samesite=strict;
            consent_unclassified  cookie=marketing;
            proxy_pass            http://%%UPSTREAM%%;
        }

        location /none/ {
            consent_cookie  consent samesite=none;
            proxy_pass      http://%%UPSTREAM%%;
        }

        location /return {
            return  403  'refused';
        }

        location /status/500 {
            proxy_intercept_errors  on;
            error_page              500  /page.html;
            proxy_pass              http://%%UPSTREAM%%;
        }

        location /elsewhere/ {
            internal;
            alias  %%TESTDIR%%/;
            try_files  /page.html =404;
        }

        location /ssi/ {
            ssi  on;
        }
    }

    server {
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

$t->write_file('ssi/index.html', 'a<!--#include virtual="/page.html" -->b');


# the lines that delete, of one cookie if it is named

sub expired {
    my ($r, $name) = @_;

    return grep { /; Max-Age=0;/
                  && (!defined $name || /^\Q$name\E=/) } $r->headers('Set-Cookie');
}

sub names {
    my ($r) = @_;

    my %seen = map { /^([^=]*)=/ ? ($1 => 1) : () } expired($r);

    return join ' ', sort keys %seen;
}

sub get {
    my ($uri, $cookies, @headers) = @_;

    return $t->get($uri, 'Host: www.example.com', "Cookie: $cookies",
                   @headers);
}

my $all = 'sid=1; _ga=2; lang=x; my_ad=3; other=4; consent=5';

my $performance = $t->consent_cookie(name => 'consent',
                                     categories => [ 'performance' ]);
my $everything = $t->consent_cookie(name => 'consent',
    categories => [ 'performance', 'functional', 'marketing' ]);
my $marketing = $t->consent_cookie(name => 'consent',
                                   categories => [ 'marketing' ]);
my $nothing = $t->consent_cookie(name => 'consent', categories => []);


# which

my $r = get('/', $all);

is(names($r), '_ga my_ad', 'refused ones, without a decision');
is_deeply([ expired($r, '_ga') ],
          [ '_ga=; Max-Age=0; Path=/',
            '_ga=; Max-Age=0; Path=/; Domain=example.com',
            '_ga=; Max-Age=0; Path=/; Domain=www.example.com' ],
          'at all places');
is($r->body, 'a page', 'the page comes');
ok($r->complete, 'all of it');

is(names(get('/', "$all; $nothing" =~ s/consent=5; //r)), '_ga my_ad',
   'all refused');
is(names(get('/', "_ga=1; my_ad=2; $performance")), 'my_ad', 'some refused');
is(names(get('/', "_ga=1; my_ad=2; $everything")), '', 'all accepted');
is(names(get('/', 'sid=1; other=2')), '', 'no refused ones sent');
is(names($t->get('/')), '', 'no cookies sent');
is(names(get('/', '_ga=1; _ga=2; _ga_X=3; _ga=4')), '_ga _ga_X', 'repeated');
is(scalar(expired(get('/', '_ga=1; _ga=2'))), 3, 'once each');
is(names(get('/', 'my_ad=1', 'Cookie: _ga=2')), '_ga my_ad',
   'more than one line');

is(names(get('/strict/', $all)), '_ga my_ad other',
   'unclassified ones, if they are refused');
is(names(get('/strict/', 'choice=1; consent=2; x=3')), 'x',
   'never a consent cookie, also not of another location');
is(names(get('/named/', 'choice=1; consent=2; x=3')), 'x',
   'the same the other way round');

is(names(get('/', "_ga\x01=1; my_ad=1")), 'my_ad',
   'not one that no line can name');
is(names(get('/strict/', 'a b=1; c,d=2; novalue')), ' a b c,d',
   'but odd ones and those without a name');

$r = get('/sets/', 'lang=1; _ga=1');
is(join('|', grep { /^lang/ } $r->headers('Set-Cookie')), 'lang=de',
   'session cookies stay');


# where

is_deeply([ sort map { /Path=([^;]*)/ ? $1 : () }
            expired(get('/a/b?c=/d/', '_ga=1')) ],
          [ ('/') x 3, ('/a') x 3, ('/a/') x 3, ('/a/b') x 3 ],
          'the directories of the request');
is_deeply([ map { /Path=([^;]*)/ ? $1 : () }
            grep { !/Domain/ } expired(get('/accel/x', '_ga=1')) ],
          [ '/', '/accel', '/accel/', '/accel/x' ],
          'of the browser, not of a redirect inside');

for my $case ([ 'localhost', 1 ], [ '127.0.0.1', 1 ], [ '[::1]:80', 1 ],
              [ 'www.example.com:8080', 3 ], [ 'WWW.Example.Com', 3 ],
              [ 'co.uk', 1 ], [ 'a.b.example.co.uk', 4 ],
              [ 'x;y.example.com', 1 ], [ 'www.example.com.', 3 ])
{
    my ($host, $lines) = @$case;

    is(scalar(expired($t->get('/', "Host: $host", 'Cookie: _ga=1'))), $lines,
       "host $host");
}

$r = $t->http("GET / HTTP/1.0\r\nCookie: _ga=1\r\n\r\n");
is(scalar(expired($r)), 1, 'no host at all');

$r = $t->http("GET http://www.example.com/a HTTP/1.1\r\nHost: x.example\r\n"
              . "Cookie: _ga=1\r\nConnection: close\r\n\r\n");
is(scalar(grep { /Domain=example\.com/ } expired($r)), 2,
   'the whole URL as the target');

SKIP: {
    skip 'no HTTP/2', 2 unless $t->has_http2;

    $r = $t->http2({ port => 'h2' }, '/a', 'Host: www.example.com',
                   'Cookie: _ga=1', 'Cookie: my_ad=2');

    is(names($r), '_ga my_ad', 'HTTP/2: crumbs');
    is(scalar(grep { /Domain=example\.com/ } expired($r, '_ga')), 2,
       'HTTP/2: the authority');
}


# how

is_deeply([ expired($t->get('/', 'Host: localhost', 'Cookie: __Host-p=1')) ],
          [ '__Host-p=; Max-Age=0; Path=/; Secure' ], '__Host-');
is(scalar(grep { !/; Secure/ } expired(get('/', '__Secure-p=1'))), 0,
   '__Secure-');

my @fetch = ('Sec-Fetch-Site: same-origin', 'Sec-Fetch-Dest: document',
             'Sec-Fetch-Mode: navigate');

is_deeply([ expired($t->get('/', 'Host: localhost', 'Cookie: _ga=1', @fetch)) ],
          [ '_ga=; Max-Age=0; Path=/',
            '_ga=; Max-Age=0; Path=/; Secure; Partitioned' ],
          'partitioned ones, if the browser takes Secure ones');
is_deeply([ expired($t->get('/', 'Host: localhost', 'Cookie: _ga=1',
                            'Sec-Fetch-Site: cross-site')) ],
          [ '_ga=; Max-Age=0; Path=/; Secure; SameSite=None',
            '_ga=; Max-Age=0; Path=/; Secure; SameSite=None; Partitioned' ],
          'in another site');


# when

is(names(get('/json', '_ga=1')), '', 'not with other types');
is(names(get('/status/404', '_ga=1')), '_ga', 'with error pages');
is(names(get('/status/302', '_ga=1')), '_ga', 'with redirects');
is(names(get('/status/204', '_ga=1')), '', 'not with 204');
is(names(get('/status/304', '_ga=1')), '', 'not with 304');
is(names(get('/return', '_ga=1')), '_ga', 'with return');
is(scalar(expired(get('/status/500', '_ga=1'), '_ga')), 12,
   'once with an error_page');
is(names(get('/page.html', '_ga=1')), '_ga', 'with files');
is(scalar(expired(get('/ssi/', '_ga=1'), '_ga')), 9, 'once with SSI');

is(names(get('/off/', '_ga=1')), '', 'not where it is off');
is(names(get('/no/', '_ga=1')), '', 'not with consent_expire off');
is(names(get('/no/yes/', '_ga=1')), '_ga', 'inherited and overridden');
is(names(get('/pass/', '_ga=1')), '_ga', 'also where cookies pass');

$r = $t->head('/', 'Host: www.example.com', "Cookie: $all");
is_deeply([ expired($r) ], [ expired(get('/', $all)) ], 'HEAD as GET');


# a header filter may run twice, as when the range filter behind it refuses:
# here nothing of the body is refused

$r = get('/page.html', "_ga=1; $marketing", 'Accept: image/png',
         'Range: bytes=9999-');
is(scalar(expired($r, '_ga')), 6, 'a range that is not there: once');


# A request that says nothing about what the visitor decided: the browser
# keeps the consent cookie back, and may send others.

sub undecided {
    my ($method, $uri, @headers) = @_;

    return names($t->request($method, $uri, 'Host: localhost',
                             'Cookie: _ga=1', @headers));
}

my @site = map { "Sec-Fetch-Site: $_" } 'cross-site', 'same-origin';
my @dest = map { "Sec-Fetch-Dest: $_" } 'document', 'iframe', 'empty';

is(undecided('GET', '/', $site[0], $dest[0]), '_ga', 'a link elsewhere');
is(undecided('POST', '/', $site[0], $dest[0]), '', 'a form elsewhere');
is(undecided('POST', '/', $site[1], $dest[0]), '_ga', 'a form here');
is(undecided('GET', '/', $site[0], $dest[1]), '', 'a frame elsewhere');
is(undecided('GET', '/', $site[1], $dest[1]), '', 'any frame');
is(undecided('GET', '/', $site[1], $dest[2]), '', 'a script');
is(undecided('POST', '/'), '', 'POST of who knows whom');
is(undecided('GET', '/named/', $site[0], $dest[0]), '',
   'samesite=strict: a link elsewhere');
is(undecided('GET', '/named/', $site[1], $dest[0]), '_ga',
   'samesite=strict: a link here');
is(undecided('POST', '/none/', $site[0], $dest[1]), '_ga',
   'samesite=none: anything');
is(names($t->request('POST', '/', 'Host: localhost', "Cookie: _ga=1; $nothing",
                     $site[0], $dest[1])), '_ga', 'a decision came');


# A request whose header is broken: the decision may be in the rest.

$r = $t->http("GET / HTTP/1.1\r\nHost: www.example.com\r\nCookie: _ga=1\r\n"
              . "X-Broken: \0\r\nCookie: $performance\r\n\r\n");
is($r->status, 400, 'a broken header');
is(names($r), '', 'deletes nothing');


# bounds

my $many = join '; ', map { "wide$_=1" } 1 .. 200;
my %seen;

for (1 .. 100) {
    $r = get('/return/a/b/', $many);
    $seen{$_}++ for split / /, names($r);

    next if length($r->head) < 4096 && (my @lines = expired($r)) <= 32;

    fail('within bounds');
    last;
}

is(scalar keys %seen, 200, 'many cookies: each in its turn, within bounds');

$r = get('/long/', $many);
cmp_ok(scalar(expired($r)), '>', 5, 'a long header gets some lines');
cmp_ok(length($r->head), '<', 3000 + 1024 + 400, 'not many');

$r = get('/' . 'a/' x 2000, '_ga=1');
cmp_ok(scalar(expired($r)), '<=', 32, 'a deep path');

$r = get('/', 'wide' . 'x' x 3500 . '=1; _ga=1');
is(names($r), '_ga', 'a long name is no hindrance');


# report changes nothing and counts the same

sub logged {
    my ($uri) = @_;

    my @found;

    Test::Consent::wait_for(sub {
        @found = grep { m{^\Q$uri\E } } $t->lines('expired.log');
    });

    return $found[-1];
}

$r = get('/report/1', $all);
is(names($r), '', 'report: nothing is sent');
is(logged('/report/1'), '/report/1 2 0 3', 'report: counted');

get('/enforce/1', $all);
is(logged('/enforce/1'), '/enforce/1 2 0 3', 'enforce: the same');

get('/off/1', $all);
is(logged('/off/1'), '/off/1 0 0 0', 'off: nothing');


# a mistake

my ($exit, $output) = $t->test_http_config('consent_expire yes;');

isnt($exit, 0, 'a wrong value');
like($output, qr/invalid value "yes" in "consent_expire" directive, it must be "on" or "off".*test\.conf:\d+/,
     'and what to write');

done_testing();
