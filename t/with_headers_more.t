#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Debian's headers-more module, loaded before and after ours: what it sets is
# judged like what the upstream sent.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $more = 'ngx_http_headers_more_filter_module';

my $t = Test::Consent->new->skip_without($more);

my $script = '<script src="https://x.stats.example/a.js"></script>';

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/plain', 'Set-Cookie: _gid=1',
                          'Set-Cookie: sid=1', 'ETag: "abc"' ],
             body => $script };
});

my $conf = <<'CONF';
    consent_category necessary   { always on; cookie sid late; }
    consent_category performance { cookie _ga _gid; resource .stats.example; }

    server {
        listen  127.0.0.1:%%PORT%%;

        consent             enforce;
        proxy_http_version  1.1;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /set/ {
            more_set_headers  'Set-Cookie: _ga=1; Path=/';
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /error/ {
            more_set_headers  -s 404 'Set-Cookie: _ga=1';
            return            404;
        }

        location /type/ {
            more_set_headers  'Content-Type: text/html';
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /clear/ {
            more_clear_headers  Set-Cookie ETag Cache-Control;
            more_set_headers    'Content-Type: text/html';
            proxy_pass          http://%%UPSTREAM%%;
        }

        location /input/ {
            more_set_input_headers  'Cookie: _ga=2; late=1';
            proxy_pass              http://%%UPSTREAM%%;
        }

        location /no-input/ {
            more_clear_input_headers  Cookie;
            proxy_pass                http://%%UPSTREAM%%;
        }
    }
CONF


sub names {
    my ($r) = @_;

    return join ' ', map { /^(\w+)=/ } $r->headers('Set-Cookie');
}

for my $place ('before', 'after') {
    $t->http_config($conf, $place => [ $more ])->run;

    is(names($t->get('/')), 'sid', "$place: the upstream's cookies");

    is(names($t->get('/set/')), '', "$place: one that replaces them");

    is(names($t->get('/error/')), '', "$place: one on an error page");

    my $r = $t->get('/type/');

    like($r->body, qr/data-consent="performance"/,
         "$place: a type that makes it a page");
    is(names($r), 'sid', "$place: with its cookies");

    $r = $t->get('/');
    is($r->body, $script, "$place: text stays as it is");
    is($r->header('ETag'), '"abc"', "$place: with its ETag");

    $r = $t->get('/clear/');

    is($r->header($_), undef, "$place: no $_") for 'Set-Cookie', 'ETag';
    like($r->body, qr/data-consent="performance"/, "$place: still read");

    $t->get('/', 'Cookie: _ga=1; sid=2');
    is($t->last_request->header('Cookie'), 'sid=2', "$place: a request");

    $t->get('/input/', 'Cookie: _ga=1; sid=2');
    is($t->last_request->header('Cookie'), 'late=1',
       "$place: a Cookie field put in");

    $t->get('/no-input/', 'Cookie: _ga=1; sid=2');
    is($t->last_request->header('Cookie'), undef,
       "$place: a Cookie field taken out");

    $t->stop;
}

done_testing();
