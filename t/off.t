#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Where consent is off nothing changes: nginx without the module, with it, and
# with it and a whole policy answer the same bytes, and ask the upstream with
# the same bytes: in every situation below, and for every kind of request to
# every kind of content.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Page qw(page);

use Compress::Zlib ();

my $site = Test::Consent->new(module => 0);
my $root = $site->dir . '/site';

my $page = '<!doctype html><head></head><script src="https://x.stats.example/">'
           . '</script><img src=https://x.stats.example/p>' . 'text ' x 2000;

$site->write_file('site/index.html', $page);
$site->write_file('site/part.html', '<b><!--# echo var="uri" --></b>');
$site->write_file('site/ssi.html', '<p><!--# include virtual="/part.html" -->'
                  . '<!--# include virtual="/proxy/length" -->');
$site->write_file('site/file.txt', "line\n" x 3000);
$site->write_file('site/folder/a.html', 'a');
$site->write_file('site/.hidden', 'x');

utime 1700000000, 1700000000, glob("$root/*"), "$root/folder/a.html",
      "$root/folder";

my @cookies = ('Set-Cookie: _ga=1; Max-Age=99999999', 'Set-Cookie: sid=1',
               'Link: <https://x.stats.example/a.js>; rel=preload',
               'Content-Security-Policy: script-src x.stats.example',
               'Refresh: 0; url=https://x.stats.example/');

my %answers = (
    length => { headers => [ 'Content-Type: text/html', 'ETag: "abc"',
                             'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
                             'Accept-Ranges: bytes', @cookies ],
                body => $page },
    chunked => { headers => [ 'Content-Type: text/html', @cookies ],
                 body => $page, framing => 'chunked' },
    close => { headers => [ 'Content-Type: text/html' ], body => $page,
               framing => 'close' },
    encoded => { headers => [ 'Content-Type: text/html',
                              'Content-Encoding: br' ], body => "\x01\x02" },
    untyped => { headers => [ 'Content-Type:' ], body => $page },
    utf16 => { headers => [ 'Content-Type: text/html; charset=utf-16' ],
               body => "\xff\xfe<\0" },
    range => { status => 206, reason => 'Partial Content', body => 'x' x 10,
               headers => [ 'Content-Type: text/html',
                            'Content-Range: bytes 0-9/100' ] },
    error => { status => 500, reason => 'No', body => $page,
               headers => [ 'Content-Type: text/html', @cookies ] },
    missing => { status => 404, reason => 'Not Found', body => $page,
                 headers => [ 'Content-Type: text/html', @cookies ] },
    nothing => { status => 204, reason => 'No Content', body => '',
                 headers => [ @cookies ], framing => 'close' },
    unchanged => { status => 304, reason => 'Not Modified', body => '',
                   headers => [ 'ETag: "abc"', @cookies ],
                   framing => 'close' },
    moved => { status => 302, reason => 'Found', body => '',
               headers => [ 'Location: /elsewhere', @cookies ] },
    accel => { headers => [ 'X-Accel-Redirect: /static/index.html',
                            @cookies ], body => '' },
    short => { headers => [ 'Content-Type: text/html' ], length => 5000,
               close => 1, body => $page =~ s/^(.{100}).*/$1/sr },
    upgrade => { raw => "HTTP/1.1 101 Switching Protocols\r\n"
                        . "Upgrade: x\r\nConnection: upgrade\r\n"
                        . "Set-Cookie: _ga=1\r\n\r\nbytes" },
);

