package Bench::FirstByte;

# Copyright (C) ngx_consent_module authors
#
# How long a visitor waits for the first byte of a page when the origin takes
# its time for the rest: nothing may be held back until more has come.

use strict;
use warnings;

use Bench::Table;
use Bench::Variants;

use constant REQUESTS => 5;

my %uris = (
    buffered => '/slow/',
    unbuffered => '/unbuffered/',
);


sub first {
    my ($setup, $name, $uri) = @_;

    return $setup->load($name, uri => $uri, requests => REQUESTS)->{first}
           / 1000;
}


sub run {
    my ($setup, $table, $rounds) = @_;

    my (%plain, %denied, %later);

    for my $round (1 .. $rounds) {
        for my $way (qw(buffered unbuffered)) {
            my %ms;

            for my $name ($round % 2 ? qw(plain denied) : qw(denied plain)) {
                $ms{$name} = first($setup, $name, $uris{$way});
            }

            push @{ $plain{$way} }, $ms{plain};
            push @{ $denied{$way} }, $ms{denied};
            push @{ $later{$way} }, $ms{denied} - $ms{plain};
        }

        $setup->progress("first byte: round $round of $rounds");
    }

    my @ways = qw(buffered unbuffered);
    my $limit = $Bench::Variants::LIMITS{first_byte};

    $table->section('(d) first byte, slow origin, ms', 'proxy_buffering on',
                    'proxy_buffering off');
    $table->row(Bench::Variants::title('plain'), @plain{@ways});
    $table->row(Bench::Variants::title('denied'), @denied{@ways});
    $table->row('later than plain', @later{@ways});
    $table->targets('<=', [ $limit, $limit ], @later{@ways});
}

1;
