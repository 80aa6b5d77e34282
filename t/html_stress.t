#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Random pages, cut at random, encoded or not, by every kind of buffering, to
# slow readers at the same time: every byte is compared.  CONSENT_STRESS is the number of
# pages, CONSENT_SEED the first seed.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Encode qw(codings encode header);
use Test::Consent::Stress::Page;

use Compress::Zlib ();

my $jobs = $ENV{CONSENT_STRESS} || 96;
my $first = $ENV{CONSENT_SEED} || 1;
my $readers = 8;

my $t = Test::Consent->new;

my @codings = ('', codings());


# each way meets each of them

sub coding {
    my ($seed) = @_;

    return $codings[int($seed / 7) % @codings];
}

$t->upstream(sub {
    my ($request) = @_;

    my ($way, $seed) = $request->uri =~ m{^/(\w+)/(\d+)};
    my ($in) = Test::Consent::Stress::Page::make($seed);
    my @headers = ('Content-Type: text/html');

    if (my $coding = coding($seed)) {
        $in = encode($coding, $in);
        push @headers, 'Content-Encoding: ' . header($coding);
    }

    return { headers => \@headers, body => $in,
             framing => (qw(length chunked close))[$seed % 3],
             cut => [ $seed, (1, 50, 3000, 20000)[$seed % 4] ], step => 0 };
});

$t->http_config(<<'CONF')->run;
    consent_category performance { resource .stats.example; inline track(; }

    consent             enforce;
    consent_buffer      1k;
    proxy_http_version  1.1;

    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=one:1m;

    server {
        listen  127.0.0.1:%%PORT%%  sndbuf=4k;

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

        location /sub/ {
            proxy_buffer_size        1k;
            proxy_buffers            2 1k;
            proxy_busy_buffers_size  1k;
            sub_filter               'no such text'  '';
            proxy_pass               http://%%UPSTREAM%%;
        }

        location /gzip/ {
            gzip        on;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /limit/ {
            limit_rate  2m;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /cache/ {
            proxy_cache        one;
            proxy_cache_valid  1m;
            proxy_pass         http://%%UPSTREAM%%;
        }
    }
CONF

my @ways = qw(buffered unbuffered tiny sub gzip limit cache);


# returns what is wrong, or nothing

sub job {
    my ($seed) = @_;

    my $way = $ways[$seed % @ways];
    my (undef, $want) = Test::Consent::Stress::Page::make($seed);

    srand $seed;

    my $c = $t->connect(rcvbuf => 4096);
    $c->send("GET /$way/$seed HTTP/1.1\r\nHost: localhost\r\n"
             . "Accept-Encoding: gzip\r\n\r\n");

    my $r = $c->response;
    my $got = $r->body;

    if (($r->header('Content-Encoding') // '') eq 'gzip') {
        $got = Compress::Zlib::memGunzip($got) // '';
    }

    return if $r->complete && $got eq $want;

    my $at = 0;
    $at++ while $at < length $got && substr($got, $at, 1)
                                     eq substr($want, $at, 1);

    return sprintf "/%s/%d (%s): %d of %d bytes, first difference at %d",
                   $way, $seed, coding($seed), length $got, length $want, $at;
}


# each reader has its share, and a pipe for its complaints

my @pipes;

for my $reader (0 .. $readers - 1) {
    pipe my $from, my $to or die "pipe: $!";

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        for (my $n = $reader; $n < $jobs; $n += $readers) {
            my $wrong = job($first + $n) // next;

            syswrite $to, "$wrong\n";
        }

        syswrite $to, "done\n";
        POSIX::_exit(0);
    }

    close $to;
    push @pipes, [ $pid, $from ];
}

my ($done, @wrong) = (0);

for my $pipe (@pipes) {
    my ($pid, $from) = @$pipe;

    while (my $line = <$from>) {
        chomp $line;
        $line eq 'done' ? $done++ : push @wrong, $line;
    }

    waitpid $pid, 0;
}

is($done, $readers, 'all readers came to their end');
is_deeply(\@wrong, [], "$jobs pages from seed $first, byte for byte");

done_testing();
