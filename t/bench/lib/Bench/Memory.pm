package Bench::Memory;

# Copyright (C) ngx_consent_module authors
#
# What the worker needs at most while clients read slowly, for each of them.

use strict;
use warnings;

use List::Util qw(min);

use Bench::Process qw(forget_peak memory);
use Bench::Variants;

use constant {
    CLIENTS => 50,
    SIZE => '2m',       # of the pages that they read
    ROUNDS => 5,        # at most; the figures hardly differ
};


# KB for a client; a new worker each time, so that it has kept nothing

sub growth {
    my ($setup, $name) = @_;

    my $server = $setup->server($name)->restart;
    my $worker = $server->worker;
    my $uri = '/' . SIZE . '/@.html';
    my $pages = $setup->pages(SIZE);

    $setup->load($name, uri => $uri, requests => $pages, pages => $pages);

    my $rest = memory($worker, 'VmRSS');

    forget_peak($worker);

    $setup->load($name, uri => $uri, requests => CLIENTS, pages => $pages,
                        connections => CLIENTS, slow => 1);

    return (memory($worker, 'VmHWM') - $rest) / CLIENTS;
}


sub run {
    my ($setup, $table, $rounds) = @_;

    my (@plain, @denied, @ratio);

    $rounds = min($rounds, ROUNDS);

    for my $round (1 .. $rounds) {
        my %growth;

        for my $name ($round % 2 ? qw(plain denied) : qw(denied plain)) {
            $growth{$name} = growth($setup, $name);
        }

        push @plain, $growth{plain};
        push @denied, $growth{denied};
        push @ratio, $growth{denied} / $growth{plain};

        $setup->progress("memory: round $round of $rounds");
    }

    $table->section('(e) memory, ' . CLIENTS . ' slow clients x 2 MB',
                    'KB for each', 'times plain');
    $table->row(Bench::Variants::title('plain'), \@plain);
    $table->row(Bench::Variants::title('denied'), \@denied, \@ratio);
    $table->targets('<=', [ undef, $Bench::Variants::LIMITS{memory} ],
                    \@denied, \@ratio);
}

1;
