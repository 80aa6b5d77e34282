#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# consent_banner: who is asked, in which responses, where in the page, and
# that no other byte of it changes.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

$t->write_file('own.key', 'k' x 40);
chmod 0600, $t->dir . '/own.key';

my $tracker = '<script src="https://stats.example/a.js"></script>';
my $head = "<!doctype html>\n<html><head><title>T</title>";
my $page = "$head$tracker</head><body class=a>$tracker<p>x</body></html>\n";
my $plain = "$head</head><body><p>x</body></html>\n";

my %pages = (
    '/page' => $page,
    '/plain' => $plain,
    '/implied' => "$head<p>x",
    '/empty' => $head,
    '/fragment' => "<div>x</div>$tracker",
    '/frameset' => "$head<frameset><frame src=a></frameset>",
    '/own' => "$head<body data-consent-banner>x",
    '/own-meta' => "<!doctype html><meta name=consent-banner><body>x",
    '/base' => "$head<base href='https://cdn.example/'><body>x",
    '/latin1' => "$head<body>\xe9",
    '/cut' => "$head<body>x",
);

my %headers = (
    '/json' => [ 'Content-Type: application/json' ],
    '/xhtml' => [ 'Content-Type: application/xhtml+xml' ],
    '/download' => [ 'Content-Type: text/html',
                     'Content-Disposition: attachment; filename=a.html' ],
    '/inline' => [ 'Content-Type: text/html',
                   'Content-Disposition: inline' ],
    '/latin1' => [ 'Content-Type: text/html; charset=iso-8859-1' ],
    '/utf16' => [ 'Content-Type: text/html; charset=utf-16' ],
    '/csp' => [ 'Content-Type: text/html',
                "Content-Security-Policy: default-src 'self'" ],
);

