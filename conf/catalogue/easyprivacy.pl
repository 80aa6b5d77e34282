#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Makes resource rules of a filter list in the syntax of Adblock Plus, such as
# EasyPrivacy, for a consent_category block:
#
#     perl easyprivacy.pl LIST [RULES ...] >easyprivacy.conf
#
# What the rules of the files RULES cover already, those of the catalogue for
# example, is left out, in whichever category it is there.
#
# Only what resource rules say exactly is taken: "||host^" and "||host/path",
# for third parties or for all, on any site and for any kind of resource.  What
# exceptions of the list ("@@") name is left out.  The rest is counted on
# standard error.
#
# No list comes with this module: what its licence allows is between whoever
# uses the list and those who make it.

use strict;
use warnings;

my %taken;      # pattern => 1
my %except;     # host => 1
my %known;      # pattern of RULES => 1
my %not;        # reason => count

# options that do not narrow what a rule matches in a way that matters

my %harmless = map { $_ => 1 } qw(third-party 3p important all script image
    subdocument xmlhttprequest ping other stylesheet font media object
    websocket xhr frame css beacon);


sub host_is_valid {
    my ($host) = @_;

    return length $host < 254
           && $host =~ /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]{2,}$/
           && $host !~ /^[\d.]+$/;
}


sub why_not {
    my ($options) = @_;

    for my $option (grep { length } split /,/, $options) {
        return "option $1" if $option =~ /^(~?[a-z-]+)=/;
        return "option $option" unless $harmless{$option};
    }

    return;
}


sub exception {
    my ($text) = @_;

    my ($host) = $text =~ /^\|\|([^\/^*\$|]+)/;

    $except{lc $host} = 1 if defined $host;
}


sub rule {
    my ($text) = @_;

    my ($pattern, $options) = $text =~ /^(.*?)(?:\$(.*))?$/;

    if ($pattern !~ s/^\|\|//) {
        return 'not of a host';
    }

    my $why = why_not($options // '');

    return $why if $why;

    my ($host, $path) = $pattern =~ m{^([^/^*|]+)(.*)$};

    if (!defined $host) {
        return 'not of a host';
    }

    $host = lc $host;

    if (!host_is_valid($host)) {
        return 'not a whole host name';
    }

    # "^" ends the host; "*" at the end says nothing

    $path =~ s/^\^\*?\|?$//;
    $path =~ s/\*$//;

    if ($path !~ m{^(?:/[\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*)?$}
        || $path =~ m{\^|\*|\||/\.{1,2}(?:/|$)})
    {
        return 'a path with a wildcard';
    }

    $path = '' if $path eq '/';
    $taken{".$host$path"} = 1;

    return;
}


# the host, and all domains it is below

sub domains {
    my ($host) = @_;

    my @labels = split /\./, $host;

    return map { join '.', @labels[$_ .. $#labels] } 0 .. $#labels;
}


sub quoted {
    my ($token) = @_;

    return $token if $token !~ /[;{}"'\\#\$]/;

    $token =~ s/(["\\])/\\$1/g;

    return "\"$token\"";
}


if (@ARGV == 0 || $ARGV[0] =~ /^-/) {
    die "usage: perl easyprivacy.pl LIST [RULES ...]\n";
}

my ($list, @rules) = @ARGV;

for my $file (@rules) {
    open my $fh, '<', $file or die "$file: $!\n";

    while (my $line = <$fh>) {
        $line =~ s/#.*//;

        my ($patterns) = $line =~ /^\s*resource\s+(.*);/ or next;

        $known{lc s/^"(.*)"$/$1/r} = 1 for split ' ', $patterns;
    }

    close $fh;
}

open my $fh, '<', $list or die "$list: $!\n";

while (my $line = <$fh>) {
    $line =~ s/\s+$//;

    if ($line =~ /^(?:!|\[|$)/) {
        next;
    }

    if ($line =~ s/^@@//) {
        exception($line);
        next;
    }

    if ($line =~ /#[@?\$]?#|#\@?%#/) {
        $not{'for elements of pages'}++;
        next;
    }

    my $why = rule($line);

    $not{$why}++ if $why;
}

close $fh;

for my $pattern (sort keys %taken) {
    my ($host, $path) = $pattern =~ m{^\.([^/]+)(.*)$};
    my @wider = domains($host);

    shift @wider if $path eq '';

    # an exception may be for a part only: whatever it names is left out

    if (grep { $except{$_} } domains($host)) {
        $not{'of a host with an exception'}++;
        next;
    }

    if ($known{lc $pattern} || $known{$host}
        || grep { $known{".$_"} } domains($host))
    {
        $not{'known already'}++;
        next;
    }

    if (grep { $taken{".$_"} } @wider) {
        $not{'covered by another'}++;
        next;
    }

    print 'resource ', quoted($pattern), ";\n";
}

for my $why (sort keys %not) {
    print STDERR "easyprivacy.pl: not taken: $not{$why} $why\n";
}
