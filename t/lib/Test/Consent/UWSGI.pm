package Test::Consent::UWSGI;

# Copyright (C) ngx_consent_module authors
#
# A uwsgi server with the interface of Test::Consent::Upstream.

use strict;
use warnings;

use parent 'Test::Consent::CGI';


# a packet of names and values, each with its length in front, and the body

sub read_request {
    my ($self, $peer, $rest) = @_;

    my $head = Test::Consent::CGI::read_exactly($peer, $rest, 4) // return;
    my $bytes = Test::Consent::CGI::read_exactly($peer, $rest,
                                                 unpack 'x v', $head)
                // return;

    my @words = unpack '(v/a)*', $bytes;
    my @params;

    while (my ($name, $value) = splice @words, 0, 2) {
        push @params, [ $name, $value ];
    }

    my ($length) = map { $_->[0] eq 'CONTENT_LENGTH' ? $_->[1] : () } @params;

    my $body = Test::Consent::CGI::read_exactly($peer, $rest, $length || 0)
               // return;

    return Test::Consent::CGI::request(\@params, $body);
}


1;