$site->upstream(sub {
    my ($request) = @_;

    my ($name) = $request->uri =~ m{([^/?]+)(?:\?|$)};

    return { step => 0, %{ $answers{$name} // $answers{length} } };
});

my $upstream = $site->upstream_of(undef)->address;


# content of every kind, one that answers to conditions and ranges

my @tagged = page(60);
my @protocols = qw(fastcgi scgi uwsgi);
my @upstreams = ('tagged', @protocols);

my @headers = (
    'Content-Type: text/html', 'Set-Cookie: sid=1', 'Set-Cookie: _ga=1',
    'ETag: "abc"', 'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
    'Cache-Control: public, max-age=60', 'Vary: Accept-Language',
    'Link: <https://x.stats.example/a.js>; rel=preload',
    'Refresh: 5; url=https://x.stats.example/',
    'Content-Security-Policy: script-src https://x.stats.example',
    'Accept-Ranges: bytes',
);

for my $name (@upstreams) {
    $site->upstream(sub {
        my ($request) = @_;

        my $uri = $request->uri;
        my $none = $request->header('If-None-Match');

        return { status => 304, headers => [ 'ETag: "abc"' ] }
            if defined $none && $none eq '"abc"' && $uri !~ /cached/;

        return { status => 206, reason => 'Partial Content',
                 headers => [ @headers, 'Content-Range: bytes 0-9/999' ],
                 body => substr $tagged[0], 0, 10 }
            if $request->header('Range') && $uri !~ /cached/;

        return { headers => [ @headers, 'Content-Encoding: br' ],
                 body => "\x8b\x01\x80abc\x03" } if $uri =~ /brotli/;

        return { headers => \@headers,
                 body => $tagged[0], cut => [ 5, 700 ], step => 0,
                 status => $uri =~ m{/(\d{3})} ? $1 : 200,
                 framing => $uri =~ /chunked/ ? 'chunked' : 'length' };
    }, $name, $name eq 'tagged' ? 'http' : $name);
}

$site->write_file('kinds/page.html', $tagged[0]);
$site->write_file('kinds/text.txt', 'a text');
$site->write_file('kinds/ssi.html', 'a<!--#include virtual="/page.html" -->b'
                  . '<!--#include virtual="/proxied/x" -->');
$site->write_file('kinds/list/a.html', 'x');

my $kinds = $site->dir . '/kinds';

# what a static file's validators are made of

utime 1700000000, 1700000000, map { "$kinds/$_" }
    'page.html', 'text.txt', 'ssi.html', 'list/a.html', 'list';

my %address = map { $_ => $site->upstream_of($_)->address } @upstreams;

my $gateways = join '', map { <<"CONF" } @protocols;
        location /$_/ {
            %%PARAMS:$_%%
            ${_}_pass  $address{$_};
        }
CONF

my $every_kind = <<"CONF";
    server {
        listen       127.0.0.1:%%PORT:kinds%%;
        root         $kinds;
        server_name  localhost;

        default_type      text/html;
        port_in_redirect  off;

        gzip             on;
        gzip_min_length  20;
        gunzip           on;
        userid           off;

        proxy_set_header  Host  \$host;

        add_header  Set-Cookie  "_ga=added";

        location / {
            ssi  on;
        }

        location /proxied/ {
            proxy_pass  http://$address{tagged};
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://$address{tagged};
        }

        location /cached/ {
            proxy_cache       one;
            proxy_cache_lock  on;
            proxy_ignore_headers  Set-Cookie;
            proxy_pass        http://$address{tagged};
        }

        location /intercepted/ {
            proxy_intercept_errors  on;
            error_page              404 500  /page.html;
            proxy_pass              http://$address{tagged};
        }

        location /sub/ {
            sub_filter  text  TEXT;
            proxy_pass  http://$address{tagged};
        }

        location /list/ {
            autoindex  on;
        }

        location /returned {
            return  200  '<script src=//x.stats.example/></script>';
        }

        location /forbidden {
            return  403;
        }

$gateways
    }
CONF

my $conf = <<"CONF";
    proxy_http_version  1.1;
    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=one:1m;

    server {
        listen       127.0.0.1:%%PORT%%;
        server_name  localhost;
        root         $root;

        add_header   Set-Cookie  "_ga=2";
        add_header   X-Seen  "\$http_cookie \$cookie__ga"  always;

        port_in_redirect  off;

        location / { }

        location /static/  { alias $root/; }
        location /list/    { alias $root/; autoindex on; }
        location /ssi.html { ssi on; }
        location = /return { return 200 '<script>x</script>'; default_type text/html; }
        location = /moved  { return 301 /elsewhere; }
        location = /denied { deny all; }

        location /gzip/ {
            gzip             on;
            gzip_min_length  1;
            proxy_pass       http://$upstream;
        }

        location /sub/ {
            sub_filter  '</head>' '<script src=//x.stats.example/></script>';
            proxy_pass  http://$upstream;
        }

        location /added/ {
            add_after_body  /static/index.html;
            proxy_pass      http://$upstream;
        }

        location /userid/ {
            userid          on;
            userid_service  1;
            alias           $root/;
            if (\$request_method = POST) { return 405; }
        }

        location /error/ {
            proxy_intercept_errors  on;
            error_page  500  /static/index.html;
            error_page  404  =200 \@named;
            proxy_pass  http://$upstream;
        }

        location \@named { proxy_pass http://$upstream; }

        location /cache/ {
            proxy_cache           one;
            proxy_cache_valid     any 1h;
            proxy_ignore_headers  Set-Cookie;
            proxy_pass            http://$upstream;
            add_header            X-Cache  \$upstream_cache_status;
        }

        location /auth/ {
            auth_request      /sub-request;
            auth_request_set  \$got  \$upstream_http_set_cookie;
            add_header        X-Auth  \$got;
            proxy_pass        http://$upstream;
        }

        location = /sub-request {
            internal;
            proxy_pass               http://$upstream/length;
            proxy_pass_request_body  off;
        }

        location /rewrite/ {
            rewrite     ^/rewrite/(.*)  /proxy/\$1;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://$upstream;
        }

        location /upgrade {
            proxy_set_header  Upgrade     \$http_upgrade;
            proxy_set_header  Connection  upgrade;
            proxy_pass        http://$upstream;
        }

        location /proxy/ {
            proxy_pass  http://$upstream;
        }
    }
CONF

my $policy = <<'CONF';
    consent_policy    7;
    consent_category  necessary   { always on; cookie sid; }
    consent_category  performance { cookie _ga; resource .stats.example;
                                    inline x; max_age 1d; }
    consent_key       %%TESTDIR%%/key;

    consent_default      performance;
    consent_signal       gpc deny=performance;
    consent_unclassified cookie=performance third_party=performance;
CONF

my %nginx = (
    plain => $site,
    loaded => Test::Consent->new,
    off => Test::Consent->new,
);

$nginx{off}->write_file('key', 'k' x 32);
chmod 0600, $nginx{off}->dir . '/key';

$conf .= $every_kind;

$nginx{plain}->http_config($conf)->run;
$nginx{loaded}->http_config($conf)->run;
$nginx{off}->http_config("$policy\n    consent off;\n$conf")->run;


# [name, request line, fields ...]; "Connection: close" and a Host are added

my $cookie = 'Cookie: _ga=1; consent=1.2.3; sid=2';

my @situations = (
    (map { [ "file $_->[0]", "$_->[1] /index.html HTTP/1.1", $cookie,
             @$_[2 .. $#$_] ] }
     [ 'whole', 'GET' ], [ 'HEAD', 'HEAD' ], [ 'POST', 'POST' ],
     [ 'range', 'GET', 'Range: bytes=5-20' ],
     [ 'two ranges', 'GET', 'Range: bytes=5-20,30-40' ],
     [ 'range too far', 'GET', 'Range: bytes=999999-' ],
     [ 'not modified since', 'GET',
       'If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT' ],
     [ 'not modified', 'GET', 'If-None-Match: *' ],
     [ 'If-Match', 'GET', 'If-Match: "nothing"' ],
     [ 'If-Range', 'GET', 'If-Range: "nothing"', 'Range: bytes=0-3' ]),

    [ 'HTTP/1.0', 'GET /index.html HTTP/1.0' ],
    [ 'text', 'GET /file.txt HTTP/1.1', 'Range: bytes=-10' ],
    [ 'autoindex', 'GET /list/ HTTP/1.1' ],
    [ 'SSI', 'GET /ssi.html HTTP/1.1', $cookie ],
    [ 'a folder', 'GET /folder HTTP/1.1' ],
    [ 'return', 'GET /return HTTP/1.1' ],
    [ 'redirect', 'GET /moved HTTP/1.1' ],
    [ 'denied', 'GET /denied HTTP/1.1', $cookie ],
    [ 'not found', 'GET /no HTTP/1.1', $cookie ],
    [ 'a bad request', 'GET /index.html HTTP/1.1', "Bad\x00: 1" ],
    [ 'two hosts', 'GET / HTTP/1.1', 'Host: another' ],
    [ 'a bad method', "G\x01T / HTTP/1.1" ],
    [ 'Upgrade', 'GET /upgrade HTTP/1.1', 'Upgrade: x', $cookie ],
    [ 'userid', 'POST /userid/index.html HTTP/1.1' ],
    [ 'rewrite', 'GET /rewrite/length HTTP/1.1', $cookie ],
    [ 'auth_request', 'GET /auth/length HTTP/1.1', $cookie ],
    [ 'addition', 'GET /added/length HTTP/1.1', $cookie ],
    [ 'sub_filter', 'GET /sub/length HTTP/1.1', $cookie ],
    [ 'intercepted 500', 'GET /error/error HTTP/1.1', $cookie ],
    [ 'intercepted 404', 'GET /error/missing HTTP/1.1', $cookie ],

    (map { [ "cache $_", 'GET /cache/length HTTP/1.1', $cookie ] }
     'miss', 'hit'),
    [ 'cache, not modified', 'GET /cache/length HTTP/1.1',
      'If-None-Match: "abc"' ],
    [ 'cache, range', 'GET /cache/length HTTP/1.1', 'Range: bytes=1-2' ],

    (map { [ "upstream $_", "GET /proxy/$_ HTTP/1.1", $cookie,
             'Accept-Encoding: gzip, br', 'Sec-Fetch-Dest: document',
             'Accept: text/html', 'Sec-GPC: 1' ] }
     sort grep { $_ ne 'upgrade' } keys %answers),

    [ 'upstream, conditions', 'GET /proxy/length HTTP/1.1',
      'Range: bytes=0-3', 'If-Range: "abc"', 'If-None-Match: "abc"',
      'If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT',
      'Accept: text/html' ],
    [ 'upstream, HEAD', 'HEAD /proxy/length HTTP/1.1', $cookie ],
    [ 'upstream, two Cookie fields', 'GET /proxy/length HTTP/1.1', $cookie,
      'Cookie: _ga=3' ],
    [ 'upstream, odd cookies', 'GET /proxy/length HTTP/1.1',
      "Cookie: ;; =x; _ga; \xff=\xff,_ga=4;", 'Cookie:' ],
    [ 'upstream, HTTP/1.0', 'GET /proxy/length HTTP/1.0', $cookie ],
    [ 'upstream, gzip', 'GET /gzip/length HTTP/1.1',
      'Accept-Encoding: gzip' ],
    [ 'upstream, unbuffered', 'GET /unbuffered/chunked HTTP/1.1', $cookie ],
);


# how a body is cut depends on the moment

sub without_chunks {
    my ($bytes) = @_;

    my $all = '';

    while ($bytes =~ s/\A(.*?^Transfer-Encoding: chunked\r\n.*?\r\n\r\n)//ms) {
        $all .= $1;

        while ($bytes =~ s/\A([0-9a-f]+)\r\n//) {
            my $size = hex $1;

            $all .= substr $bytes, 0, $size, '';
            $bytes =~ s/\A\r\n// or last;

            if ($size == 0) {
                $all .= '(end)';
                last;
            }
        }
    }

    return $all . $bytes;
}


# other things that change by themselves: Date, names that nginx makes up

sub bytes {
    my ($t, $request) = @_;

    my $c = $t->connect;

    $c->send($request);

    my $bytes = $c->take_all;

    $c->close;

    my ($bound) = $bytes =~ /boundary=(\w+)/;

    $bytes =~ s/$bound/BOUND/g if defined $bound;
    $bytes =~ s/^Date: [^\r]*/Date: -/mg;
    $bytes =~ s/^(Set-Cookie: uid=)[^;]*/$1-/mg;

    return without_chunks($bytes);
}


sub compare {
    my ($name, $request, $want) = @_;

    my (%got, %asked);

    for my $kind (sort keys %nginx) {
        $site->forget_requests;
        $got{$kind} = bytes($nginx{$kind}, $request);
        $asked{$kind} = join "\n", map { $_->head . $_->body }
                                   $site->requests;
    }

    like($got{plain}, $want, "$name: as it should be");

    for my $kind ('loaded', 'off') {
        ok($got{$kind} eq $got{plain}, "$name: $kind")
            or diag("without the module:\n", substr($got{plain}, 0, 800),
                    "\n$kind:\n", substr $got{$kind}, 0, 800);

        is($asked{$kind}, $asked{plain}, "$name: $kind, the upstream");
    }
}

for my $situation (@situations) {
    my ($name, $line, @fields) = @$situation;

    compare($name, join("\r\n", $line, 'Host: localhost', @fields,
                        'Connection: close', '', ''), qr{^HTTP/1\.[01] \d+ });
}

compare('pipelined requests',
        "GET /proxy/length HTTP/1.1\r\nHost: localhost\r\n$cookie\r\n\r\n"
        . "GET /proxy/chunked HTTP/1.1\r\nHost: localhost\r\n\r\n"
        . "HEAD /index.html HTTP/1.1\r\nHost: localhost\r\n\r\n"
        . "GET /index.html HTTP/1.1\r\nHost: localhost\r\n"
        . "Connection: close\r\n\r\n",
        qr{^HTTP/1\.1 200 .*HTTP/1\.1 200 .*HTTP/1\.1 200 .*HTTP/1\.1 200 }s);

compare('a body',
        "POST /proxy/length HTTP/1.1\r\nHost: localhost\r\n$cookie\r\n"
        . "Content-Length: 7\r\nConnection: close\r\n\r\na=1&b=2",
        qr{^HTTP/1\.1 200 });


# every kind of request to every kind of content

sub answer {
    my ($t, $method, $uri, @request) = @_;

    $site->forget_requests($_) for @upstreams;

    my $r = $t->request({ port => 'kinds' }, $method, $uri, 'Host: localhost',
                        @request);
    my $asked = join "\n", map {
        map { $_->head . $_->body } $site->requests($_)
    } @upstreams;

    # what gzip makes of a stream depends on when it comes

    my $body = ($r->header('Content-Encoding') // '') eq 'gzip'
               ? Compress::Zlib::memGunzip($r->body) // $r->body : $r->body;

    return ($r->head =~ s/^Date: .*\n//mr, $body, $asked, $r->complete);
}

my @requests = (
    [],
    [ 'Cookie: sid=1; _ga=2; odd', 'Cookie: more=3' ],
    [ 'Accept: text/html', 'Accept-Encoding: gzip, br',
      'Sec-Fetch-Dest: document', 'Sec-Fetch-Site: cross-site',
      'Sec-GPC: 1', 'DNT: 1', 'Cookie: consent=broken; _ga=1' ],
    [ 'Accept: text/html', 'If-None-Match: "abc"',
      'If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT' ],
    [ 'Accept: text/html', 'If-None-Match: "6553f100-1b6f"',
      'If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT' ],
    [ 'Accept: text/html', 'Range: bytes=0-9', 'If-Range: "abc"' ],
    [ 'Range: bytes=99999-' ],
);

my @uris = ('/page.html', '/text.txt', '/ssi.html', '/none', '/list/',
    '/list', '/returned', '/forbidden', '/proxied/x', '/proxied/chunked',
    '/proxied/404', '/proxied/brotli', '/unbuffered/x', '/unbuffered/chunked',
    '/cached/x', '/cached/x', '/intercepted/404', '/intercepted/500',
    '/sub/x', map { "/$_/x" } @protocols);

for my $uri (@uris) {
    for my $n (0 .. $#requests) {
        for my $method ('GET', 'HEAD', 'POST') {
            my @plain = answer($nginx{plain}, $method, $uri,
                               @{ $requests[$n] });

            # the module alone is compared above

            my @got = answer($nginx{off}, $method, $uri, @{ $requests[$n] });

            ok($got[0] eq $plain[0] && $got[1] eq $plain[1]
               && $got[2] eq $plain[2] && $got[3] == $plain[3],
               "$method $uri, request $n")
                or diag("got:\n$got[0]\n$got[2]\nplain:\n$plain[0]\n$plain[2]");
        }
    }
}

done_testing();
