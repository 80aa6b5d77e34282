#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Where settings come from: levels of the configuration, and the ways on
# which a request changes its location.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->upstream(sub {
    my ($request) = @_;
    my $uri = $request->uri;

    if ($uri =~ m{^/to_accel}) {
        return { headers => [ 'X-Accel-Redirect: /page/accel',
                              'Set-Cookie: _ga=1' ] };
    }

    if ($uri =~ m{^/fail}) {
        return { status => 500, headers => [ 'Content-Type: text/html' ],
                 body => 'failed' };
    }

    if ($uri =~ m{^/(?:page/)?ssi}) {
        return { headers => [ 'Content-Type: text/html' ],
                 body => 'A<!--# include virtual="/part/1" -->B'
                         . '<script src="//x.stats.example/main.js"></script>'
                         . '<!--# include virtual="/part/2" -->C' };
    }

    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=1' ],
             body => '<script src="https://x.stats.example/a.js"></script>'
                     . 'prose' };
});

$t->http_config(<<'CONF')->run;
    consent_category necessary   { always on; }
    consent_category performance { cookie _ga; resource .stats.example; }
    consent_category functional  { cookie lang; }

    consent          enforce;
    consent_default  functional;

    proxy_set_header  Host  $host;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /state {
            return  200  $consent_state;

            location /state/none {
                consent_default  none;
                return           200  $consent_state;
            }

            location /state/more {
                consent_default  functional performance;
                return           200  $consent_state;
            }

            location /state/variable {
                consent_default  $arg_accept;
                return           200  $consent_state;
            }
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;

            location /off/on/ {
                consent     enforce;
                proxy_pass  http://%%UPSTREAM%%;
            }

            location /off/still/ {
                proxy_pass  http://%%UPSTREAM%%;
            }
        }

        location /variable/ {
            consent     $arg_mode;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /if/ {
            if ($arg_off) {
                set $x 1;
            }

            if ($arg_other) {
                proxy_pass  http://%%UPSTREAM%%;
            }

            proxy_pass  http://%%UPSTREAM%%;
        }

        # changes of the location: the last one counts

        location /rewrite/ {
            rewrite  ^/rewrite/(.*)  /$1  last;
        }

        location /rewrite_off/ {
            rewrite  ^/rewrite_off/(.*)  /off/$1  last;
        }

        location /try/ {
            try_files  /missing  @named;
        }

        location /try_off/ {
            consent    off;
            try_files  /missing  @named;
        }

        location @named {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /fail/ {
            proxy_pass              http://%%UPSTREAM%%;
            proxy_intercept_errors  on;
            error_page              500  /page/error;
        }

        location /missing/ {
            consent     off;
            error_page  404 = @named;
            return      404;
        }

        # first decided here, with another default than where it ends

        location /decided/ {
            consent_default  performance;
            error_page       404 = /page/x;

            if ($consent_state = nothing) {
                return  403;
            }

            return  404;
        }

        # cookies are hidden, then the request goes to where they are not

        location /fail_off/ {
            proxy_pass              http://%%UPSTREAM%%;
            proxy_intercept_errors  on;
            error_page              500 = /off/page;
        }

        location /index/ {
            alias  %%TESTDIR%%/index/;
        }

        location /to_accel {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        # subrequests: the settings of the main request

        location /auth/ {
            auth_request  /off/auth;
            proxy_pass    http://%%UPSTREAM%%;
        }

        location /auth_state/ {
            auth_request      /off/auth;
            auth_request_set  $copy  $consent_state;
            add_header        X-State  $consent_state;
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /ssi/ {
            ssi         on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /part/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /addition/ {
            add_after_body  /part/3;
            proxy_pass      http://%%UPSTREAM%%;
        }
    }

    server {
        listen   127.0.0.1:%%PORT:two%%;
        consent  off;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /on/ {
            consent     enforce;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

$t->write_file('index/index.html', '<title>x</title><script '
               . 'src="https://x.stats.example/a.js"></script>prose');


sub outcome {
    my (@arguments) = @_;

    my $r = $t->get(@arguments, 'Accept: text/html',
                    'Cookie: _ga=1; lang=x');

    return join ' ', $r->status,
        ((grep { !/Max-Age=0/ } $r->headers('Set-Cookie'))
            ? 'cookie' : 'no-cookie'),
        ($r->body =~ /<script src="/ ? 'script' : 'no-script');
}


sub hidden {
    my (@uris) = grep { !/^Cookie/ } @_;

    $t->get(@uris, 'Cookie: _ga=1; lang=x');

    return ($t->last_request->header('Cookie') // '') eq 'lang=x' ? 1 : 0;
}

sub count {
    my ($response, $text) = @_;

    return scalar(() = $response->body =~ /\Q$text\E/g);
}

my $enforced = '200 no-cookie no-script';
my $passed = '200 cookie script';


# levels

is(outcome('/'), $enforced, 'from http');
is(outcome({ port => 'two' }, '/'), $passed, 'server overrides http');
is(outcome({ port => 'two' }, '/on/'), $enforced, 'location overrides server');
is(outcome('/off/'), $passed, 'location overrides http');
is(outcome('/off/on/'), $enforced, 'a nested location overrides');
is(outcome('/off/still/'), $passed, 'a nested location inherits');

is($t->get('/state')->body, 'necessary,functional',
   'consent_default from http');
is($t->get('/state/none')->body, 'necessary', 'consent_default none');
is($t->get('/state/more')->body, 'necessary,performance,functional',
   'consent_default replaced');

for my $case ([ '', 'necessary' ], [ 'performance', 'necessary,performance' ],
              [ 'performance,functional',
                'necessary,performance,functional' ],
              [ 'none', 'necessary' ], [ 'bogus', 'necessary' ])
{
    my ($accept, $state) = @$case;

    is($t->get("/state/variable?accept=$accept")->body, $state,
       "consent_default by variable: \"$accept\"");
}


# consent by a variable

is(outcome('/variable/?mode=off'), $passed, 'consent by variable: off');
is(outcome('/variable/?mode=report'), $passed, 'report');
is(outcome('/variable/?mode=enforce'), $enforced, 'enforce');
is(outcome('/variable/?mode=nonsense'), $enforced,
   'a value that makes no sense enforces');

is(outcome('/if/'), $enforced, 'a location with if');
is(outcome('/if/?off=1'), $enforced, 'inside an if');
is(outcome('/if/?other=1'), $enforced, 'with another handler in an if');


# other locations

is(outcome('/rewrite/x'), $enforced, 'rewrite');
is(outcome('/rewrite_off/x'), $passed, 'rewrite to where it is off');
is(outcome('/try/x'), $enforced, 'a named location');
is(outcome('/try_off/x'), $enforced, 'a named location, from where it is off');
is(outcome('/fail/x'), $enforced =~ s/200/500/r, 'error_page');
is(outcome('/missing/x'), $enforced, 'error_page to a named location');
is(outcome('/index/'), $enforced, 'index');
is(outcome('/to_accel'), $enforced, 'X-Accel-Redirect');

is(hidden('/rewrite/x'), 1, 'rewrite: cookies hidden');
is(hidden('/try_off/x'), 1, 'a named location: cookies hidden');
is(hidden('/off/'), 0, 'off: cookies not hidden');
is(hidden('/fail/x'), 1, 'error_page: cookies hidden');
is(hidden('/fail_off/x'), 0, 'error_page to where it is off: all cookies');


# A decision is made once, from the cookies that the browser sent: hiding
# them before an internal redirect must not change it.

my $cookie = 'Cookie: ' . $t->consent_cookie(
    name => 'consent', categories => [ 'performance' ]);

is($t->get('/fail/x', $cookie)->body =~ /<script src="/ ? 1 : 0, 1,
   'the decision survives an internal redirect');
is($t->get('/try/x', $cookie)->body =~ /<script src="/ ? 1 : 0, 1,
   'and a named location');
is($t->get('/to_accel', $cookie)->body =~ /<script src="/ ? 1 : 0, 1,
   'and X-Accel-Redirect');


like($t->get('/decided/x')->body, qr/<script src="/,
     'the default of the first location');


# subrequests

is(outcome('/auth/x'), $enforced, 'auth_request');

my $r = $t->get('/auth_state/x', $cookie);

is($r->header('X-State'), 'necessary,performance',
   'the decision is that of the main request');

$r = $t->get('/ssi/', 'Accept: text/html');

is(count($r, '<script src="'), 0, 'SSI: nothing gets through');
is(count($r, 'prose'), 2, 'SSI: both parts are there');
like($r->body, qr/^A.*B.*C$/s, 'SSI: in their order');

$r = $t->get('/ssi/', 'Accept: text/html', $cookie);

is(count($r, '<script src="'), 3, 'SSI, accepted: all of it');

$r = $t->get('/addition/', 'Accept: text/html');

is(count($r, '<script src="'), 0, 'addition: nothing gets through');
is(count($r, 'prose'), 2, 'addition: both parts are there');

done_testing();
