package Bench::Engine;

# Copyright (C) ngx_consent_module authors
#
# The rewriter without nginx, beside memchr() and with more and more rules:
# see engine_bench.c.

use strict;
use warnings;

use Bench::Process qw(capture);
use Bench::Rules;
use Bench::Table;
use Bench::Variants;

my @growth = (10, 1_000, 10_000);


# returns { name => { figure => [ median, least, most ] } }

sub measure {
    my ($setup, $rounds, @lists) = @_;

    my %result;

    my $output = capture('taskset', '-c', $setup->{proxy_core},
                         "$setup->{build}/bench/engine_bench", '-n', $rounds,
                         (map { ('-r', $_) } @lists), @{ $setup->{files} });

    for (split /\n/, $output) {
        my ($name, $figure, @values) = split /\t/;

        $name =~ s{.*/}{};
        $result{$name}{$figure} = \@values;
    }

    return \%result;
}


sub list {
    my ($setup, $name, @rules) = @_;

    return Bench::Rules::write_list("$setup->{dir}/$name", @rules);
}


sub speed {
    my ($setup, $table, $rounds) = @_;

    my $r = measure($setup, $rounds, list($setup, 'rules',
                Bench::Rules::full(Bench::Variants::RULES)));
    my $limit = $Bench::Variants::LIMITS{engine};
    my @columns = ($r->{rules}{speed}, $r->{rules}{memchr});

    $table->section('(a) engine, saved pages, cold', 'MB/s',
                    'times memchr()');
    $table->row('memchr(), every "<"', $r->{memchr}{speed});
    $table->row('rewriter, 10,000 rules', @columns);
    $table->targets('>=', [ undef, $limit ], @columns);
}


sub growth {
    my ($setup, $table, $rounds) = @_;

    my @lists = map {
        list($setup, "rules-$_", Bench::Rules::growth($_))
    } @growth;
    my $r = measure($setup, $rounds, @lists);
    my @results = map { $r->{"rules-$_"} } @growth;
    my @columns = map { $_->{first} } @results;

    $table->section('(c) engine, more rules',
                    map { "$_ rules" } @growth);
    $table->row('MB/s', map { $_->{speed} } @results);
    $table->row('time, times that with 10', @columns);
    $table->targets('<=', [ undef, undef, $Bench::Variants::LIMITS{growth} ],
                    @columns);
}

1;
