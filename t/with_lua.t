#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Debian's lua module, loaded before and after ours: pages, cookies and
# subrequests that come from scripts, and scripts that look at the request.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my @lua = ('ndk_http_module', 'ngx_http_lua_module');

my $t = Test::Consent->new->skip_without(@lua);

my $src = 'https://x.stats.example/a.js';
my $script = "<script src='$src'></script>";
my $blocked = '<script type="text/plain" data-consent="performance"'
              . " data-consent-src='$src'></script>";

$t->upstream(sub {
    my ($request) = @_;

    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=1',
                          'X-Cookie: ' . ($request->header('Cookie') // '-') ],
             body => "<p>$script</p>", cut => 7 };
});

my $conf = <<'CONF';
    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga; resource .stats.example; }

    server {
        listen  127.0.0.1:%%PORT%%;

        consent             enforce;
        proxy_http_version  1.1;
        default_type        text/html;

        location /content/ {
            content_by_lua_block {
                ngx.header["Set-Cookie"] = { "_ga=1", "sid=1" }

                for part in ("<p>|<scr|ipt sr|c='https://x.sta|ts.example"
                             .. "/a.js|'></sc|ript>|</p>"):gmatch("[^|]+") do
                    ngx.print(part)
                    ngx.flush(true)
                end
            }
        }

        location /header/ {
            proxy_pass  http://%%UPSTREAM%%;

            header_filter_by_lua_block {
                ngx.header["Set-Cookie"] = { "_ga=2", "sid=2" }
            }
        }

        location /body/ {
            proxy_pass  http://%%UPSTREAM%%;

            header_filter_by_lua_block {
                ngx.header.content_length = nil
            }

            body_filter_by_lua_block {
                if ngx.arg[2] then
                    ngx.arg[1] = ngx.arg[1]
                        .. "<script src='https://x.stats.example/a.js'>"
                        .. "</script>"
                end
            }
        }

        location /access/ {
            access_by_lua_block {
                ngx.header["X-Seen"] = ngx.var.http_cookie or "-"
                ngx.header["X-Header"] = ngx.req.get_headers().cookie or "-"
            }

            proxy_pass  http://%%UPSTREAM%%;
        }

        location /rewrite/ {
            rewrite_by_lua_block {
                ngx.header["X-Seen"] = ngx.var.http_cookie
                ngx.header["X-State"] = ngx.var.consent_state
                ngx.req.set_header("Cookie", "sid=9; _ga=9")
            }

            proxy_pass  http://%%UPSTREAM%%;
        }

        location /exec/ {
            content_by_lua_block {
                return ngx.exec("/header/")
            }
        }

        location /capture/ {
            content_by_lua_block {
                local one = ngx.location.capture("/inner/")

                ngx.header["X-Inner"] = one.header["X-Cookie"]
                ngx.print("<b>", one.body, "</b>")
            }
        }

        location /inner/ {
            internal;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /exit/ {
            access_by_lua_block {
                ngx.header["Set-Cookie"] = "_ga=3"
                ngx.exit(403)
            }
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF


# without the lines that delete what the browser has sent

sub cookies {
    my ($r) = @_;

    return join ' ', grep { !/Max-Age=0/ } $r->headers('Set-Cookie');
}

for my $place ('before', 'after') {
    $t->http_config($conf, $place => \@lua)->run;

    my $r = $t->get('/content/');

    is($r->body, "<p>$blocked</p>", "$place: a page made by a script");
    is(cookies($r), 'sid=1', "$place: and its cookies");

    $r = $t->get('/header/');
    is($r->body, "<p>$blocked</p>", "$place: a page from upstream");
    is(cookies($r), 'sid=2', "$place: with cookies from a header filter");

    is($t->get('/body/')->body, "<p>$blocked</p>$blocked",
       "$place: what a body filter has added");

    $r = $t->get('/access/', 'Cookie: _ga=1; sid=4');
    is($r->header('X-Seen'), 'sid=4', "$place: \$http_cookie, access phase");
    is($r->header('X-Header'), 'sid=4', "$place: the field, access phase");

    $r = $t->get('/rewrite/', 'Cookie: _ga=1; sid=4');
    is($r->header('X-Seen'), '_ga=1; sid=4', "$place: before our phase");
    is($r->header('X-State'), 'necessary', "$place: the state even there");
    is($t->last_request->header('Cookie'), 'sid=9',
       "$place: a field that a script has set");

    $r = $t->get('/exec/', 'Cookie: _ga=1; sid=4');
    is($r->body, "<p>$blocked</p>", "$place: an internal redirect");
    is($t->last_request->header('Cookie'), 'sid=4', "$place: its request");

    $r = $t->get('/capture/', 'Cookie: _ga=1; sid=4');
    is($r->body, "<b><p>$blocked</p></b>", "$place: a captured subrequest");
    is($r->header('X-Inner'), 'sid=4', "$place: and its request");
    is(cookies($r), '', "$place: none of its cookies");

    $r = $t->get('/exit/');
    is($r->status, 403, "$place: refused by a script");
    is(cookies($r), '', "$place: without the cookie");

    $r = $t->get('/off/', 'Cookie: _ga=1');
    is($r->body, "<p>$script</p>", "$place: nothing where it is off");
    is(cookies($r), '_ga=1', "$place: the cookies as they were");

    $t->stop;
}

done_testing();
