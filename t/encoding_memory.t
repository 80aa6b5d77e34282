#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Encoded pages that grow a thousand times, slow readers, and pages that come
# little by little: memory has a bound, nothing waits that could go on, and a
# slow reader holds back the upstream.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Encode qw(codings encode flushed header);

use Compress::Raw::Zlib ();
use Compress::Zlib ();

my $t = Test::Consent->new;

my $tag = '<script src="https://x.stats.example/a.js"></script>';
my $mark = '<script type="text/plain" data-consent="performance" '
           . 'data-consent-src="https://x.stats.example/a.js"></script>';

my $megabytes = 64;
my $unit = 'text ' x (1024 * 1024 / 5) . "\n";

my @codings = grep { $_ ne 'zlib' && $_ ne 'raw' } codings();
my %bomb;

{
    my $text = $unit x $megabytes . $tag;

    # windows as large as they may be

    my %options = (zstd => [ '-q', '-19' ], br => [ '-q', '5', '-w', '24' ]);

    for my $coding (@codings) {
        $bomb{$coding} = encode($coding, $text, @{ $options{$coding} // [] });
    }
}

my @stream = ("<p>one\n", "$tag<p>two\n", "<p>three\n");
my @flushed = flushed(Compress::Zlib::MAX_WBITS() + 16, @stream);

# too many bytes for the sockets and for what nginx holds

srand 1;

my $large = join '', map { "<p>$_ " . rand() . "\n" } 1 .. 400000;
my $large_gzip = Compress::Zlib::memGzip($large . $tag);

$t->upstream(sub {
    my ($request) = @_;

    my (undef, $way, $what) = split m{/}, $request->uri;

    my @headers = ('Content-Type: text/html',
                   'Content-Encoding: ' . header($what));

    return { headers => [ $headers[0], 'Content-Encoding: gzip' ],
             chunks => [ @flushed ], framing => 'chunked' }
        if $what eq 'stream';

    return { headers => [ $headers[0], 'Content-Encoding: gzip' ],
             body => $large_gzip, cut => 65536, step => 0 }
        if $what eq 'large';

    return { headers => \@headers, body => $bomb{$what}, cut => 16384,
             step => 0 };
});

$t->http_config(<<'CONF')->run;
    consent_category performance { resource .stats.example; }

    consent             enforce;
    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%  sndbuf=8k;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /gzip/ {
            gzip        on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /tiny/ {
            proxy_buffer_size         1k;
            proxy_buffers             2 1k;
            proxy_busy_buffers_size   1k;
            proxy_max_temp_file_size  0;
            proxy_pass                http://%%UPSTREAM%%;
        }
    }
CONF


# the largest resident size that the worker ever had, in kilobytes

sub peak {
    my ($worker) = $t->workers;

    open my $fh, '<', "/proc/$worker/status" or die "status: $!";

    return do { local $/; <$fh> } =~ /^VmHWM:\s+(\d+)/m ? $1 : die 'VmHWM';
}


# reads a body of any length without keeping it: its length and its end

sub drain {
    my ($uri, @options) = @_;

    my $c = $t->connect(rcvbuf => 65536);

    $c->send("GET $uri HTTP/1.0\r\nHost: localhost\r\n\r\n");

    my ($head, $end, $length) = ('', '', 0);

    while (defined(my $piece = $c->read_some)) {
        last if $piece eq '';

        if ($head !~ /\r\n\r\n/) {
            $head .= $piece;
            next unless $head =~ s/\r\n\r\n(.*)//s;
            $piece = $1;
            $head .= "\r\n\r\n";
        }

        $length += length $piece;
        $end = substr $end . $piece, -length $mark;
    }

    $c->close;

    return ($length, $end);
}

is($t->get('/stream/stream')->status, 200, 'the worker has seen a page');

my $before = peak();

# consent_decode.h says what each decoder needs, in megabytes

my %needs = (gzip => 1, zstd => 9, br => 17);

@codings = sort { $needs{$a} <=> $needs{$b} } @codings;

my $allowed = 3;

for my $coding (@codings) {
    for my $way ('buffered', 'unbuffered', 'tiny') {
        my ($length, $end) = drain("/$way/$coding");

        is($length, $megabytes * length($unit) + length $mark,
           "$coding, $way: " . length($bomb{$coding}) . ' bytes become '
           . "$megabytes MB");
        is($end, $mark, "$coding, $way: to the end");
    }

    my $grown = peak() - $before;

    # the allocator may keep what the decoders before have given back

    $allowed += $needs{$coding};

    SKIP: {
        if (Test::Consent::nginx_build() =~ /-fsanitize/) {
            skip 'a sanitizer keeps memory back', 1;
        }

        cmp_ok($grown, '<', $allowed * 1024,
               "$coding: the worker grew by $grown KB");
    }
}


# a page that comes little by little goes on as it comes

for my $way ('unbuffered') {
    my $c = $t->connect;
    my $got = '';

    $c->send("GET /$way/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");

    my $r = $c->response;

    is($r->body, "<p>one\n$mark<p>two\n<p>three\n", "$way: a stream");
    cmp_ok(scalar @{ $r->chunks }, '>=', 3, "$way: in its pieces");
}


# readers that stop for a while get everything in the end

for my $way ('buffered', 'unbuffered', 'tiny', 'gzip') {
    my $c = $t->connect(rcvbuf => 4096);

    $c->send("GET /$way/large HTTP/1.1\r\nHost: localhost\r\n"
             . "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n");

    # another request is served while this reader does not read

    is($t->get("/$way/stream")->status, 200, "$way: others are served");

    my $r = $c->response;
    my $body = $r->body;

    if ($way eq 'gzip') {
        $body = Compress::Zlib::memGunzip($body) // '';
    }

    ok($r->complete && $body eq $large . $mark, "$way: a slow reader");
}

# one that goes away leaves nothing

{
    my $c = $t->connect(rcvbuf => 4096);

    $c->send("GET /buffered/large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    $c->read_some;
    $c->close;

    is($t->get('/buffered/stream')->status, 200, 'a reader went away');
}

done_testing();
