#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Debian's subs filter, loaded before and after ours: what it puts into a page
# is read as well, with every kind of buffering.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $subs = 'ngx_http_subs_filter_module';

my $t = Test::Consent->new->skip_without($subs);

my $src = 'https://x.stats.example/a.js';
my $blocked = '<script type="text/plain" data-consent="performance"'
              . " data-consent-src='$src'></script>";
my $text = join '', map { "<p>line $_</p>\n" } 1 .. 900;

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html' ], step => 0,
             body => "<head></head>\n$text<b>end</b>\n",
             cut => [ 7, 700 ] };
});

my $conf = <<'CONF';
    consent_category performance { resource .stats.example; }

    server {
        listen  127.0.0.1:%%PORT%%;

        consent             enforce;
        proxy_http_version  1.1;

        subs_filter
            '</head>' "<script src='https://x.stats.example/a.js'></script>$&";
        subs_filter
            '<b>(\w+)</b>' "<img src=https://x.stats.example/$1>"  r;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /tiny/ {
            proxy_buffer_size        1k;
            proxy_buffers            2 1k;
            proxy_busy_buffers_size  1k;
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /accepted/ {
            consent_default  performance;
            proxy_pass       http://%%UPSTREAM%%;
        }
    }
CONF

$conf =~ s/\$&/<\/head>/;

my $want = "<head>$blocked</head>\n$text"
           . '<img data-consent="performance"'
           . " data-consent-src=https://x.stats.example/end>\n";

for my $place ('before', 'after') {
    $t->http_config($conf, $place => [ $subs ])->run;

    for my $uri ('/', '/unbuffered/', '/tiny/') {
        my $r = $t->get($uri);

        ok($r->complete, "$place: $uri is complete");
        ok($r->body eq $want, "$place: $uri, what was put in is blocked")
            or diag(substr $r->body, 0, 300);
    }

    is($t->get('/accepted/')->body,
       "<head><script src='$src'></script></head>\n$text"
       . "<img src=https://x.stats.example/end>\n",
       "$place: nothing is changed where it is accepted");

    $t->stop;
}

done_testing();
