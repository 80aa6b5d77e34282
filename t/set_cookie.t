#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Set-Cookie lines of responses: whatever the status and wherever they come
# from, none of a refused category reaches the browser, and no other is lost.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my @all = (
    'sid=1; Path=/; HttpOnly; Max-Age=100000',
    '_ga=GA1.2; Path=/; Max-Age=63072000',
    'lang=de; Path=/; Max-Age=100000; Secure',
    '_ga_X1=2; Expires=Wed, 01 Jan 2070 00:00:00 GMT',
    'theme=dark; expires=Wed, 01 Jan 2070 00:00:00 GMT; path=/',
    'other=1',
    'consent=1.2.3.x.-; Path=/',
    'x_ad=9; Max-Age=40',
);

$t->upstream(sub {
    my ($request) = @_;

    my ($path, $query) = $request->uri =~ /^([^?]*)(?:\?(.*))?$/;
    my $status = $path =~ m{/(\d{3})$} ? $1 : 200;

    my @lines = $path =~ m{/one/} ? () : @all;

    if (defined $query) {
        @lines = ($query =~ s/%([0-9A-F]{2})/chr hex $1/ger);
    }

    my @headers = map { "Set-Cookie: $_" } @lines;

    push @headers, 'X-Accel-Redirect: /accel/target' if $path =~ /accel/;

    return {
        status => $status,
        headers => [ 'Content-Type: text/plain', @headers ],
        body => "status $status",
    };
});

$t->write_file('html/target', 'the file');
$t->write_file('html/error', 'the error page');

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category necessary   { always on; cookie sid; max_age 1m; }
    consent_category performance { cookie _ga _ga_* con*; }
    consent_category functional  { cookie lang theme; on_deny session;
                                   max_age 1h; }
    consent_category marketing   { cookie *_ad; max_age 1d; }

    server {
        listen  127.0.0.1:%%PORT%%;
        root    %%TESTDIR%%/html;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /added/ {
            add_header  Set-Cookie  "_ga=added"   always;
            add_header  Set-Cookie  "keep=added"  always;
            return      200  "added";
        }

        location /added/404 {
            add_header  Set-Cookie  "_ga=added"   always;
            add_header  Set-Cookie  "keep=added"  always;
            return      404;
        }

        location /userid/ {
            userid       on;
            userid_name  user_ad;
            return       204;
        }

        location /userid/kept/ {
            userid       on;
            userid_name  sid;
            return       204;
        }

        location /intercept/ {
            proxy_pass              http://%%UPSTREAM%%;
            proxy_intercept_errors  on;
            error_page              500 502 = /error_page;
        }

        location = /error_page {
            add_header  Set-Cookie  "_ga=error"   always;
            add_header  Set-Cookie  "keep=error"  always;
            try_files   /error =404;
        }

        location /accel/ {
            internal;
            alias  %%TESTDIR%%/html/;
        }

        location /unknown/ {
            consent_unclassified  cookie=performance;
            proxy_pass            http://%%UPSTREAM%%;
        }
    }

    server {
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

my %accept = map {
    $_ => 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                          categories => [ split /,/, $_ ])
} 'performance,functional,marketing', 'functional', 'marketing',
  'performance';

my $everything = $accept{'performance,functional,marketing'};


sub lines {
    my ($response) = @_;

    return [ $response->headers('Set-Cookie') ];
}


# refused: dropped, or kept as session cookies

my $refused = [
    'sid=1; Path=/; HttpOnly; Max-Age=100000',
    'lang=de; Path=/; Secure',
    'theme=dark; path=/',
    'other=1',
    'consent=1.2.3.x.-; Path=/',
];

is_deeply(lines($t->get('/')), $refused, 'refused');

for my $status (200, 201, 202, 204, 205, 301, 302, 303, 304, 307, 400, 401,
                403, 404, 410, 429, 500, 502, 503)
{
    my $r = $t->get("/status/$status");

    is($r->status, $status, "status $status");
    is_deeply(lines($r), $refused, "refused with $status");
}

my $r = $t->head('/');

is_deeply(lines($r), $refused, 'refused with HEAD');
is($r->header('Content-Length'), 10, 'HEAD is otherwise as it was');
is($t->get('/')->body, 'status 200', 'the body too');

is_deeply(lines($t->get('/off/')), \@all, 'off: all pass');

is_deeply(lines($t->get('/unknown/')), [ grep { !/^other/ } @$refused ],
          'unclassified cookies put into a category');

SKIP: {
    skip 'no HTTP/2 in curl or nginx', 1 unless $t->has_http2;

    is_deeply(lines($t->http2({ port => 'h2' }, '/')), $refused, 'HTTP/2');
}


# some accepted

is_deeply(lines($t->get('/', $accept{performance})),
          [ $all[0], $all[1], 'lang=de; Path=/; Secure', $all[3],
            'theme=dark; path=/', $all[5], $all[6] ], 'some accepted');


