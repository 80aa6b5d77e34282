#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Wherever the encoding of a page is named: one in which bytes do not tell
# what is a tag makes it uninspectable.  Pages that nginx makes itself are
# plain ASCII, whatever a configuration says of them.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script><p>text';

# as browsers and proxies may read it: /N takes the Nth

my @unreadable = (
    'text/html; charset=utf-16', 'text/html;charset=UTF-16LE',
    'text/html; charset="utf-16"', 'text/html; charset="\u\t\f-16"',
    "text/html;\tcharset=utf-16", 'text/html ;  charset=utf-16',
    'text/html; charset= utf-16', 'text/html; charset =utf-16',
    'text/html; x="a;charset=utf-8"; charset=utf-16',
    'text/html; x=y; charset=unicode', "text/html; charset='utf-16'",
    'text/html; Charset=iso-2022-jp;x=y', 'TEXT/HTML;x;charset=utf-16',
    'application/xhtml+xml; charset=utf-16',
);

my @readable = (
    'text/html', 'text/html; charset=utf-8', 'text/html; charset="UTF-8"',
    'text/html; charset=', 'text/html; charset', 'text/html; charset=x',
    'text/html; xcharset=utf-16', 'text/html; charset=unicode-1-1-utf-8',
    'text/html; charset=shift_jis', 'text/html;',
);

my @types = (@unreadable, @readable);

$t->upstream(sub {
    my ($request) = @_;

    my ($n) = $request->uri =~ m{/(\d+)$};
    my @type = defined $n ? "Content-Type: $types[$n]" : ();

    return { headers => \@type, body => $page };
});

my $bare = @unreadable;

