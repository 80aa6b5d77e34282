package Bench::Rules;

# Copyright (C) ngx_consent_module authors
#
# Rule sets of a given size.  A rule is [ kind, pattern ].
#
#   full($n)    everything in trackers.txt, filled up to $n resource rules
#   growth($n)  eight hosts and two texts of trackers.txt, filled up to $n
#               rules: sets of any size block the same
#
# What is filled in is of the forms that catalogues have: hosts, hosts with
# their subdomains, hosts with a path, and one text of inline scripts for
# every fifty rules.

use strict;
use warnings;

use File::Basename qw(dirname);

my $trackers = dirname(__FILE__) . '/../../trackers.txt';

my @names = qw(ads analytics beacon cdn click collect count data event js log
    measure media metrics pixel pub s stat sync tag tags track www);
my @zones = qw(com net io org co.uk de fr eu);


sub real {
    my ($kind) = @_;

    open my $fh, '<', $trackers or die "$trackers: $!\n";

    return grep { $_->[0] eq $kind }
           map { /^(resource|inline)\s+(\S+)$/ ? [ $1, $2 ] : () } <$fh>;
}


sub made_up {
    my ($i) = @_;

    if ($i % 50 == 49) {
        return [ inline => "_trk$i.push(" ];
    }

    my $name = $names[$i % @names];
    my $zone = $zones[$i % @zones];

    my @patterns = (
        ".vendor$i.$zone",
        "$name.vendor$i.$zone",
        "$name.vendor$i.$zone/$name/",
        ".vendor$i.$zone/v" . $i % 7 . '/',
    );

    return [ resource => $patterns[$i % @patterns] ];
}


sub full {
    my ($n) = @_;

    my @rules = (real('resource'), real('inline'));
    my $resources = grep { $_->[0] eq 'resource' } @rules;

    for (my $i = 0; $resources < $n; $i++) {
        push @rules, made_up($i);
        $resources++ if $rules[-1][0] eq 'resource';
    }

    return @rules;
}


sub growth {
    my ($n) = @_;

    my @rules = ((real('resource'))[0 .. 7], (real('inline'))[0, 1]);

    for (my $i = 0; @rules < $n; $i++) {
        push @rules, made_up($i);
    }

    return @rules;
}


sub hosts {
    my ($n) = @_;

    return map { $_->[1] } (real('resource'))[0 .. $n - 1];
}


# one rule a line, for engine_bench

sub write_list {
    my ($file, @rules) = @_;

    open my $fh, '>', $file or die "$file: $!\n";
    print $fh "$_->[0] $_->[1]\n" for @rules;
    close $fh or die "$file: $!\n";

    return $file;
}


# the policy for nginx, rules spread over the categories that can be refused

sub write_policy {
    my ($file, @rules) = @_;

    my @categories = qw(functional performance targeting);
    my %cookies = (performance => '_ga', targeting => '_fbp',
                   functional => 'lang');

    open my $fh, '>', $file or die "$file: $!\n";

    print $fh "consent_policy 1;\n",
              "consent_category necessary { always on; }\n";

    for my $c (0 .. $#categories) {
        print $fh "consent_category $categories[$c] {\n",
                  "    cookie $cookies{$categories[$c]};\n";

        for my $i (grep { $_ % @categories == $c } 0 .. $#rules) {
            print $fh "    $rules[$i][0] \"$rules[$i][1]\";\n";
        }

        print $fh "}\n";
    }

    close $fh or die "$file: $!\n";

    return $file;
}

1;
