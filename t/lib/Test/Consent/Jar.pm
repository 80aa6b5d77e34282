package Test::Consent::Jar;

# Copyright (C) ngx_consent_module authors
#
# The cookies of a browser, kept by an independent implementation: see
# t/jar/jar.mjs.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2 qw(open2);
use JSON::PP;

my $json = JSON::PP->new->latin1->canonical;
my $script = abs_path(dirname(abs_path(__FILE__)) . '/../../../jar/jar.mjs');


sub new {
    my ($class) = @_;

    my $pid = open2(my $from, my $to, 'node', $script);

    return bless { pid => $pid, from => $from, to => $to }, $class;
}


sub ask {
    my ($self, %command) = @_;

    syswrite $self->{to}, $json->encode(\%command) . "\n";

    my $line = readline $self->{from};

    die "the cookie jar does not answer\n" unless defined $line;

    return $json->decode($line);
}


# true if the jar took the line

sub set {
    my ($self, $url, $line, $context) = @_;

    return $self->ask(set => $line, url => $url,
                      context => $context // 'strict')->{ok};
}


# the Cookie field for a request

sub cookies {
    my ($self, $url, $context) = @_;

    return $self->ask(get => $url,
                      context => $context // 'strict')->{cookies};
}


# all cookies: name, domain, path, hostOnly

sub all {
    my ($self) = @_;

    return @{ $self->ask(all => 1)->{all} };
}


sub DESTROY {
    my ($self) = @_;

    local $?;

    close $self->{to};
    close $self->{from};
    waitpid $self->{pid}, 0;
}


1;
