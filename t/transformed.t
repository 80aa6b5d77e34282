#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Modules of nginx that make one type into another: a page that XSLT makes of
# XML is a page, and the other way round an image stays one.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Page qw(policy cookies);

use MIME::Base64 qw(decode_base64);

my ($path) = Test::Consent::nginx_build() =~ /--modules-path=(\S+)/;

my %file = map { ($_ => ($path // '') . "/ngx_http_${_}_filter_module.so") }
           qw(xslt image);

if (grep { !-f } values %file) {
    plan(skip_all => 'no xslt and image filter modules');
}

my $t = Test::Consent->new;

my $image = decode_base64('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIB'
                          . 'RAA7');

$t->upstream(sub {
    my ($request) = @_;

    return { headers => [ 'Content-Type: image/gif', 'Set-Cookie: _ga=1',
                          'Set-Cookie: sid=1' ],
             body => $image }
        if $request->uri =~ /image/;

    return { headers => [ 'Content-Type: text/xml', 'Set-Cookie: _ga=1',
                          'Set-Cookie: sid=1', 'ETag: "x"' ],
             body => '<?xml version="1.0"?><list><src>https://x.stats.example/'
                     . 'a.js</src><src>/own.js</src></list>',
             cut => 9, step => 0 };
});

$t->write_file('page.xslt', <<'XSLT');
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:output method="html" encoding="utf-8"/>
<xsl:template match="/list"><html><body><xsl:for-each select="src"><script
src="{.}"></script></xsl:for-each></body></html></xsl:template>
</xsl:stylesheet>
XSLT

my @load = map { "load_module $file{$_};" } sort keys %file;

$t->http_config(policy() . <<'CONF', main => "@load")->run;
    consent  enforce;

    server {
        listen  127.0.0.1:%%PORT%%;

        location /xml {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /page {
            xslt_stylesheet  %%TESTDIR%%/page.xslt;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /image {
            image_filter  test;
            proxy_pass    http://%%UPSTREAM%%;
        }

        location /image/size {
            image_filter  size;
            proxy_pass    http://%%UPSTREAM%%;
        }

        location /image/none {
            proxy_pass    http://%%UPSTREAM%%;
        }
    }
CONF

my $consent = 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                  categories => [ 'performance' ]);

my $r = $t->get('/page');

like($r->header('Content-Type'), qr{^text/html}, 'XSLT makes a page');
like($r->body, qr{<script type="text/plain" data-consent="performance" data-consent-src="https://x\.stats\.example/a\.js"></script><script src="/own\.js">},
     'in which what is refused is blocked');
is(cookies($r), 'sid=1', 'and its cookies go');
ok($r->complete, 'complete');

like($t->get('/page', $consent)->body,
     qr{<script src="https://x\.stats\.example/a\.js"></script><script src="/own\.js">},
     'accepted');

$r = $t->get('/xml');

like($r->body, qr{<src>https://x\.stats\.example/a\.js</src>},
     'XML stays as it is');
is($r->header('ETag'), '"x"', 'with its validators');
is(cookies($r), 'sid=1', 'without its refused cookies');

for my $uri ('/image', '/image/none') {
    $r = $t->get($uri, 'Cookie: _ga=1');

    ok($r->body eq $image, "$uri: an image stays as it is");
    is($r->header('Content-Length'), length $image, "$uri: its length");
    is(join('|', $r->headers('Set-Cookie')), 'sid=1',
       "$uri: its cookies, and none are deleted");
}

like($t->get('/image/size')->body, qr/"width": 1, "height": 1/,
     'what is said of an image');

done_testing();
