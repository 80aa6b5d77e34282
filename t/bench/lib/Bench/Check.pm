package Bench::Check;

# Copyright (C) ngx_consent_module authors
#
# Before anything is measured: each variant does its work, for each page.
# Otherwise a proxy that fails would be the fastest of all.

use strict;
use warnings;

use HTTP::Tiny;
use IO::Uncompress::Gunzip qw(gunzip $GunzipError);

use Bench::Process qw(slurp);
use Bench::Variants;

my $mark = qr/ data-consent="/;
my $replaced = qr{//blocked\.invalid/};


sub count {
    my ($text, $pattern) = @_;

    return scalar(() = $text =~ /$pattern/g);
}


sub fetch {
    my ($setup, $name, $uri) = @_;

    my %headers = map { split /: /, $_, 2 } $setup->headers($name);
    my $agent = delete $headers{'User-Agent'};

    my $url = 'http://127.0.0.1:' . $setup->server($name)->port . $uri;

    return HTTP::Tiny->new(agent => $agent)->get($url,
                                                 { headers => \%headers });
}


# returns the decoded body; dies of what is wrong

sub response {
    my ($setup, $name, $uri) = @_;

    my $variant = $Bench::Variants::VARIANTS{$name};
    my $response = fetch($setup, $name, $uri);
    my $headers = $response->{headers};
    my $body = $response->{content};

    die "status $response->{status}\n" if $response->{status} != 200;

    my $cookies = $headers->{'set-cookie'} // [];
    my $found = ref $cookies ? @$cookies : 1;
    my $wanted = $variant->{cookies} // 3;

    die "$found Set-Cookie instead of $wanted\n" if $found != $wanted;

    if ($variant->{gzip}) {
        my $coding = $headers->{'content-encoding'} // 'none';
        my $text;

        die "Content-Encoding is $coding\n" if $coding ne 'gzip';

        gunzip(\$body, \$text) or die "gzip: $GunzipError\n";

        return $text;
    }

    if (!$variant->{body} && !defined $headers->{'content-length'}) {
        die "Content-Length is lost\n";
    }

    return $body;
}


# One page; $marked refers to what the module made of it before.  Returns how
# many things were blocked, and the length.

sub page {
    my ($setup, $name, $uri, $marked) = @_;

    my $in = slurp("$setup->{dir}/pages$uri");
    my $out = response($setup, $name, $uri);
    my $body = $Bench::Variants::VARIANTS{$name}{body} // 'same';

    if ($body eq 'same') {
        die "the page was changed\n" if $in ne $out;
        return (0, length $out);
    }

    if ($body eq 'marked' && $out ne ($$marked //= $out)) {
        die "not what the module made of the page before\n";
    }

    my $pattern = $body eq 'marked' ? $mark : $replaced;

    return (count($out, $pattern) - count($in, $pattern), length $out);
}


# All pages of a size; returns what was blocked in them, and their bytes as
# they came out.

sub size {
    my ($setup, $name, $size, $marked) = @_;

    my ($blocked, $bytes) = (0, 0);

    for my $i (0 .. $setup->pages($size) - 1) {
        my $uri = "/$size/$i.html";
        my ($n, $length) = eval {
            page($setup, $name, $uri, \$marked->{$uri});
        };

        die "check of $name, $uri: $@" if $@;

        $blocked += $n;
        $bytes += $length;
    }

    if (!$blocked && $Bench::Variants::VARIANTS{$name}{body}) {
        die "check of $name, $size: nothing was blocked\n";
    }

    return ($blocked, $bytes);
}


# verbose: what came out of each variant, not only what is wrong

sub run {
    my ($setup, $verbose, @names) = @_;

    my $format = "%-12s %-6s %6s %10s %10s %8s\n";
    my %marked;

    printf $format, qw(variant size pages in out blocked) if $verbose;

    for my $name (@names) {
        for my $size ($setup->sizes) {
            my ($blocked, $bytes) = size($setup, $name, $size, \%marked);

            if ($verbose) {
                printf $format, $name, $size, $setup->pages($size),
                       $setup->pages($size) * $setup->bytes($size, '@'), $bytes,
                       $blocked;
            }
        }
    }

    $setup->progress(@names . ' variants do their work');
}

1;
