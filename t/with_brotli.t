#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Debian's brotli filter: it compresses what we have rewritten; in the other
# order nginx does not start.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $brotli = 'ngx_http_brotli_filter_module';

my $t = Test::Consent->new->skip_without($brotli);

my $script = '<script src="https://x.stats.example/a.js"></script>';
my $blocked = '<script type="text/plain" data-consent="performance"'
              . ' data-consent-src="https://x.stats.example/a.js"></script>';
my $text = '<p>' . 'some text ' x 3000 . "</p>\n";
my $page = "<!doctype html>$script$text$script";

$t->upstream(sub {
    my ($request) = @_;

    my $type = $request->uri =~ /text/ ? 'text/plain' : 'text/html';

    return { headers => [ "Content-Type: $type", 'Set-Cookie: _ga=1' ],
             body => $page, cut => [ 5, 4000 ], step => 0 };
});

my $conf = <<'CONF';
    consent_category performance { cookie _ga; resource .stats.example; }

    server {
        listen  127.0.0.1:%%PORT%%;

        brotli              on;
        brotli_types        text/plain;
        gzip                on;
        proxy_http_version  1.1;
        consent             enforce;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /tiny/ {
            proxy_buffer_size        1k;
            proxy_buffers            2 1k;
            proxy_busy_buffers_size  1k;
            brotli_buffers           2 1k;
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /accepted/ {
            consent_default  performance;
            proxy_pass       http://%%UPSTREAM%%;
        }
    }
CONF

my ($exit, $output) = $t->test_http_config($conf, after => [ $brotli ]);

isnt($exit, 0, 'brotli loaded after ours: refused');
like($output, qr/\[emerg\].*$brotli\.so above/, 'with the line to move');

$t->http_config($conf, before => [ $brotli ])->run;


# by another implementation of brotli

sub decoded {
    my ($r) = @_;

    $t->write_file('page.br', $r->body);

    my $file = $t->dir . '/page.br';

    open my $fh, '-|', 'node', '-e', <<'JS', $file or die "node: $!\n";
        const zlib = require('zlib'), fs = require('fs');
        process.stdout.write(
            zlib.brotliDecompressSync(fs.readFileSync(process.argv[1])));
JS

    return do { local $/; <$fh> } // '';
}

my %want = (
    '/' => $page =~ s/\Q$script/$blocked/gr,
    '/tiny/' => $page =~ s/\Q$script/$blocked/gr,
    '/unbuffered/' => $page =~ s/\Q$script/$blocked/gr,
    '/report/' => $page,
    '/accepted/' => $page,
    '/text' => $page,
);

for my $uri (sort keys %want) {
    my $r = $t->get($uri, 'Accept-Encoding: br');

    is($r->header('Content-Encoding'), 'br', "$uri: compressed");
    ok($r->complete, "$uri: complete");
    ok(decoded($r) eq $want{$uri}, "$uri: what it shall be");

    is_deeply([ $r->headers('Set-Cookie') ],
              $uri =~ /report|accepted/ ? [ '_ga=1' ] : [],
              "$uri: its cookies");
}

my $r = $t->get('/', 'Accept-Encoding: gzip, br');

is($r->header('Content-Encoding'), 'br', 'brotli is preferred to gzip');
ok(decoded($r) eq $want{'/'}, 'rewritten, and compressed once');

is($t->get('/')->body, $want{'/'}, 'not compressed for who does not ask');

is($t->last_request->header('Accept-Encoding') // 'identity', 'identity',
   'the upstream is not asked for brotli');

done_testing();
