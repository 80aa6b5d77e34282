package Test::Consent::Stress::Page;

# Copyright (C) ngx_consent_module authors
#
# Random pages together with what has to come out, for the policy
#
#     consent_category performance { resource .stats.example; inline track(; }

use strict;
use warnings;

my $host = 'https://x.stats.example/';
my $name = ' data-consent="performance"';
my $type = ' type="text/plain"';

# what a page is made of, what comes out of it, and what always follows

my @parts = (
    [ 'text ', undef ],
    [ "\n", undef ],
    [ '<', undef, ' ' ],
    [ '<p class="a b">', undef ],
    [ '<a href="x?a=b&c">link</a>', undef ],
    [ "<!-- <script src='$host'></script> -->", undef ],
    [ '<script>var a = "<img src=x>";</script>', undef ],
    [ '<script src="/own.js"></script>', undef ],
    [ '<img src="data:,' . 'x' x 3000 . '">', undef ],
    [ '<style>a { b: c }</style>', undef ],
    [ 'long text without a tag ' x 200, undef ],
    [ "<script src='$host'></script>",
      "<script$type$name data-consent-src='$host'></script>" ],
    [ '<script async>track(1)</script>',
      "<script$type$name async>track(1)</script>" ],
    [ "<img alt=a src=$host>", "<img$name alt=a data-consent-src=$host>" ],
    [ "<iframe src='$host'>x</iframe>",
      "<iframe$name data-consent-src='$host'>x</iframe>" ],
);


# Numbers of its own: srand() would make names of temporary folders, among
# others, the same each time.

sub numbers {
    my ($state) = @_;

    return sub {
        my ($below) = @_;

        $state = ($state * 1103515245 + 12345) & 0x7fffffff;

        return ($state >> 8) % $below;
    };
}


# the same for the same seed: the page, what is made of it, and how many of
# its elements are blocked

sub make {
    my ($seed) = @_;

    my $next = numbers($seed);
    my $n = 1 + $next->(400);
    my ($in, $out, $blocked) = ('', '', 0);

    for (1 .. $n) {
        my ($before, $after, $behind) = @{ $parts[$next->(scalar @parts)] };

        $in .= $before . ($behind // '');
        $out .= ($after // $before) . ($behind // '');
        $blocked++ if defined $after;
    }

    return ($in, $out, $blocked);
}


1;