$t->upstream(sub {
    my ($request) = @_;
    my ($path) = $request->uri =~ /^([^?]*)/;
    my ($status) = $path =~ m{^/status/(\d+)};
    my ($cut) = $request->uri =~ /cut=(\d+)/;
    my ($case) = $path =~ m{^(?:/\w+-language)?(/.*)};

    return {
        status => $status // 200,
        headers => [ @{ $headers{$path} // [ 'Content-Type: text/html' ] },
                     'ETag: "v1"',
                     $status && $status =~ /^30/ ? 'Location: /page' : () ],
        body => $pages{$case} // $plain,
        defined $cut ? (cut => $cut) : (),
    };
});

$t->write_file('banner.html', '<p id="mine">$consent_variant $uri</p>');

$t->http_config(<<'CONF')->run;
    consent_policy  2;
    consent_key     own.key;

    consent_category necessary   { always on; }
    consent_category performance { resource .stats.example; }

    consent_text de {
        banner_title  "Cookies für Sie";
        refuse_all    "Ablehnen";
    }

    server {
        listen   127.0.0.1:%%PORT%%;
        consent  enforce;

        consent_banner  on;

        location / {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /german-language/ {
            consent_language  $arg_lang;
            proxy_pass        http://%%UPSTREAM%%;
        }

        location /.consent/ {
            consent_endpoint;
        }

        location /off/ {
            consent_banner  off;
            proxy_pass      http://%%UPSTREAM%%/page;
        }

        location /consent-off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%/page;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%/page;
        }

        location /strict/ {
            consent_cookie  consent samesite=strict;
            proxy_pass      http://%%UPSTREAM%%/page;
        }

        location /allowed/ {
            consent_default  performance;
            proxy_pass       http://%%UPSTREAM%%/page;
        }

        location /gzip/ {
            gzip            on;
            gzip_min_length 1;
            proxy_pass      http://%%UPSTREAM%%/page;
        }

        location /template/ {
            consent_template  banner banner.html;
            proxy_pass        http://%%UPSTREAM%%/page;
        }

        location /nothing {
            return 404;
        }
    }

    server {
        listen   127.0.0.1:%%PORT:always%%;
        consent  enforce;
        consent_banner  on;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /.consent/ {
            consent_endpoint;
        }
    }
CONF

my @browser = ('Accept: text/html', 'Sec-Fetch-Dest: document',
               'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Site: none');
my @decided = ('Cookie: ' . $t->consent_cookie(
    name => 'consent', policy => 2, key => 'k' x 40, categories => []));
my $banner = qr{<section class="consent-banner".*?</section>\n}s;


sub body_of {
    my ($uri, @more) = @_;

    return $t->get($uri, @browser, @more)->body;
}


sub asks {
    my ($uri, @more) = @_;

    return body_of($uri, @more) =~ $banner ? 1 : 0;
}


# the banner and its place; every other byte is as without it

my $asked = body_of('/page?a=1&b');
my $quiet = body_of('/page?a=1&b', @decided);

like($asked, qr{<body class=a>$banner}, 'behind the body tag');
is($asked =~ s/$banner//r, $quiet, 'nothing else is different');
like($quiet, qr/text\/plain/, 'what is refused is blocked in both');

my ($html) = $asked =~ /($banner)/;

cmp_ok(length $html, '<=', 3 * 1024, 'it is small');
like($html, qr{<form method="post" action="/\.consent/">}, 'a plain form');
unlike($html, qr/<script|style=|\bon\w+=/, 'without script and inline style');
like($html, qr{<link rel="stylesheet" href="/\.consent/style\.css">},
     'styled by the endpoint');
like($html, qr{name="return" value="/page\?a=1&#38;b"}, 'leads back');
like($html, qr{href="/\.consent/\?return=/page%3Fa%3D1%26b"},
     'and to the page where one chooses');
like($html, qr{name="choice" value="none".*name="choice" value="all"}s,
     'refusing comes first');
is(scalar(() = $html =~ /class="consent-button"/g), 3, 'three alike');

is(body_of('/implied') =~ s/$banner//r, "$head<p>x", 'implied: the same');
like(body_of('/implied'), qr{</title>$banner<p>}, 'implied: before it');
like(body_of('/empty'), qr{</title>$banner$}, 'an empty body');
like(body_of('/base'), qr{action="//localhost/\.consent/"},
     'base: the host is named');
like(body_of('/base'), qr{href="//localhost/\.consent/style\.css"},
     'base: that of the style sheet, too');
like(body_of('/plain'), qr{<body>$banner<p>},
     'in a page with nothing to be blocked');
is(body_of('/plain') =~ s/$banner//r, $plain, 'whose bytes are the same');

for my $path ('/page', '/implied', '/empty', '/base', '/fragment', '/own') {
    my $whole = body_of($path);

    for my $cut (1, 2, 3, 7, 23) {
        my $pieces = body_of("$path?cut=$cut") =~ s/\?cut=$cut|%3Fcut%3D$cut//gr;

        is($pieces, $whole, "$path in pieces of $cut");
    }
}


# who is asked

is(asks('/page', @decided), 0, 'not who has refused');

for my $case (
    [ 1, 'a decision for another policy', policy => 1 ],
    [ 1, 'an old one', issued => time - 200 * 86400 ],
    [ 1, 'a forged one', key => 'f' x 40 ],
    [ 0, 'one that accepts all', categories => [ 'performance' ] ],
)
{
    my ($want, $name, @fields) = @$case;
    my $cookie = $t->consent_cookie(name => 'consent', policy => 2,
                                    key => 'k' x 40, @fields);

    is(asks('/page', "Cookie: $cookie"), $want, "cookie: $name");
}

for my $case (
    [ 1, 'a browser', @browser ],
    [ 1, 'an old browser', 'Accept: text/html' ],
    [ 1, 'a robot' ],
    [ 0, 'an iframe', 'Sec-Fetch-Dest: iframe' ],
    [ 0, 'a frame', 'Sec-Fetch-Dest: frame' ],
    [ 0, 'embed', 'Sec-Fetch-Dest: embed' ],
    [ 0, 'object', 'Sec-Fetch-Dest: object' ],
    [ 0, 'fetch()', 'Sec-Fetch-Dest: empty' ],
    [ 0, 'XMLHttpRequest', 'X-Requested-With: XMLHttpRequest' ],
    [ 0, 'htmx', 'HX-Request: true' ],
    [ 0, 'Turbo', 'Turbo-Frame: a' ],
    [ 0, 'pjax', 'X-PJAX: true' ],
)
{
    my ($want, $name, @headers) = @$case;

    is($t->get('/page', @headers)->body =~ $banner ? 1 : 0, $want, $name);
}

is($t->get('/strict/', 'Sec-Fetch-Dest: document',
           'Sec-Fetch-Site: cross-site')->body =~ $banner ? 1 : 0, 0,
   'not where the browser keeps the cookie back');
is($t->get('/strict/', 'Sec-Fetch-Dest: document',
           'Sec-Fetch-Site: same-origin')->body =~ $banner ? 1 : 0, 1,
   'but where it would have sent it');


# in which responses

is(asks($_), 0, "not in $_") for '/fragment', '/frameset', '/own',
    '/own-meta', '/json', '/xhtml', '/download', '/off/', '/consent-off/',
    '/report/', '/status/302', '/.consent/', '/.consent/cookies',
    '/.consent/blocked?category=performance';
is(asks($_), 1, "in $_") for '/inline', '/csp', '/status/404', '/status/500',
    '/nothing', '/allowed/';

is(body_of('/fragment'), body_of('/fragment', @decided),
   'a fragment is as it would be');
is(body_of('/report/'), $page, 'report changes nothing');

$t->allow_log(qr/cannot be inspected/);

is($t->get('/utf16', @browser)->status, 502,
   'what cannot be read is refused for what may be in it');
is($t->get({ port => 'always' }, '/utf16', @browser, 'Cookie: '
           . $t->consent_cookie(policy => 2, key => 'k' x 40,
                                categories => [ 'performance' ],
                                name => 'consent'))->status, 200,
   'and passed to who allows all');

like($t->get('/status/404', @browser)->status, qr/404/, 'the status stays');

my $r = $t->request('HEAD', '/page', @browser);

is($r->header('Content-Length'), undef, 'HEAD: the length is not known');
is($t->get('/page', @browser, 'Accept-Encoding: gzip')->header(
       'Content-Encoding'), undef, 'not encoded');
is($t->get('/gzip/', @browser, 'Accept-Encoding: gzip')->header(
       'Content-Encoding'), 'gzip', 'encoded behind it');


# caches: who is asked has another page than who refused

my $tag = $t->get('/page', @browser)->header('ETag');
my $other = $t->get('/page', @browser, @decided)->header('ETag');

isnt($tag, $other, 'another tag');
is($t->get('/page', @browser, @decided, "If-None-Match: $tag")->status, 200,
   'a choice makes another page');
like($t->get('/page', @browser, "If-None-Match: $other")->body, $banner,
     'and a decision that ended');
isnt($t->get('/page', @browser, 'Sec-Fetch-Dest: iframe')->header('ETag'),
     '', 'frames have one, too');


is($t->get('/page', @browser)->header('Vary'), 'Cookie, Sec-Fetch-Dest',
   'Vary names what decides on it');
is($t->get('/page', @browser, @decided)->header('Vary'),
   'Cookie, Sec-Fetch-Dest', 'without it as well');
is($t->get('/german-language/page', @browser)->header('Vary'),
   'Cookie, Accept-Language, Sec-Fetch-Dest', 'and the language');
is($t->get('/off/', @browser)->header('Vary'), 'Cookie', 'where it is on');


# languages and encodings

like(body_of('/german-language/page?lang=de'),
     qr/<section class="consent-banner"[^>]* lang="de".*Cookies f&#252;r Sie/s,
     'a language, in ASCII');
like(body_of('/german-language/page?lang=de'), qr/Ablehnen.*Accept all/s,
     'what it leaves out is in English');
like(body_of('/german-language/page?lang=de-AT'), qr/Ablehnen/, 'a region');
like(body_of('/german-language/page?lang=DE'), qr/Ablehnen/, 'in upper case');
like(body_of('/german-language/page?lang=fr'), qr/lang="en".*Refuse all/s,
     'an unknown one');
like(body_of('/german-language/page'), qr/lang="en"/, 'none');
unlike(body_of('/german-language/page?lang=de') =~ /($banner)/ ? $1 : "\xff",
       qr/[\x80-\xff]/, 'nothing but ASCII');
is(body_of('/latin1') =~ s/$banner//r, "$head<body>\xe9",
   'a page in another encoding');

isnt($t->get('/german-language/page?lang=de', @browser)->header('ETag'),
     $t->get('/german-language/page?lang=en', @browser)->header('ETag'),
     'languages have different tags');


# a template of the site, which may ask for what depends on it

like(body_of('/template/'), qr{<body class=a><p id="mine">\w{8} /template/</p>},
     'a template');


# mistakes

for my $case (
    [ 'no endpoint', <<'CONF', qr/"consent_banner" in .*:\d+ has nowhere/ ],
    consent_category a { }
    server {
        listen 127.0.0.1:%%PORT:x%%;
        consent enforce;
        consent_banner on;
    }
CONF
    [ 'off in that server', <<'CONF', undef ],
    consent_category a { }
    consent_banner on;
    server {
        listen 127.0.0.1:%%PORT:x%%;
        consent enforce;
        consent_banner off;
    }
    server { listen 127.0.0.1:%%PORT:y%%; }
CONF
    [ 'a source of others alone', <<'CONF', qr/has no effect: add "own"/ ],
    consent_category a { }
    consent_source x { cookie x; parse cookies; decided "has(self)";
                       grant a "self=yes"; }
    server {
        listen 127.0.0.1:%%PORT:x%%;
        consent enforce;
        consent_use x;
        consent_banner on;
        location /.consent/ { consent_endpoint; }
    }
CONF
    [ 'twice', <<'CONF', qr/"consent_banner" directive is duplicate/ ],
    consent_banner on;
    consent_banner on;
CONF
    [ 'an exact location', <<'CONF', qr/needs a location.*:\d+/ ],
    server { listen 127.0.0.1:%%PORT:x%%;
             location = /c { consent_endpoint; } }
CONF
    [ 'a regular expression', <<'CONF', qr/needs a location.*:\d+/ ],
    server { listen 127.0.0.1:%%PORT:x%%;
             location ~ /c { consent_endpoint; } }
CONF
    [ 'a named location', <<'CONF', qr/needs a location.*:\d+/ ],
    server { listen 127.0.0.1:%%PORT:x%%;
             location @c { consent_endpoint; } }
CONF
    [ 'no location', <<'CONF', qr/not allowed here/ ],
    server { listen 127.0.0.1:%%PORT:x%%; consent_endpoint; }
CONF
    [ 'an unknown template', <<'CONF', qr/unknown template "pages" in "consent_template", there/ ],
    consent_template pages page.html;
CONF
    [ 'no such file', <<'CONF', qr/file ".*nothing.html" of "consent_template" failed/ ],
    consent_template page nothing.html;
CONF
    [ 'an unknown text', <<'CONF', qr/unknown text "nothing"/ ],
    consent_text fr { nothing "x"; }
CONF
    [ 'a text twice', <<'CONF', qr/text "save" is given twice/ ],
    consent_text fr { save "x"; save "y"; }
CONF
    [ 'an odd language', <<'CONF', qr/invalid language "-"/ ],
    consent_text - { save "x"; }
CONF
    [ 'a title of nothing', <<'CONF', qr/unknown category "b" in "consent_text/ ],
    consent_category a { }
    consent_text fr { title b "x"; }
CONF
    [ 'a title of nothing in defaults', <<'CONF', undef ],
    consent_category a { }
    consent_text fr defaults { title b "x"; }
CONF
    [ 'secure= without a variable', <<'CONF', qr/"secure=on" in "consent_cookie" must have a var/ ],
    consent_cookie consent secure=on;
CONF
)
{
    my ($name, $conf, $want) = @$case;
    my ($status, $output) = $t->test_http_config($conf);

    if (defined $want) {
        isnt($status, 0, "$name: refused");
        like($output, $want, "$name: says why");

    } else {
        is($status, 0, "$name: accepted") or diag($output);
    }
}

for my $case (
    [ 'x <!-- consent: each thing -->', qr/line 1: .*is none of/ ],
    [ "\n\n<!-- consent: end -->",      qr/line 3: .*ends no block/ ],
    [ "<!-- consent: each category -->x", qr/a block has no end/ ],
    [ "<!-- consent: if -->x<!-- consent: end -->", qr/is none of/ ],
    [ "<!-- consent: if \$host",        qr/has no "-->"/ ],
    [ '<!-- consent: each category -->' x 9, qr/is in too many others/ ],
    [ '$consent_page_nothing',          qr/unknown variable "\$consent_page/ ],
    [ '$consent_text_nothing',          qr/unknown variable "\$consent_text/ ],
    [ '$nothing_at_all',                qr/unknown "nothing_at_all" variable/ ],
)
{
    my ($text, $want) = @$case;

    $t->write_file('wrong.html', $text);

    my ($status, $output) = $t->test_http_config(
        'consent_template page wrong.html;');

    isnt($status, 0, "$want: refused");
    like($output, $want, "$want: says why");
}

done_testing();