my $named = join '', map {
    my $type = $types[$_] =~ s/(["\\])/\\$1/gr;

    <<"CONF";
        location = /default/$_ {
            default_type  "$type";
            alias         %%TESTDIR%%/page;
        }

        location = /types/$_.html {
            types  { "$type" html; }
            alias  %%TESTDIR%%/page.html;
        }

        location = /return/$_ {
            default_type  "$type";
            return        200  '$page';
        }

        location = /added/$_ {
            types         { }
            default_type  text/plain;
            add_header    Content-Type  "$type";
            alias         %%TESTDIR%%/page;
        }
CONF
} 0 .. $#types;

$t->http_config(<<"CONF")->run;
    consent  enforce;

    consent_category performance { resource .stats.example; }
    consent_types                application/xhtml+xml;

    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

$named

        # the last line is the one that browsers take

        location = /two-lines {
            default_type  text/html;
            add_header    Content-Type  "text/html; charset=utf-8";
            add_header    Content-Type  "text/html; charset=utf-16";
            alias         %%TESTDIR%%/page;
        }

        location = /xml-line {
            default_type  text/html;
            add_header    Content-Type  application/xhtml+xml;
            return        200  '<p><![CDATA[>]]><script src="//stats.example/"/></p>';
        }

        location = /text-line {
            types         { }
            default_type  text/plain;
            add_header    Content-Type  text/css;
            alias         %%TESTDIR%%/page;
        }

        # nginx's own charset module

        location /charset/ {
            charset       utf-16le;
            default_type  text/html;
            alias         %%TESTDIR%%/;
        }

        location /override/ {
            charset           utf-16le;
            override_charset  on;
            proxy_pass        http://%%UPSTREAM%%/$bare;
        }

        location /gzip-static/ {
            gzip_static   on;
            default_type  "text/html; charset=utf-16";
            alias         %%TESTDIR%%/;
        }

        # pages of nginx, and some that are not

        location /own/ {
            charset  utf-16le;

            location /own/404/ {
                alias  %%TESTDIR%%/none/;
            }

            location /own/return/ {
                return  403;
            }

            location /own/moved/ {
                return  302  http://elsewhere.example/;
            }

            location /own/upstream/ {
                proxy_pass  http://127.0.0.1:%%PORT:closed%%;
            }

            location /own/pass/ {
                consent_uninspectable  pass;
                return                 404;
            }

            location /own/page/ {
                error_page  404  /charset/page.html;
                alias       %%TESTDIR%%/none/;
            }

            location /own/labels/ {
                add_header  Content-Encoding  compress  always;
                add_header  Content-Type  "text/html; charset=utf-16"  always;
                return      404;
            }

            location /own/gzip/ {
                charset     off;
                add_header  Content-Encoding  gzip  always;
                return      404;
            }

            location /own/report/ {
                consent  report;
                return   404;
            }
        }

        location = /endless {
            error_page  502  /endless;
            recursive_error_pages  on;
            add_header  Content-Encoding  compress  always;
            proxy_pass  http://%%UPSTREAM%%/$bare;
        }

        location /label-only/ {
            charset       utf-16le;
            default_type  text/html;
            return        200  '$page';
        }
    }
CONF

$t->write_file($_, $page) for 'page', 'page.html';

is(system("gzip -k $_"), 0, 'gzip')
    for $t->dir . '/page';


sub refused {
    my ($uri, $what) = @_;

    my $r = $t->get($uri, 'Accept: text/html', 'Accept-Encoding: gzip');

    is($r->status, 502, "$what: 502");
    unlike($r->body, qr/stats\.example/, "$what: nothing of the page");
    like($r->body, qr{<h1>502 Bad Gateway</h1>}, "$what: an error page");
    unlike($r->head, qr/utf-?16|iso-2022/i, "$what: of no such encoding");
}


for my $n (0 .. $#types) {
    for my $how ('', 'default/', 'types/', 'return/', 'added/') {
        my $what = "$how$types[$n]";
        my $uri = "/$how$n" . ($how =~ /types/ ? '.html' : '');

        if ($n < @unreadable) {
            refused($uri, $what);
            next;
        }

        my $r = $t->get($uri);

        is($r->status, 200, "$what: 200");
        like($r->body, qr/data-consent="performance"/, "$what: inspected");
    }
}

refused('/two-lines', 'two lines');
refused('/charset/page', 'charset');
refused('/override/', 'override_charset');
refused('/gzip-static/page', 'gzip_static');
refused('/label-only/', 'return');

like($t->get('/none')->body, qr/data-consent="performance"/,
     'no type, no encoding');
unlike($t->get('/xml-line')->body, qr{<script src},
       'a line that makes it XML');
is($t->get('/text-line')->body, $page, 'a line that makes it no page');


# pages of nginx

for my $case ([ '404/x', 404 ], [ 'return/', 403 ], [ 'moved/', 302 ],
              [ 'upstream/', 502 ], [ 'pass/', 404 ], [ 'labels/', 404 ],
              [ 'gzip/', 404 ])
{
    my ($uri, $status) = @$case;

    my $r = $t->get("/own/$uri");

    is($r->status, $status, "$uri: as nginx has it");
    like($r->body, qr{<center><h1>$status }, "$uri: its page");
    is(join(' ', $r->headers('Content-Type')), 'text/html', "$uri: its type");
    is($r->header('Content-Encoding'), undef, "$uri: no coding");
    like($t->head("/own/$uri")->head, qr{Content-Type: text/html\r\n},
         "$uri: HEAD");
}

refused('/own/page/x', 'a page that is not of nginx');
refused('/endless', 'error pages of error pages');

my $r = $t->get('/own/report/');

is($r->status, 404, 'report: as nginx has it');
is($r->header('Content-Type'), 'text/html; charset=utf-16le',
   'report: changes nothing');

$r = $t->get('/own/404/x', 'Cookie: ' . $t->consent_cookie(
    name => 'consent', categories => [ 'performance' ]));

is($r->header('Content-Type'), 'text/html; charset=utf-16le',
   'accepted: nothing is changed');

done_testing();
