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


# the ways to ask: all pages of a size in turn, or one of them for the time of
# a sample, in each round another one

our %PAGES = (
    one => 'one page again and again',
    many => 'many pages in turn',
);

our @PAGES = qw(one many);


# CPU seconds of so many requests; $page: the number of a page, or "@" for all
# in turn

sub sample {
    my ($setup, $name, $size, $page, $requests, $visitor) = @_;

    my $worker = $setup->server($name)->worker;
    my $before = cpu_time($worker);

    $setup->load($name,
        uri => "/$size/$page.html",
        pages => $page eq '@' ? $setup->pages($size) : 1,
        requests => $requests,
        connections => Bench::Setup::CONNECTIONS,
        visitor => $visitor,
    );

    return cpu_time($worker) - $before;
}


# how many requests take about so many seconds; a multiple of the number of
# pages, so that each is asked for equally often

sub calibrate {
    my ($setup, $name, $size, $seconds) = @_;

    my $n = $setup->pages($size);

    sample($setup, $name, $size, '@', $n);

    my $once = sample($setup, $name, $size, '@', 2 * $n) / 2;

    return $n * max(1, int(0.5 + $seconds / $once));
}


# the samples of so many rounds: { ratio => { pair => [ samples ] }, cpu => {
# variant => ... } }

sub measure_rounds {
    my ($setup, $size, $way, $pairs, $requests, $rounds) = @_;

    my (%ratio, %cpu);

    for my $round (1 .. $rounds) {
        my $page = $way eq 'many' ? '@' : ($round - 1) % $setup->pages($size);
        my $mb = $setup->bytes($size, $page) / 1e6;

        for my $pair ($round % 2 ? @$pairs : reverse @$pairs) {
            my ($name, $base) = @$pair;

            my ($x, $y) = map {
                sample($setup, $_, $size, $page, $requests->{$_}, $name)
                / $requests->{$_};
            } $base, $name;

            push @{ $ratio{"$name:$base"} }, $y / $x;
            push @{ $cpu{$base} }, $x * 1e6 / $mb;
            push @{ $cpu{$name} }, $y * 1e6 / $mb;
        }

        $setup->progress("proxy, $size, $way: round $round of $rounds");
    }

    return { ratio => \%ratio, cpu => \%cpu };
}


# The same of one start, or of several the median of each: two processes of
# one configuration differ by more than samples of one process do.

sub measure_size {
    my ($setup, $size, $way, $pairs, $rounds, $seconds, $starts) = @_;

    my %requests;

    for my $name (map { @$_[0, 1] } @$pairs) {
        $requests{$name} //= calibrate($setup, $name, $size, $seconds);
    }

    my $all = measure_rounds($setup, $size, $way, $pairs, \%requests,
                             $rounds);

    return $all if $starts == 1;

    my $medians = medians($all, {});

    for my $start (2 .. $starts) {

        for my $name (keys %requests) {
            $setup->server($name)->restart;
            sample($setup, $name, $size, '@', $setup->pages($size));
        }

        $setup->progress("proxy, $size, $way: start $start of $starts");

        medians(measure_rounds($setup, $size, $way, $pairs, \%requests,
                               $rounds), $medians);
    }

    return $medians;
}


# adds those of one start to those of others

sub medians {
    my ($samples, $to) = @_;

    for my $kind (keys %$samples) {
        for my $name (keys %{ $samples->{$kind} }) {
            push @{ $to->{$kind}{$name} },
                 median(@{ $samples->{$kind}{$name} });
        }
    }

    return $to;
}


sub compare {
    my ($table, $way, $pair, $sizes, $results) = @_;

    my ($name, $base) = @$pair;

    my @columns = map { $_->{ratio}{"$name:$base"} } @$results;
    my @limits = map { Bench::Variants::limit($pair, $way, $_) } @$sizes;

    $table->row(Bench::Variants::title($name), @columns);
    $table->targets('<=', \@limits, @columns) if defined $limits[0];
}


sub run {
    my ($setup, $table, $ways, $pairs, $rounds, $seconds, $starts) = @_;

    my @sizes = $setup->sizes;
    my @titles = map { $Bench::Pages::SIZES{$_}{title} } @sizes;

    for my $way (@$ways) {
        my @results = map {
            measure_size($setup, $_, $way, $pairs, $rounds, $seconds,
                         $starts)
        } @sizes;

        $table->title("(b) proxy, $PAGES{$way}");
        $table->section('CPU, us for a MB', @titles);

        for my $name (@Bench::Variants::VARIANTS) {
            my @columns = map { $_->{cpu}{$name} // [] } @results;

            $table->row(Bench::Variants::title($name), @columns)
                if @{ $columns[0] };
        }

        for my $base (@Bench::Variants::VARIANTS) {
            my @of_base = grep { $_->[1] eq $base } @$pairs or next;

            $table->section('times ' . Bench::Variants::title($base),
                            @titles);

            compare($table, $way, $_, \@sizes, \@results) for @of_base;
        }
    }
}

1;
