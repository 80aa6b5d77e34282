package Test::Consent::FastCGI;

# Copyright (C) ngx_consent_module authors
#
# A FastCGI responder with the interface of Test::Consent::Upstream.

use strict;
use warnings;

use parent 'Test::Consent::CGI';

use constant {
    FCGI_BEGIN_REQUEST => 1,
    FCGI_ABORT_REQUEST => 2,
    FCGI_END_REQUEST => 3,
    FCGI_PARAMS => 4,
    FCGI_STDIN => 5,
    FCGI_STDOUT => 6,
    FCGI_STDERR => 7,

    FCGI_KEEP_CONN => 1,
};


sub read_request {
    my ($self, $peer, $rest) = @_;

    my ($id, $flags, %stream) = (0, 0, FCGI_PARAMS, '', FCGI_STDIN, '');

    while (1) {
        my ($type, $record, $content) = read_record($peer, $rest)
            or return;

        return if $type == FCGI_ABORT_REQUEST;

        if ($type == FCGI_BEGIN_REQUEST) {
            ($id, $flags) = ($record, unpack 'x2 C', $content);
            next;
        }

        # the empty record is the end of a stream

        last if $type == FCGI_STDIN && $content eq '';

        $stream{$type} .= $content if defined $stream{$type};
    }

    my $request = Test::Consent::CGI::request(pairs($stream{ (FCGI_PARAMS) }),
                                              $stream{ (FCGI_STDIN) });

    $request->{record} = $id;
    $request->{keep} = $flags & FCGI_KEEP_CONN;

    return $request;
}


sub read_record {
    my ($peer, $rest) = @_;

    my $head = Test::Consent::CGI::read_exactly($peer, $rest, 8) // return;
    my (undef, $type, $id, $length, $padding) = unpack 'C C n n C', $head;

    my $content = Test::Consent::CGI::read_exactly($peer, $rest,
                                                   $length + $padding)
                  // return;

    return ($type, $id, substr $content, 0, $length);
}


sub pairs {
    my ($bytes) = @_;

    my @pairs;

    while ($bytes ne '') {
        my @lengths = map { take_length(\$bytes) } 1, 2;

        push @pairs, [ map { substr $bytes, 0, $_, '' } @lengths ];
    }

    return \@pairs;
}


sub take_length {
    my ($bytes) = @_;

    my $length = unpack 'C', $$bytes;

    if ($length < 128) {
        substr $$bytes, 0, 1, '';
        return $length;
    }

    return unpack('N', substr $$bytes, 0, 4, '') & 0x7fffffff;
}


sub record {
    my ($type, $id, $content) = @_;

    my $padding = -length($content) % 8;

    return pack('C C n n C C', 1, $type, $id, length $content, $padding, 0)
           . $content . "\0" x $padding;
}


# each piece is a record, and a long one several

sub answer {
    my ($self, $peer, $request, $answer) = @_;

    my $id = $request->{record};
    my $cut = defined $answer->{stop_after};

    my @pieces = map { record(FCGI_STDOUT, $id, $_) } map { unpack '(a65535)*', $_ }
                 Test::Consent::CGI::response($request, $answer);

    if (defined $answer->{stderr}) {
        unshift @pieces, record(FCGI_STDERR, $id, $answer->{stderr});
    }

    if (!$cut) {
        push @pieces, record(FCGI_STDOUT, $id, '')
                      . record(FCGI_END_REQUEST, $id, "\0" x 8);
    }

    Test::Consent::Upstream::send_pieces($peer, $answer, @pieces);

    return $request->{keep} && !$cut && !$answer->{close};
}


1;
