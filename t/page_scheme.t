#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The scheme of the page, which URLs without one take over: behind a balancer
# it is https although nginx itself gets http.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $tag = '<script src="//x.stats.example/a.js"></script>';
my $link = 'Link: <//x.stats.example/b.js>; rel=preload; as=script';

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html', $link ],
             body => "<p>text$tag" };
});

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource ~^https://[a-z.]+\.stats\.; }

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /balancer/ {
            consent_cookie  consent secure=$http_x_forwarded_proto;
            proxy_pass      http://%%UPSTREAM%%;
        }
    }
CONF

sub blocked {
    my ($r) = @_;

    my $body = $r->body !~ /\Q$tag\E/ ? 1 : 0;
    my $header = !defined $r->header('Link') ? 1 : 0;

    return $body == $header ? $body : 'one of them';
}

is(blocked($t->get('/')), 0, 'http');
is(blocked($t->get('/', 'X-Forwarded-Proto: https')), 0,
   'https, as anybody can say');
is(blocked($t->get('/balancer/', 'X-Forwarded-Proto: https')), 1,
   'https, as the balancer says');
is(blocked($t->get('/balancer/', 'X-Forwarded-Proto: http')), 0,
   'http, as the balancer says');
is(blocked($t->get('/', 'Sec-Fetch-Site: none')), 1,
   'https, as a browser shows');

done_testing();
