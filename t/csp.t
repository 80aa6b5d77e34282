#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Policies made at random, narrowed by nginx and judged without the module's
# code (t/csp/judge.mjs): nothing is allowed that was not, what is refused is
# not allowed by a source of its own, and all else is as it was.
#
#     CSP_SEED, CSP_POLICIES   other policies, more of them

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Headers;

my $seed = $ENV{CSP_SEED} // 1;
my $policies = $ENV{CSP_POLICIES} // 250;

my $t = Test::Consent->new;

serve_headers($t);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance {
        resource  .tracker.example mixed.example pathonly.example/track/
                  .wide.example port.example:8443 /dir/own.js;
    }

    consent_category functional {
        resource  .fine.example mixed.example/good/ ok.wide.example;
    }

    consent_default  functional;

    large_client_header_buffers  4 32k;
    proxy_buffer_size            32k;
    proxy_busy_buffers_size      32k;
    proxy_buffers                4 32k;

    server {
        listen            127.0.0.1:%%PORT%%;
        proxy_set_header  Host  $host;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF


sub below {
    my ($n) = @_;

    $seed = ($seed * 1103515245 + 12345) % 2 ** 31;

    return int($seed / 65536) % $n;
}


sub one {
    return $_[below(scalar @_)];
}


my @directives = qw(child-src connect-src default-src font-src frame-src
    img-src manifest-src media-src object-src script-src script-src-elem
    style-src style-src-elem worker-src frame-ancestors form-action base-uri
    report-uri sandbox upgrade-insecure-requests);

my @hosts = qw(tracker.example a.tracker.example *.tracker.example
    *.a.tracker.example fine.example *.fine.example mixed.example
    *.mixed.example pathonly.example wide.example *.wide.example
    ok.wide.example no.wide.example port.example other.test *.other.test
    site.example www.site.example *.site.example *.example);

my @paths = qw(/ /a.js /good/ /good/a.js /bad/ /bad/a.js /track/ /track/a.js
    /dir/own.js);

my @others = ("'self'", "'unsafe-inline'", "'strict-dynamic'",
    "'nonce-tracker.example'", "'sha256-abc='", "'report-sample'", 'data:',
    'https:', 'wss:', '*', 'tracker', 'https:tracker.example', '*.*.example');


sub source {
    return one(@others) if below(4) == 0;

    my $source = one(@hosts);

    $source = uc $source if below(8) == 0;
    $source = one(qw(https:// http:// wss:// ws:// HTTPS://)) . $source
        if below(2);
    $source .= one(qw(:443 :8443 :8080 :*)) if below(4) == 0;
    $source .= one(@paths) if below(4) == 0;

    return $source;
}


sub directive {
    my $space = one(' ', ' ', '  ', "\t");

    return join $space, one(@directives), map { source() } 1 .. below(7);
}


sub policy {
    return join one('; ', ';', ' ;; '), map { directive() } 1 .. 1 + below(6);
}


sub json {
    return '[' . join(',', map { '"' . s/(["\\])/\\$1/gr =~ s/\t/\\t/gr . '"' }
                           @_) . ']';
}


sub judge {
    my ($name, @pairs) = @_;

    my $file = $t->dir . "/$name";

    $t->write_file($name, join '', map { "[$_->[0],$_->[1]]\n" } @pairs);

    my $script = $t->repo . '/t/csp/judge.mjs';
    my @lines = qx{node $script <$file 2>&1};

    return $? == 0 ? @lines : ("node failed\n", @lines);
}


my @pairs;

for my $n (1 .. $policies) {
    my @lines = map { join one(',', ', '), map { policy() } 1 .. 1 + below(2) }
                1 .. 1 + below(2);

    push @pairs, [ json(@lines), json(@{ headers_of($t,
        'Content-Security-Policy' => '/dir/page', \@lines,
        'Host: www.site.example') }) ];
}

my @verdict = judge('pairs', @pairs);

like($verdict[-1], qr/^0 problems in \d+ policies with \d+ sources$/,
     "$policies responses: " . $verdict[-1] =~ s/\n//r);
diag($_) for @verdict[0 .. ($#verdict > 20 ? 20 : $#verdict) - 1];


# a judge who never complains is none

my @wrong = (
    [ 'img-src tracker.example', 'img-src tracker.example', 'still has' ],
    [ 'img-src *.tracker.example', 'img-src *.tracker.example', 'still has' ],
    [ 'img-src tracker.example', 'img-src', "without 'none'" ],
    [ "default-src 'self'; img-src tracker.example", "default-src 'self'",
      'directives are others' ],
    [ "img-src 'self'", 'img-src *', 'has got' ],
    [ "img-src 'self' fine.example", "img-src 'self'", 'does not allow' ],
    [ 'img-src *.wide.example', "img-src 'none'", 'has lost' ],
    [ 'img-src mixed.example', "img-src 'none'", 'has lost' ],
    [ "script-src 'nonce-a'", "script-src 'none'", 'has lost' ],
    [ 'base-uri tracker.example', "base-uri 'none'", 'no fetch directive' ],
    [ 'img-src *, font-src *', 'img-src *', 'have become' ],
);

my $complaints = join '', judge('wrong', map { [ json($_->[0]),
                                                 json($_->[1]) ] } @wrong);

for my $n (0 .. $#wrong) {
    my ($in, $out, $complaint) = @{ $wrong[$n] };

    like($complaints, qr/^$n: .*\Q$complaint\E/m,
         "the judge complains: $in -> $out");
}

done_testing();
