#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# All presets in one nginx, each with the cookies of t/sources: nginx reads
# the files, and says the same as consent-explain.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;
my $dir = dirname(abs_path(__FILE__));


# cases of files without lines of their own

sub read_cases {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";

    my $text = do { local $/; <$fh> };

    return if $text =~ /^conf /m;

    my ($use) = $text =~ /^use (.*)/m;
    my @cases;

    push @cases, [ $1, $2, $3 ]
        while $text =~ /^# (.*)\n(.*)\n {4}(.*)$/mg;

    return ($use // basename($file, '.txt'), @cases);
}


# what nginx shows of it, with implied decisions accepted

sub expected {
    my ($line, $source) = @_;

    my ($kind, $list) = $line =~ /^(\w+) (\S+)/;
    my ($denied) = $line =~ / denied (\S+)/;
    my %has = map { $_ => 1 } split /,/, $list;

    delete $has{$_} for split /,/, $denied // '';

    return join ' ', $kind ne 'none' ? $kind : $denied ? 'signal' : 'default',
        $kind eq 'none' ? '-' : $source,
        join ',', 'necessary',
            grep { $has{$_} } qw(functional performance targeting);
}


my @files = sort glob "$dir/sources/*.txt";
my $locations = '';

for my $file (@files) {
    my ($use) = read_cases($file) or next;
    my $name = basename($file, '.txt');

    $locations .= "location /$name/ { consent_use " . ($use =~ tr/,/ /r)
                  . "; return 204; }\n";
}

my $sources = abs_path("$dir/../conf/sources");

$t->http_config(<<"CONF")->run;
    consent_category necessary   { always on; }
    consent_category functional  { }
    consent_category performance { }
    consent_category targeting   { }

    include $sources/*.conf;

    consent          enforce;
    consent_implied  accept;

    add_header  X-State     \$consent_state     always;
    add_header  X-Decision  \$consent_decision  always;
    add_header  X-Source    \$consent_source    always;

    server {
        listen  127.0.0.1:%%PORT%%;

        $locations
    }
CONF

for my $file (@files) {
    my ($use, @cases) = read_cases($file) or next;
    my $name = basename($file, '.txt');

    next if $use =~ /,/;

    for my $case (@cases) {
        my ($title, $line, $header) = @$case;

        my $r = $t->get("/$name/", "Cookie: $header");

        is(join(' ', map { $r->header("X-$_") // '-' }
                     'Decision', 'Source', 'State'),
           expected($line, $use), "$name: $title");
    }
}

done_testing();
