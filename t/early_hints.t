#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# 103 Early Hints, which nginx passes on since 1.29.0: their headers are those
# of a response to a browser, cookies included.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

if ($t->nginx_version < 1029000) {
    plan skip_all => 'no early hints in this nginx';
}

my $T = 'https://tracker.example/';

my @refused = ("Link: <${T}a.js>; rel=preload; as=script",
               "Link: </dir/own.js>; rel=modulepreload",
               'Set-Cookie: _ga=hint');

my @passed = ('Link: </style.css>; rel=preload; as=style',
              "Link: <$T>; rel=canonical", 'Set-Cookie: sid=hint');

my $policy = "Content-Security-Policy: script-src 'self' $T";

my @final = ('Content-Type: text/html', 'Content-Length: 4',
             "Link: <$T>; rel=preload, </>; rel=next", 'Set-Cookie: _ga=1',
             'Set-Cookie: sid=1');

$t->upstream(sub {
    return {
        raw => join "\r\n",
            'HTTP/1.1 103 Early Hints', $refused[0], @passed, @refused[1, 2],
            '', 'HTTP/1.1 103 Early Hints', $policy, '',
            'HTTP/1.1 200 OK', @final, '', 'body',
    };
});

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga;
                                   resource .tracker.example /dir/own.js; }

    log_format  figures  '$uri cookies=$consent_cookies_blocked '
                         'resources=$consent_resources_blocked';
    access_log  %%TESTDIR%%/figures.log  figures;

    early_hints         1;
    proxy_http_version  1.1;

    server {
        listen            127.0.0.1:%%PORT%%;
        proxy_set_header  Host  $host;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }

    server {
        listen  127.0.0.1:%%PORT:h2%%;
        http2   on;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF


# the headers of the three responses that matter here

sub hints {
    my ($path, @headers) = @_;

    my $client = $t->connect;

    $client->send(join "\r\n", "GET $path HTTP/1.1", 'Host: localhost',
                               'Connection: close', @headers, '', '');

    my @heads = map { $client->response } 1 .. 3;

    is(join(' ', map { $_->status } @heads), '103 103 200',
       "$path: early hints come");

    return [ map { [ headers($_->head) ] } @heads ];
}


sub headers {
    my ($head) = @_;

    return grep { /^(?:Link|Set-Cookie|Content-Security-Policy):/ }
           split /\r\n/, $head;
}


my $narrow = "Content-Security-Policy: script-src 'self'";
my $refused = [ [ @passed ], [ $narrow ],
                [ 'Link: </>; rel=next', 'Set-Cookie: sid=1' ] ];
my $same = [ [ $refused[0], @passed, @refused[1, 2] ], [ $policy ],
             [ @final[2 .. 4] ] ];

is_deeply(hints('/'), $refused, 'refused');

is_deeply(hints('/', 'Cookie: '
                . $t->consent_cookie(name => 'consent',
                                     categories => [ 'performance' ])),
          $same, 'accepted');

is_deeply(hints('/report/'), $same, 'report');
is_deeply(hints('/off/'), $same, 'off');

SKIP: {
    skip 'no HTTP/2 in curl or nginx', 1 unless $t->has_http2;

    $t->http2({ port => 'h2' }, '/');

    my @lines = map { s/^([\w-]+)/join '-', map { ucfirst } split m{-}, $1/er }
                map { s/\r//gr } $t->lines('curl.head');

    s/^Content-Security-policy/Content-Security-Policy/i for @lines;

    is_deeply([ headers(join "\r\n", @lines) ], [ map { @$_ } @$refused ],
              'HTTP/2');
}

hints('/counted');
hints('/report/counted');
hints('/off/counted');

$t->stop;

my %counted = map { m{^(/\S*counted) (.*)} ? ($1, $2) : () }
              $t->lines('figures.log');

is($counted{'/counted'}, 'cookies=2 resources=3',
   'counted with those of the response');
is($counted{'/report/counted'}, 'cookies=2 resources=3', 'the same by report');
is($counted{'/off/counted'}, 'cookies=0 resources=0', 'not counted when off');

done_testing();
