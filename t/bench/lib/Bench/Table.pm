package Bench::Table;

# Copyright (C) ngx_consent_module authors
#
# The one table that is printed: sections of rows with up to four columns.  A
# figure is the list of its samples and shows as median and range.

use strict;
use warnings;

use Exporter qw(import);
use List::Util qw(max min);

our @EXPORT_OK = qw(median);

use constant LABEL => 34;


sub new {
    my ($class) = @_;

    return bless { rows => [], met => 0, missed => [] }, $class;
}


sub median {
    my @sorted = sort { $a <=> $b } @_;

    return ($sorted[@sorted / 2] + $sorted[(@sorted - 1) / 2]) / 2;
}


# ratios near 1 are the ones that matter most

sub digits {
    my ($x) = @_;

    my $decimals = abs $x >= 100 ? 0 : abs $x >= 10 ? 1 : abs $x >= 2 ? 2 : 3;

    return sprintf '%.*f', $decimals, $x;
}


sub figure {
    my (@samples) = @_;

    return '' unless @samples;

    return sprintf '%s (%s to %s)', map { digits($_) }
                   median(@samples), min(@samples), max(@samples);
}


# above the sections that belong together

sub title {
    my ($self, $title) = @_;

    push @{ $self->{rows} }, [ '' ], [ $title ];
}


sub section {
    my ($self, $title, @columns) = @_;

    push @{ $self->{rows} }, [ '' ], [ $title, @columns ];
}


sub row {
    my ($self, $label, @columns) = @_;

    push @{ $self->{rows} },
         [ "  $label", map { figure(@$_) } @columns ];
}


# Beneath a row of figures: what they must be, and whether they are.  $sign is
# "<=" or ">=", limits may be undefined.

sub targets {
    my ($self, $sign, $limits, @columns) = @_;

    my $label = $self->{rows}[-1][0] =~ s/^\s+//r;
    my @cells;

    for my $i (0 .. $#columns) {
        my $limit = $limits->[$i];
        my @samples = @{ $columns[$i] };

        if (!defined $limit || !@samples) {
            push @cells, '';
            next;
        }

        my $distance = median(@samples) - $limit;
        my $met = $sign eq '<=' ? $distance <= 0 : $distance >= 0;

        push @cells, sprintf '%s %s  %s', $sign, digits($limit),
                             $met ? 'met' : 'MISSED';

        if ($met) {
            $self->{met}++;

        } else {
            push @{ $self->{missed} }, $label;
        }
    }

    push @{ $self->{rows} }, [ '    must be', @cells ];
}


sub print {
    my ($self) = @_;

    my @rows = @{ $self->{rows} };
    my @width = map {
        my $i = $_;
        max(map { length($_->[$i] // '') } @rows);
    } 1 .. 4;

    for my $row (@rows) {
        my ($label, @cells) = @$row;

        my $line = sprintf '%-*s', LABEL, $label;

        for my $i (0 .. $#cells) {
            $line .= sprintf '  %-*s', $width[$i], $cells[$i];
        }

        print $line =~ s/\s+$//r, "\n";
    }

    my $missed = @{ $self->{missed} };

    if ($self->{met} + $missed) {
        printf "\n%d of %d targets met\n", $self->{met},
               $self->{met} + $missed;
    }
}

1;
