#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Which responses are HTML to a browser: by one of several types, by a type
# that is written badly, and by the bytes if there is no type that it knows.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $tag = '<script src="https://x.stats.example/a.js"></script>';
my $page = "<!DOCTYPE html><body><p>text$tag";

# raw text to XML is none: what ends it for one does not for the other

my $raw = "<textarea><!--</textarea>$tag";

my @html = (
    'text/html',
    'TEXT/HTML;charset=utf-8',
    "text/html\t ;x",
    'text/html charset=utf-8',
    'text/html (comment)',
    'text/html,',
    'text/plain, text/html',
    'text/html; a="b, c", text/html',
    'application/json, text/html; charset=utf-8',
    'text/html; profile=a+xml',
    'text/html, application/xhtml+xml',

    # no type that a browser knows

    '*/*',
    'unknown/unknown',
    'Application/Unknown; x',
    'html',
    'text/',
    '/html',
    'text /html',
    '"text/html"',
    ';charset=utf-8',
);

my @other = (
    'text/plain',
    'text/plain charset=utf-8',
    'text/plain; a="b, text/html"',
    'application/json; profile=text/html',
    '*/*, image/png',
    'text/html-sandboxed',
);

my @values = (@html, @other);

$t->upstream(sub {
    my ($request) = @_;

    my ($kind, $n) = $request->uri =~ m{(raw|page)(\d*)$};

    return { headers => [ length $n ? "Content-Type: $values[$n]" : () ],
             body => $kind eq 'raw' ? $raw : $page };
});

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .stats.example; }

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /.consent/ {
            consent_endpoint;
        }

        location /banner/ {
            consent_banner  on;
            proxy_pass      http://%%UPSTREAM%%;
        }

        location /all/ {
            consent_types  *;
            add_header     Content-Type image/png;
            proxy_pass     http://%%UPSTREAM%%;
        }

        location /added/ {
            add_header  Content-Type image/png;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /added-unknown/ {
            add_header  Content-Type */*;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /added-html/ {
            add_header  Content-Type "text/plain, text/html";
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

sub blocked {
    my ($r) = @_;

    return $r->status == 200 && $r->body !~ /\Q$tag\E/
           && $r->body =~ /data-consent-src/ ? 1 : 0;
}

for my $n (0 .. $#values) {
    my $r = $t->get("/page$n");

    is(blocked($r), $n < @html ? 1 : 0, "\"$values[$n]\"");
    is($r->header('Content-Type'), $values[$n], 'is sent as it came');
    is($r->header('Cache-Control'), $n < @html ? 'private, no-cache' : undef,
       'and its caching');
}


# lines that nginx adds itself

is(blocked($t->get('/page')), 1, 'no type');
is(blocked($t->get('/added/page')), 0, 'no type but the one of "add_header"');
is(blocked($t->get('/added-unknown/page')), 1, '... which says nothing');
is(blocked($t->get('/added-html/page')), 1, '... which is a list');
is(blocked($t->get('/all/page')), 1, 'consent_types *: no type');
is(blocked($t->get('/all/page0')), 1, 'consent_types *: a type');


# what is read as XML

my ($html) = grep { $values[$_] eq 'text/html' } 0 .. $#values;
my ($profile) = grep { $values[$_] =~ /profile=a\+xml/ } 0 .. $#values;
my ($xhtml) = grep { $values[$_] =~ /xhtml/ } 0 .. $#values;

is(blocked($t->get("/raw$html")), 1, 'raw text of HTML');
is(blocked($t->get("/raw$profile")), 1, '... with "+xml" in a parameter');
is(blocked($t->get("/raw$xhtml")), 0, '... is a comment in XML');


# a banner goes into HTML, and into nothing that may be something else

like($t->get("/banner/page$html")->body, qr/consent-banner/, 'a banner');

for my $type ('*/*', 'html', 'text/html charset=utf-8') {
    my ($n) = grep { $values[$_] eq $type } 0 .. $#values;

    my $r = $t->get("/banner/page$n");

    is($r->body =~ /consent-banner/ ? 1 : 0, $type =~ /charset/ ? 1 : 0,
       "a banner with \"$type\"");
}

done_testing();
