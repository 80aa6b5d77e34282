#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The cases of t/html (see its README): in the core at every cut, and through
# nginx from an upstream that sends small pieces and from files.

use strict;
use warnings;

use Test::More;
use Test::Consent;

use File::Basename qw(basename);
use IPC::Open2;

use constant LEAST_CASES => 300;

my $t = Test::Consent->new;
my $repo = $t->repo;


# the cases

my %macro = (
    T => 'https://tracker.example/',
    F => 'https://fine.example/',
    M => ' data-consent="performance"',
    S => ' type="text/plain" data-consent="performance"',
);

my @marks = ($macro{S}, $macro{M}, 'data-consent-');


sub expand {
    my ($text) = @_;

    return $text =~ s/\{\{(.+?)\}\}/expansion($1)/ger;
}


sub expansion {
    my ($what) = @_;

    if (defined $macro{$what}) {
        return $macro{$what};
    }

    if ($what =~ /^[0-9a-f]{2}(?: [0-9a-f]{2})*$/) {
        return pack 'H*', $what =~ s/ //gr;
    }

    if ($what =~ /^(.+)\*(\d+)$/) {
        return $1 x $2;
    }

    die "{{$what}} stands for nothing\n";
}


sub unmarked {
    my ($text) = @_;

    for my $mark (@marks) {
        $text =~ s/\Q$mark\E//g;
    }

    return $text;
}


# paragraphs of "key: text" lines

sub parse {
    my ($file, $paragraph) = @_;

    my %case = (file => basename($file, '.txt'), option => '');

    for my $line (split /\n/, $paragraph) {
        next if $line =~ /^#/;

        my ($key, $text) = $line =~ /^(name|mark|same|in|out|option|only): (.*)/
            or die "$file: not a line of a case: $line\n";

        if ($key eq 'option') {
            $case{option} .= "$text\n";

        } elsif (defined $case{$key}) {
            $case{$key} .= "\n$text";

        } else {
            $case{$key} = $text;
        }
    }

    return complete(\%case);
}


# a paragraph of comments is no case

sub complete {
    my ($case) = @_;

    return if !defined $case->{name};

    my $forms = join ' ', grep { defined $case->{$_} } qw(mark same in out);

    if ($forms eq 'mark') {
        $case->{out} = expand($case->{mark});
        $case->{in} = unmarked($case->{out});

    } elsif ($forms eq 'same') {
        $case->{in} = $case->{out} = expand($case->{same});

    } elsif ($forms eq 'in out') {
        $case->{$_} = expand($case->{$_}) for qw(in out);

    } else {
        die "$case->{file}: $case->{name}: has \"$forms\"\n";
    }

    return $case;
}


sub read_cases {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/ = '';

    my @cases = map { parse($file, $_) } <$fh>;
    my %names;

    for my $case (@cases) {
        die "$file: two cases are called $case->{name}\n"
            if $names{ $case->{name} }++;
    }

    return @cases;
}


my @cases = map { read_cases($_) } sort glob "$repo/t/html/*.txt";

cmp_ok(scalar @cases, '>=', LEAST_CASES, scalar(@cases) . ' cases');


# in the core

my $pid = open2(my $from, my $to, $ENV{REWRITE_DRIVER}
                            // "$repo/build/t/rewrite_driver");

binmode $_ for $from, $to;


sub block {
    my $head = read_bytes(4);

    return read_bytes(unpack 'V', $head);
}


sub read_bytes {
    my ($length) = @_;

    my $bytes = '';

    while (length $bytes < $length) {
        read $from, $bytes, $length - length $bytes, length $bytes
            or die "the driver has ended\n";
    }

    return $bytes;
}


sub show {
    my ($text) = @_;

    $text =~ s/([^\x20-\x7e])/sprintf '{{%02x}}', ord $1/ge;

    return length $text > 600 ? substr($text, 0, 300) . ' ... '
                                . substr($text, -300) : $text;
}


sub differs {
    my ($case, $got, $problem) = @_;

    return 0 if $got eq $case->{out} && !defined $problem;

    diag('     in: ' . show($case->{in}));
    diag('    got: ' . show($got));
    diag('   want: ' . show($case->{out}));
    diag($problem) if defined $problem;

    return 1;
}


for my $case (@cases) {
    print $to pack('V/a V/a', "$case->{option}cut every\n", $case->{in});
    $to->flush;

    my ($problem) = block() =~ /^problem (.*)/m;

    ok(!differs($case, block(), $problem),
       "core: $case->{file}: $case->{name}");
}

close $to;
waitpid $pid, 0;

is($?, 0, 'the driver ended well');


# through nginx: a server for each way and each set of options

my %server = (
    '' => 'mark',
    "remove\n" => 'remove',
    "xml\n" => 'mark_xml',
    "remove\nxml\n" => 'remove_xml',
);

my @served;

for my $case (grep { ($_->{only} // '') ne 'core' } @cases) {
    $case->{server} = $server{ $case->{option} }
        // die "$case->{name}: nginx has no such option, say \"only: core\"\n";

    $t->write_file('cases/' . @served, $case->{in});
    push @served, $case;
}

$t->upstream(sub {
    my ($request) = @_;

    my ($number, $type) = $request->uri =~ /\?(\d+)&(\S+)$/;
    my $text = $served[$number]{in};

    return { headers => [ "Content-Type: $type" ], body => $text,
             framing => 'chunked',
             cut => [ $number, 2 + int(length($text) / 6) ] };
});


sub server {
    my ($name) = @_;

    my $block = $name =~ /^remove/ ? 'remove' : 'mark';
    my $type = $name =~ /xml$/ ? 'application/xhtml+xml' : 'text/html';

    return <<"CONF";
        server {
            listen         127.0.0.1:%%PORT:${name}_proxy%%;
            consent_block  $block;

            location = /dir/page {
                proxy_pass          http://%%UPSTREAM%%/?\$args&$type;
                proxy_http_version  1.1;
                proxy_buffering     off;
                proxy_set_header    Host  \$host;
            }
        }

        server {
            listen         127.0.0.1:%%PORT:${name}_static%%;
            consent_block  $block;
            types          { }
            default_type   $type;

            location = /dir/page {
                alias  %%TESTDIR%%/cases/\$args;
            }
        }
CONF
}


$t->http_config(<<'CONF' . join '', map { server($_) } sort values %server);
    consent_category performance {
        resource .tracker.example /dir/own.js cdn.example/track/;
        inline   evil( ~^\s*start_tracking\b;
    }

    consent_category functional {
        resource .fine.example;
        inline   harmless(;
    }

    consent          enforce;
    consent_default  functional;
CONF

$t->run;

for my $number (0 .. $#served) {
    my $case = $served[$number];
    my %got;

    for my $way (qw(proxy static)) {
        my $r = $t->get({ port => "$case->{server}_$way" },
                        "/dir/page?$number", 'Host: www.site.example');

        $got{$way} = $r->status == 200 ? $r->body : $r->status;
    }

    ok(!differs($case, $got{proxy}) && !differs($case, $got{static}),
       "nginx: $case->{file}: $case->{name}");
}

done_testing();