# other sources

is_deeply(lines($t->get('/added/')), [ 'keep=added' ], 'add_header');
is_deeply(lines($t->get('/added/', $everything)),
          [ '_ga=added', 'keep=added' ], 'add_header, accepted');
is_deeply(lines($t->get('/added/404')), [ 'keep=added' ],
          'add_header to an error page');

is_deeply(lines($t->get('/userid/')), [], 'userid');
like($t->get('/userid/', $everything)->header('Set-Cookie') // '',
     qr/^user_ad=/, 'userid, accepted');
like($t->get('/userid/kept/')->header('Set-Cookie') // '', qr/^sid=/,
     'userid in a category that is always on');

$r = $t->get('/intercept/500');

is($r->body, 'the error page', 'an error page instead of the response');
is_deeply(lines($r), [ 'keep=error' ], 'error_page');

$r = $t->get('/to/accel');

is($r->body, 'the file', 'X-Accel-Redirect');
is_deeply(lines($r), $refused, 'the lines that X-Accel-Redirect takes along');


# one line at a time

sub one {
    my ($line, @headers) = @_;

    $line =~ s/([^\w=-])/sprintf '%%%02X', ord $1/ge;

    my @lines = $t->get("/one/?$line", @headers)->headers('Set-Cookie');

    return @lines ? $lines[0] : 'DROPPED';
}

for my $case (
    [ '_ga=1',                    'DROPPED' ],
    [ '_ga = 1',                  'DROPPED' ],
    [ '_ga=',                     'DROPPED' ],
    [ '_ga=1; Max-Age=0',         'DROPPED' ],
    [ '_ga_=1',                   'DROPPED' ],
    [ '_ga="a; b"',               'DROPPED' ],
    [ '_ga;Path=/',               '_ga;Path=/' ],
    [ '_GA=1',                    '_GA=1' ],
    [ 'x=_ga=1',                  'x=_ga=1' ],
    [ 'x_ga=1',                   'x_ga=1' ],
    [ '_ga2=1',                   '_ga2=1' ],
    [ 'sid=1; _ga=2',             'sid=1; _ga=2' ],
    [ 'consent=; Max-Age=0',      'consent=; Max-Age=0' ],
    [ 'con=1',                    'DROPPED' ],
    [ 'lang=de',                  'lang=de' ],
    [ 'lang=de;MAX-AGE=5',        'lang=de' ],
    [ 'lang=; Max-Age=0',         'lang=; Max-Age=0' ],
    [ 'lang=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      'lang=; Expires=Thu, 01 Jan 1970 00:00:00 GMT' ],
    [ 'lang=max-age=5',           'lang=max-age=5' ],
)
{
    my ($line, $want) = @$case;

    is(one($line), $want, "refused: $line");
}


# accepted: every byte, but no lifetime over the cap

is_deeply([ map { $_->[0] } map { [ split /;/ ] }
            @{ lines($t->get('/', $everything)) } ],
          [ map { $_->[0] } map { [ split /;/ ] } @all ],
          'accepted: all pass');

for my $line ('_ga=1; Max-Age=63072000; weird ; x=y', '_ga=1;Path=/ ;',
              'lang=de', 'lang=de; Max-Age=3600', 'lang=de; Max-Age=60',
              'lang=de; Max-Age=0', 'lang=de; max-age=-1',
              'lang=; Expires=Thu, 01 Jan 1970 00:00:00 GMT')
{
    is(one($line, $everything), $line, "accepted, as it was: $line");
}

is(one('lang=de; Max-Age=3601; Path=/', $everything),
   'lang=de; Max-Age=3600; Path=/', 'Max-Age capped');
is(one('lang=de; Max-Age=999999999999999999999; Path=/', $everything),
   'lang=de; Max-Age=3600; Path=/', 'a huge Max-Age capped');


sub expires {
    my ($line) = @_;

    my %month = map { (qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec))[$_]
                      => $_ } 0 .. 11;

    $line =~ /expires=\w+, (\d+)[ -](\w+)[ -](\d+) (\d+):(\d+):(\d+) GMT/i
        or return;

    require Time::Local;

    return Time::Local::timegm($6, $5, $4, $1, $month{$2}, $3);
}

my $before = time;
my $line = one('lang=de; Expires=Wed, 01 Jan 2070 00:00:00 GMT; Path=/',
               $everything);
my $end = expires($line) // 0;

ok($end >= $before + 3600 && $end <= time() + 3600, 'Expires capped')
    or diag($line);
like($line, qr/^lang=de; Expires=[^;]*; Path=\/$/, 'the rest as it was');

$line = one('lang=de; Max-Age=99999; Expires=Wed, 01 Jan 2070 00:00:00 GMT',
            $everything);

like($line, qr/; Max-Age=3600;/, 'both: Max-Age capped');
ok((expires($line) // 0) <= time() + 3600, 'both: Expires capped')
    or diag($line);

done_testing();
