#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What a blocked frame shows where there is a consent_endpoint.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $video = 'https://video.example/v?a=1&amp;b';

my %pages = (
    '/iframe' => qq(<body><iframe width=9 src="$video"></iframe>),
    '/frame' => qq(<frameset><frame src=$video></frameset>),
    '/twice' => qq(<body><iframe src="$video" src="/own"></iframe>),
    '/base' => qq(<base href="https://cdn.example/"><iframe src="$video">),
    '/srcdoc' => q(<body><iframe srcdoc="<iframe src='https://video.example/'>)
                 . q(">),
    '/allowed' => q(<body><iframe src="https://other.example/"></iframe>),
    '/img' => q(<body><img src="https://video.example/i">),
    '/embed' => q(<body><embed src="https://video.example/i">),
    '/named' => qq(<body><iframe name=a src="$video"></iframe>),
    '/quotes' => qq(<body><iframe src='$video'></iframe>),
    '/long' => qq(<body><iframe title="@{[ 'x' x 3000 ]}" src="$video">),
);

$t->upstream(sub {
    my ($request) = @_;
    my ($path) = $request->uri =~ m{^(?:/with|/without|/removed|/odd)
                                    (/\w+)}x;

    return { headers => [ 'Content-Type: text/html' ],
             body => $pages{$path} // '' };
});

$t->http_config(<<'CONF')->run;
    consent_category necessary { always on; }
    consent_category media     { resource video.example; }

    server {
        listen   127.0.0.1:%%PORT%%;
        consent  enforce;

        location /with/ {
            consent_buffer  1k;
            proxy_pass      http://%%UPSTREAM%%;
        }

        location /removed/ {
            consent_block  remove;
            proxy_pass     http://%%UPSTREAM%%;
        }

        location /.consent/ {
            consent_endpoint;
        }
    }

    server {
        listen   127.0.0.1:%%PORT:none%%;
        consent  enforce;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }

    server {
        listen   127.0.0.1:%%PORT:odd%%;
        consent  enforce;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location '/a"b &<c/' {
            consent_endpoint;
        }
    }
CONF


sub frame_of {
    my ($uri, %options) = @_;

    my ($tag) = $t->get(\%options, $uri, 'Accept: text/html')->body
                =~ /(<i?frame\b[^>]*>)/;

    return $tag;
}

my $blocked = '/.consent/blocked?category=media';

like(frame_of('/with/iframe'),
     qr{^<iframe name="consent-blocked" src="\Q$blocked\E" .*data-consent-src="\Q$video\E">$},
     'an iframe');
like(frame_of('/with/frame'), qr{^<frame name="consent-blocked" src="\Q$blocked\E" }, 'a frame');
like(frame_of('/with/quotes'), qr{^<iframe name="consent-blocked" src="\Q$blocked\E" }, 'in quotes');
like(frame_of('/with/twice'), qr{^<iframe name="consent-blocked" src="\Q$blocked\E" },
     'the first of two is ours');
like(frame_of('/with/named'), qr{^<iframe name="consent-blocked" src="\Q$blocked\E" },
     'the name is another than that of what was to be shown');
like(frame_of('/with/base'),
     qr{^<iframe name="consent-blocked" src="//localhost\Q$blocked\E" }, 'the host, with <base>');
like($t->get('/with/srcdoc', 'Accept: text/html')->body,
     qr{srcdoc="&lt;iframe name=&quot;consent-blocked&quot; src=&quot;//localhost/\.consent/blocked|
        srcdoc="<iframe\ name=&quot;consent-blocked&quot;\ src=&quot;//localhost/\.consent/blocked}x,
     'in a document within the document');
is(frame_of('/with/allowed'), '<iframe src="https://other.example/">',
   'one that is allowed is as it was');
unlike($t->get("/with/$_", 'Accept: text/html')->body, qr/\.consent/,
       "$_ shows nothing") for 'img', 'embed';
unlike(frame_of('/with/long'), qr/(?<![\w-])src="https:/,
       'a long one is blocked');
is(frame_of('/removed/iframe'), undef, 'where it is removed there is none');
unlike(frame_of('/with/iframe', port => 'none'), qr/ src="/,
       'without an endpoint it shows nothing');
like(frame_of('/odd/iframe', port => 'odd'),
     qr{^<iframe name="consent-blocked" src="/a%22b%20&#38;%3Cc/blocked\?category=media" },
     'the path of the endpoint is escaped');

is($t->get('/.consent/blocked?category=media')->status, 200,
   'and there is something to show');

done_testing();
