package Test::Consent::Client;

# Copyright (C) ngx_consent_module authors
#
# One client connection: sends what it is told, reads one response after the
# other by their framing.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY SOL_SOCKET SO_RCVBUF);

use Test::Consent::Response;

# of a silence, not of a whole response

our $timeout = 20;


sub new {
    my ($class, $port, %options) = @_;

    my $socket = IO::Socket::INET->new(Proto => 'tcp') or die "socket: $!\n";

    # a small window has to be set before connecting

    if ($options{rcvbuf}) {
        setsockopt $socket, SOL_SOCKET, SO_RCVBUF, $options{rcvbuf};
    }

    $socket->connect(Socket::pack_sockaddr_in($port,
                                              Socket::inet_aton('127.0.0.1')))
        or die "connect to port $port: $!\n";

    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;

    return bless {
        socket => $socket,
        select => IO::Select->new($socket),
        buffer => '',
        eof => 0,
    }, $class;
}


sub send {
    my ($self, @parts) = @_;

    local $SIG{PIPE} = 'IGNORE';

    for my $part (@parts) {
        my $sent = 0;

        while ($sent < length $part) {
            my $n = syswrite $self->{socket}, $part, length($part) - $sent,
                             $sent;

            last unless defined $n;
            $sent += $n;
        }
    }

    return $self;
}


# half-closes: the server sees the end of the request

sub finish {
    my ($self) = @_;

    shutdown $self->{socket}, 1;

    return $self;
}


sub close {
    my ($self) = @_;

    CORE::close $self->{socket};
}


# reads what is there, waits if nothing is; false at the end

sub fill {
    my ($self) = @_;

    return 0 if $self->{eof};

    # a signal is no reason to give up

    my ($n, $waited);

    do {
        $! = 0;
        $waited = $self->{select}->can_read($timeout);

        if ($waited) {
            $n = sysread $self->{socket}, $self->{buffer}, 65536,
                         length $self->{buffer};
        }

    } while (!defined $n && $!{EINTR});

    if (!$waited) {
        $self->{timed_out} = 1;
        return 0;
    }

    if (!$n) {
        $self->{eof} = 1;
        return 0;
    }

    return 1;
}


# true if the server closed the connection and nothing unread is left

sub closed {
    my ($self) = @_;

    while ($self->{buffer} eq '' && $self->fill()) {
    }

    return $self->{eof} && $self->{buffer} eq '';
}


# bytes as they come: at least one, unless the server has no more

sub read_some {
    my ($self) = @_;

    $self->fill() if $self->{buffer} eq '';

    my $bytes = $self->{buffer};
    $self->{buffer} = '';

    return $bytes;
}


sub take {
    my ($self, $length) = @_;

    while (length $self->{buffer} < $length && $self->fill()) {
    }

    return substr $self->{buffer}, 0, $length, '';
}


sub take_until {
    my ($self, $end) = @_;

    my $at;

    while (($at = index $self->{buffer}, $end) < 0) {
        if (!$self->fill()) {
            return substr $self->{buffer}, 0, length $self->{buffer}, '';
        }
    }

    return substr $self->{buffer}, 0, $at + length $end, '';
}


sub take_all {
    my ($self) = @_;

    while ($self->fill()) {
    }

    return substr $self->{buffer}, 0, length $self->{buffer}, '';
}


sub take_chunked {
    my ($self, $response) = @_;

    my $body = '';

    while (1) {
        my $line = $self->take_until("\r\n");

        $line =~ /^([0-9A-Fa-f]+)[^\r\n]*\r\n\z/ or return ($body, 0);

        my $size = hex $1;

        if ($size == 0) {
            my $trailers = '';

            while (($line = $self->take_until("\r\n")) =~ /[^\r\n]/) {
                $trailers .= $line;
            }

            $response->{trailers} = $trailers;

            return ($body, $line eq "\r\n");
        }

        my $data = $self->take($size + 2);

        push @{ $response->{chunks} }, $size;

        if (length $data < $size + 2) {
            return ($body . $data, 0);
        }

        $body .= substr $data, 0, $size;
    }
}


=head2 response

The next response; head => 1: it answers a HEAD request.

=cut

sub response {
    my ($self, %options) = @_;

    my $response = Test::Consent::Response->new(
        $self->take_until("\r\n\r\n"));

    my $status = $response->status;
    my $length = $response->header('Content-Length');

    my ($body, $complete);

    if ($options{head} || $status =~ /^1/ || $status == 204
        || $status == 304)
    {
        ($body, $complete) = ('', $response->{complete});

    } elsif (($response->header('Transfer-Encoding') // '') =~ /chunked/i) {
        ($body, $complete) = $self->take_chunked($response);

    } elsif (defined $length) {
        $body = $self->take($length);
        $complete = length $body == $length;

    } else {
        $body = $self->take_all;
        $complete = $self->{eof};
    }

    $response->{body} = $body;
    $response->{complete} = $complete ? 1 : 0;
    $response->{timed_out} = $self->{timed_out};

    return $response;
}


1;
