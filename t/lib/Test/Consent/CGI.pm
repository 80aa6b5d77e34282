package Test::Consent::CGI;

# Copyright (C) ngx_consent_module authors
#
# What FastCGI, SCGI and uwsgi have in common: a request is a list of CGI
# parameters with a body, and a response begins with a line "Status:".

use strict;
use warnings;

use parent 'Test::Consent::Upstream';


sub read_exactly {
    my ($peer, $rest, $length) = @_;

    while (length $$rest < $length) {
        sysread $peer, $$rest, 65536, length $$rest or return;
    }

    return substr $$rest, 0, $length, '';
}


sub request {
    my ($params, $body) = @_;

    my %param = map { @$_ } @$params;
    my $protocol = $param{SERVER_PROTOCOL} // 'HTTP/1.0';

    my @fields = map {
        $_->[0] =~ /^HTTP_(.+)/ ? [ field_name($1), $_->[1] ] : ()
    } @$params;

    my $head = join "\r\n",
        ($param{REQUEST_METHOD} // 'GET') . ' ' . ($param{REQUEST_URI} // '/')
        . " $protocol",
        (map { "$_->[0]: $_->[1]" } @fields), '';

    my $request = Test::Consent::Request->new($head);

    $request->{params} = $params;
    $request->{body} = $body;

    return $request;
}


sub field_name {
    my ($name) = @_;

    return join '-', map { ucfirst lc } split /_/, $name;
}


# the response as CGI has it, in pieces

sub response {
    my ($request, $answer) = @_;

    if (defined $answer->{raw}) {
        return ref $answer->{raw} ? @{ $answer->{raw} } : $answer->{raw};
    }

    my @pieces = Test::Consent::Upstream::pieces($answer);
    my $status = $answer->{status} // 200;

    my @headers = map { ref $_ ? "$_->[0]: $_->[1]" : $_ }
                  @{ $answer->{headers} // [] };

    if (($answer->{framing} // 'length') eq 'length' && $status != 204
        && $status != 304)
    {
        my $length = 0;
        $length += length for @pieces;
        push @headers, 'Content-Length: ' . ($answer->{length} // $length);
    }

    if (defined $answer->{stop_after}) {
        splice @pieces, $answer->{stop_after};
    }

    if ($request->{method} eq 'HEAD' || $status == 204 || $status == 304) {
        @pieces = ();
    }

    return (join("\r\n", "Status: $status " . ($answer->{reason} // 'OK'),
                         @headers, '', ''), @pieces);
}


# SCGI and uwsgi: the end of the connection is that of the response

sub answer {
    my ($self, $peer, $request, $answer) = @_;

    Test::Consent::Upstream::send_pieces($peer, $answer,
                                         response($request, $answer));

    return 0;
}


package Test::Consent::Request;

sub param {
    my ($self, $name) = @_;

    my ($found) = grep { $_->[0] eq $name } @{ $self->{params} // [] };

    return $found && $found->[1];
}


1;
