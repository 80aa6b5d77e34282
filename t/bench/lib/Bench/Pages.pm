package Bench::Pages;

# Copyright (C) ngx_consent_module authors
#
# Pages of given sizes, cut from saved ones.  There are several of each size,
# taken from all over the collection.

use strict;
use warnings;

use File::Path qw(make_path);

use Bench::Process qw(slurp);

# how many pages of each size: enough to be different, few enough to be asked
# for in equal numbers within one sample

our %SIZES = (
    '5k'   => { title => '5 KB', bytes => 5_000, pages => 64 },
    '50k'  => { title => '50 KB', bytes => 50_000, pages => 16 },
    '300k' => { title => '300 KB', bytes => 300_000, pages => 8 },
    '2m'   => { title => '2 MB', bytes => 2_000_000, pages => 4 },
);

our @SIZES = qw(5k 50k 300k 2m);


# ends behind a tag, if there is one not far from the end

sub cut {
    my ($text, $bytes) = @_;

    my $end = 1 + rindex $text, '>', $bytes - 1;

    return substr $text, 0, $end > 0.9 * $bytes ? $end : $bytes;
}


# the page that begins with file number $from; whole files, but for the last

sub page {
    my ($files, $from, $bytes) = @_;

    my $text = '';

    for (my $i = $from; length $text < $bytes; $i++) {
        $text .= slurp($files->[$i % @$files]);
    }

    return cut($text, $bytes);
}


# writes DIR/SIZE/NUMBER.html; returns how many bytes each page of each size
# has

sub make {
    my ($dir, $files, @sizes) = @_;

    my %bytes;

    for my $size (@sizes) {
        my $n = $SIZES{$size}{pages};

        make_path("$dir/$size");

        for my $i (0 .. $n - 1) {
            my $page = page($files, int($i * @$files / $n),
                            $SIZES{$size}{bytes});

            open my $fh, '>:raw', "$dir/$size/$i.html"
                or die "$dir/$size/$i.html: $!\n";
            print $fh $page;
            close $fh or die "$dir/$size/$i.html: $!\n";

            push @{ $bytes{$size} }, length $page;
        }
    }

    return \%bytes;
}

1;
