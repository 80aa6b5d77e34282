#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The presets for consent platforms, each with the cookies in t/sources, by
# the command consent-explain, which reads them as the module does.  And what
# holds for all of them: a cookie that was cut, or is noise, never accepts
# more.
#
# A file NAME.txt is about the preset NAME, or the first part of NAME that is
# one: lines "use SOURCES" and "conf LINE" first, then cases of a title, the
# expected line and the Cookie header.  "!cut" in a title: cut in one place,
# it cannot be told from another decision.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Temp qw(tempdir);
use Test::More;

my $t = dirname(abs_path(__FILE__));
my $repo = dirname($t);
my $tool = "$repo/build/consent-explain";
my $dir = tempdir('consent-sources-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);

my @categories = qw(functional performance targeting);
my (%tested, %passed);


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";

    return do { local $/; <$fh> };
}


# what each of the headers comes to

sub brief {
    my ($arguments, @headers) = @_;

    open my $fh, '>:raw', "$dir/headers" or die "$!\n";
    print $fh map { "$_\n" } @headers;
    close $fh;

    my @lines = qx{$tool --brief @$arguments <$dir/headers};

    is($?, 0, "consent-explain @$arguments") or return;
    chomp @lines;

    return @lines;
}


sub read_cases {
    my ($file) = @_;

    my (@cases, $use, @conf);

    for my $block (split /\n\n/, slurp($file)) {

        if ($block !~ /^# /) {
            $use = $1 if $block =~ /^use (.*)/m;
            @conf = $block =~ /^conf (.*)/mg;
            next;
        }

        my ($title, $want, $header) = $block =~ /^# (.*)\n(.*)\n {4}(.*)\s*\z/
            or die "$file: not understood: $block\n";

        push @cases, [ $title, $want, $header ];
    }

    return ($use, \@conf, @cases);
}


sub preset_of {
    my ($name) = @_;

    while (!-f "$repo/conf/sources/$name.conf") {
        $name =~ s/-[^-]+$// or die "no preset of $name\n";
    }

    return $name;
}


# the accepted categories of a line, which counts only if it decides

sub accepted {
    my ($line) = @_;

    my ($kind, $list) = split ' ', $line;
    my %has = map { $_ => 1 } split /,/, $list;

    return map { $_ => ($kind ne 'none' && $has{$_}) || 0 } @categories;
}


# what is accepted of a cut header, unless it is so implied only

sub more {
    my ($full, $cut) = @_;

    my %full = accepted($full);
    my %cut = accepted($cut);

    return 0 if $cut =~ /^implied/ && $full =~ /^(?:implied|explicit)/
                && !grep { $cut{$_} && !$full{$_} } @categories;

    return 1 if $cut =~ /^explicit/ && $full !~ /^explicit/
                && grep { $cut{$_} } @categories;

    return scalar grep { $cut{$_} && !$full{$_} } @categories;
}


# markers stand in front, so that the cookie which is read is cut last

sub check_cuts {
    my ($name, $arguments, @cases) = @_;

    for my $case (@cases) {
        my ($title, undef, $header) = @$case;

        next if $title =~ /!cut/;

        my @cuts = map { substr $header, 0, $_ } 0 .. length $header;
        my @lines = brief($arguments, @cuts);
        my $full = $lines[-1];
        my @more = grep { more($full, $lines[$_]) } 0 .. $#lines;

        is(scalar @more, 0, "$name, $title: cut")
            or diag("$cuts[$more[0]]\n$lines[$more[0]]\nbut: $full");
    }
}


# bytes that are no line feeds, by a generator with a fixed seed

my $state = 1;

sub noise {
    my ($length) = @_;

    return join '', map {
        $state = ($state * 1103515245 + 12345) & 0x7fffffff;
        my $byte = $state >> 16 & 0xff;
        chr($byte == 10 || $byte == 59 ? 65 : $byte);
    } 1 .. $length;
}


sub check_noise {
    my ($name, $arguments, $cases) = @_;

    my @names = map { $_->[2] =~ /([^;= ]+)=[^;]*$/ ? $1 : () } @$cases;
    my @front = map { $_->[2] =~ /^(.*; )/ ? $1 : '' } @$cases;
    my @headers = map {
        my $i = $_ % @names;
        "$front[$i]$names[$i]=" . noise($_ % 97);
    } 0 .. 400;

    my @wrong = grep { $_ !~ /^(?:none|explicit|implied) - / }
                map { "$_ " } brief($arguments, @headers);

    is(scalar @wrong, 0, "$name: noise accepts nothing") or diag($wrong[0]);
}


for my $file (sort glob "$t/sources/*.txt") {
    my $name = basename($file, '.txt');
    my $preset = preset_of($name);
    my ($use, $conf, @cases) = read_cases($file);

    my @arguments = ("$repo/conf/sources/$preset.conf");

    if (@$conf) {
        open my $fh, '>', "$dir/site.conf" or die "$!\n";
        print $fh map { "$_\n" } @$conf;
        close $fh;
        push @arguments, "$dir/site.conf";
    }

    unshift @arguments, '--use', $use // $preset;

    my @lines = brief(\@arguments, map { $_->[2] } @cases);

    for my $i (0 .. $#cases) {
        my ($title, $want) = @{ $cases[$i] };

        $passed{$preset} += is($lines[$i], $want, "$name: $title");
        $tested{$preset}++;
    }

    check_cuts($name, \@arguments, @cases);

    # where each value is a cookie of its own, noise in one leaves the others

    if (slurp("$repo/conf/sources/$preset.conf") !~ /parse +cookies/) {
        check_noise($name, \@arguments, \@cases);
    }
}


for my $preset (map { basename($_, '.conf') } sort glob "$repo/conf/sources/*.conf") {
    ok($tested{$preset}, "$preset has cases");
    note("$preset: ", $passed{$preset} // 0, ' of ', $tested{$preset} // 0);
}

done_testing();
