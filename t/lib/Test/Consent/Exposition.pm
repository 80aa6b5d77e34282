package Test::Consent::Exposition;

# Copyright (C) ngx_consent_module authors

use strict;
use warnings;

=head1 NAME

Test::Consent::Exposition - a strict parser of the text format of Prometheus

=head1 SYNOPSIS

    my $metrics = Test::Consent::Exposition->parse($text);   # dies

    $metrics->value('consent_cookies_total', category => 'a',
                    action => 'blocked');
    $metrics->sum('consent_cookies_total', action => 'blocked');

Version 0.0.4 of the format, and what C<promtool check metrics> asks for on
top: HELP and TYPE for every metric, counters whose names end in C<_total>.
Whatever a reader might forgive is an error here.

=cut

my $name = qr/[a-zA-Z_:][a-zA-Z0-9_:]*/;
my $label = qr/[a-zA-Z_][a-zA-Z0-9_]*/;
my $value = qr/(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NaN|[+-]Inf)/;


sub parse {
    my ($class, $text) = @_;

    my $self = bless { metrics => {}, samples => {} }, $class;
    my ($current, $n) = (undef, 0);

    $text =~ /\n\z/ or die "the last line has no end\n";
    utf8::decode(my $copy = $text) or die "not UTF-8\n";

    for my $line (split /\n/, $text) {
        $n++;

        if ($line =~ /^# HELP ($name) (\S.*)$/) {
            my ($of, $help) = ($1, $2);

            $self->{metrics}{$of}
                and die "$n: $of has another HELP or group\n";
            $help =~ /\\(?![\\n])/ and die "$n: a bad escape in HELP\n";
            $current = $of;
            $self->{metrics}{$of} = { help => $help };

        } elsif ($line =~ /^# TYPE ($name) (counter|gauge)$/) {
            my ($of, $type) = ($1, $2);
            my $metric = $self->{metrics}{$of};

            $metric && $current eq $of or die "$n: TYPE without HELP\n";
            $metric->{type} and die "$n: another TYPE\n";
            $metric->{samples} and die "$n: TYPE behind a sample\n";
            ($type eq 'counter') == ($of =~ /_total$/ ? 1 : 0)
                or die "$n: \"$of\" is no name of a $type\n";
            $metric->{type} = $type;

        } elsif ($line =~ /^($name)(?:\{(.*)\})? ($value)$/) {
            $self->sample($n, $current, $1, $2, $3);

        } else {
            die "$n: not a line of this format: $line\n";
        }
    }

    for my $metric (keys %{ $self->{metrics} }) {
        $self->{metrics}{$metric}{samples} or die "no samples of $metric\n";
    }

    return $self;
}


sub sample {
    my ($self, $n, $current, $metric, $text, $number) = @_;

    my %labels;

    defined $current && $metric eq $current
        or die "$n: $metric is not in its group\n";
    $self->{metrics}{$metric}{type} or die "$n: $metric has no TYPE\n";
    $self->{metrics}{$metric}{type} eq 'counter' && $number !~ /^\d+$/
        and die "$n: a counter that is no whole number\n";

    for ($text // '') {
        while (/\G($label)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/gc) {
            exists $labels{$1} and die "$n: label $1 twice\n";
            $labels{$1} = $2 =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ger;
        }

        (pos // 0) == length or die "$n: bad labels: $_\n";
        /,$/ and die "$n: a comma behind the last label\n";
    }

    my $key = join "\0", $metric, map { "$_=$labels{$_}" } sort keys %labels;

    $self->{samples}{$key}++ and die "$n: the same sample twice: $metric\n";

    push @{ $self->{metrics}{$metric}{samples} },
        { labels => \%labels, value => $number };
}


# all samples of a metric that have these labels

sub samples {
    my ($self, $metric, %labels) = @_;

    return grep {
        my $sample = $_;

        !grep { ($sample->{labels}{$_} // '') ne $labels{$_} } keys %labels
    } @{ $self->{metrics}{$metric}{samples} // [] };
}


sub value {
    my ($self, @arguments) = @_;

    my @found = $self->samples(@arguments);

    return @found == 1 ? $found[0]{value} : undef;
}


sub sum {
    my ($self, @arguments) = @_;

    my $sum = 0;

    $sum += $_->{value} for $self->samples(@arguments);

    return $sum;
}


sub names { return sort keys %{ $_[0]{metrics} } }


1;
