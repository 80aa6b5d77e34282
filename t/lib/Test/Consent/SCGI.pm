package Test::Consent::SCGI;

# Copyright (C) ngx_consent_module authors
#
# An SCGI server with the interface of Test::Consent::Upstream.

use strict;
use warnings;

use parent 'Test::Consent::CGI';


# a netstring of names and values, each ended by a zero byte, and the body

sub read_request {
    my ($self, $peer, $rest) = @_;

    while ($$rest !~ /^\d+:/) {
        sysread $peer, $$rest, 65536, length $$rest or return;
    }

    $$rest =~ s/^(\d+)://;

    my $head = Test::Consent::CGI::read_exactly($peer, $rest, $1 + 1)
               // return;

    chop $head;

    my @words = split /\0/, $head, -1;
    my @params;

    pop @words;

    while (my ($name, $value) = splice @words, 0, 2) {
        push @params, [ $name, $value ];
    }

    my ($length) = map { $_->[0] eq 'CONTENT_LENGTH' ? $_->[1] : () } @params;

    my $body = Test::Consent::CGI::read_exactly($peer, $rest, $length || 0)
               // return;

    return Test::Consent::CGI::request(\@params, $body);
}


1;
