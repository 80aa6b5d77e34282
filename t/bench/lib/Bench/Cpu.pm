package Bench::Cpu;

# Copyright (C) ngx_consent_module authors
#
# CPU time of the proxy's worker for a MB of HTML, in the kernel and outside.
#
# Each sample of a variant comes right behind one of what it is compared with,
# and the ratio of the two counts: what disturbs the machine disturbs both.
# The order of the pairs is reversed in every other round.

use strict;
use warnings;

use List::Util qw(max);

use Bench::Pages;
use Bench::Process qw(cpu_time);
use Bench::Setup;
use Bench::Table qw(median);
use Bench::Variants;


# CPU seconds of all pages of a size, asked for so many times

sub sample {
    my ($setup, $name, $size, $times, $visitor) = @_;

    my $worker = $setup->server($name)->worker;
    my $before = cpu_time($worker);

    $setup->load($name,
        uri => "/$size/@.html",
        pages => $setup->pages($size),
        requests => $times * $setup->pages($size),
        connections => Bench::Setup::CONNECTIONS,
        visitor => $visitor,
    );

    return (cpu_time($worker) - $before) / $times;
}


# how many times all pages are to be asked for, so that a sample takes about
# so many seconds

sub calibrate {
    my ($setup, $name, $size, $seconds) = @_;

    sample($setup, $name, $size, 1);

    return max(1, int(0.5 + $seconds / sample($setup, $name, $size, 2)));
}


# returns { ratio => { pair => [ samples ] }, cpu => { variant => ... } }

sub measure_size {
    my ($setup, $size, $pairs, $rounds, $seconds) = @_;

    my (%times, %ratio, %cpu);

    my $mb = $setup->bytes($size) / 1e6;

    for my $name (map { @$_[0, 1] } @$pairs) {
        $times{$name} //= calibrate($setup, $name, $size, $seconds);
    }

    for my $round (1 .. $rounds) {
        for my $pair ($round % 2 ? @$pairs : reverse @$pairs) {
            my ($name, $base) = @$pair;

            my $x = sample($setup, $base, $size, $times{$base}, $name);
            my $y = sample($setup, $name, $size, $times{$name});

            push @{ $ratio{"$name:$base"} }, $y / $x;
            push @{ $cpu{$base} }, $x * 1e6 / $mb;
            push @{ $cpu{$name} }, $y * 1e6 / $mb;
        }

        $setup->progress("proxy, $size: round $round of $rounds");
    }

    return { ratio => \%ratio, cpu => \%cpu };
}


sub compare {
    my ($table, $pair, $sizes, $results) = @_;

    my ($name, $base) = @$pair;

    my @columns = map { $_->{ratio}{"$name:$base"} } @$results;
    my @limits = map { Bench::Variants::limit($pair, $_) } @$sizes;

    $table->row(Bench::Variants::title($name), @columns);
    $table->targets('<=', \@limits, @columns) if defined $limits[0];
}


sub run {
    my ($setup, $table, $pairs, $rounds, $seconds) = @_;

    my @sizes = $setup->sizes;
    my @results = map {
        measure_size($setup, $_, $pairs, $rounds, $seconds)
    } @sizes;

    $table->section('(b) proxy: CPU, us for a MB',
                    map { $Bench::Pages::SIZES{$_}{title} } @sizes);

    for my $name (@Bench::Variants::VARIANTS) {
        my @columns = map { $_->{cpu}{$name} // [] } @results;

        $table->row(Bench::Variants::title($name), @columns)
            if @{ $columns[0] };
    }

    for my $base (qw(plain sub_1 sub_10 gzip)) {
        my @of_base = grep { $_->[1] eq $base } @$pairs or next;

        $table->section('times ' . Bench::Variants::title($base),
                        map { $Bench::Pages::SIZES{$_}{title} } @sizes);

        compare($table, $_, \@sizes, \@results) for @of_base;
    }
}

1;
