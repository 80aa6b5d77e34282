package Test::Consent::Stress::Origin;

# Copyright (C) ngx_consent_module authors
#
# The origin of t/stress.t: one process serves many connections, cuts pages at
# random places, and breaks off where the request says "abort".

use strict;
use warnings;

use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);


# pages: list of what Test::Consent::Stress::Page::make() returned

sub new {
    my ($class, %options) = @_;

    my $socket = IO::Socket::INET->new(
        Listen => 511, LocalAddr => '127.0.0.1', LocalPort => 0,
        Proto => 'tcp', ReuseAddr => 1) or die "origin socket: $!\n";

    $socket->blocking(0);

    return bless { %options, socket => $socket, pids => [] }, $class;
}


sub address {
    my ($self) = @_;

    return '127.0.0.1:' . $self->{socket}->sockport;
}


# as many processes as wanted, each with random numbers of its own

sub start {
    my ($self, $processes) = @_;

    for my $n (1 .. $processes) {
        my $pid = fork // die "fork: $!\n";

        if ($pid == 0) {
            $SIG{TERM} = 'DEFAULT';
            srand $self->{seed} + $n;
            eval { $self->serve; 1 } or warn $@;
            POSIX::_exit(1);
        }

        push @{ $self->{pids} }, $pid;
    }

    return $self;
}


sub stop {
    my ($self) = @_;

    my @pids = splice @{ $self->{pids} };

    kill 'KILL', @pids;
    waitpid $_, 0 for @pids;
}


sub serve {
    my ($self) = @_;

    local $SIG{PIPE} = 'IGNORE';

    my $listener = fileno $self->{socket};
    my %peers;

    while (1) {
        my ($read, $write) = ('', '');

        vec($read, $listener, 1) = 1;

        for my $fd (keys %peers) {
            if (@{ $peers{$fd}{pieces} }) {
                vec($write, $fd, 1) = 1;

            } else {
                vec($read, $fd, 1) = 1;
            }
        }

        select $read, $write, undef, undef;

        if (vec $read, $listener, 1) {
            while (my $socket = $self->{socket}->accept) {
                $socket->blocking(0);
                setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
                $peers{ fileno $socket } = { socket => $socket, in => '',
                                             pieces => [] };
            }
        }

        for my $fd (keys %peers) {
            my $peer = $peers{$fd};
            my $alive = vec($write, $fd, 1) ? send_piece($peer)
                        : vec($read, $fd, 1) ? $self->receive($peer) : 1;

            delete $peers{$fd} unless $alive;
        }
    }
}


# false when the connection is to be closed

sub receive {
    my ($self, $peer) = @_;

    my $n = sysread $peer->{socket}, $peer->{in}, 8192, length $peer->{in};

    return $!{EAGAIN} unless defined $n;
    return 0 unless $n;

    $peer->{in} =~ s/\A(.*?)\r\n\r\n//s or return 1;

    $self->answer($peer, $1);

    return 1;
}


sub answer {
    my ($self, $peer, $head) = @_;

    my ($number, $query) = $head =~ m{^GET /\w+/(\d+)(\S*) };
    my $keep = $head !~ /^Connection: close/mi;
    my $body = $self->{pages}[$number][0];
    my $chunked = $number % 2;

    my $answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 . "Set-Cookie: _ga=$number\r\nSet-Cookie: sid=$number\r\n";

    $answer .= "Connection: close\r\n" unless $keep;

    if ($chunked) {
        $answer .= "Transfer-Encoding: chunked\r\n\r\n";

        for my $piece (cut($body)) {
            $answer .= sprintf "%x\r\n%s\r\n", length $piece, $piece;
        }

        $answer .= "0\r\n\r\n";

    } else {
        $answer .= 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    }

    if ($query =~ /abort/) {
        $answer = substr $answer, 0, int rand length $answer;
        $keep = 0;
    }

    $peer->{pieces} = [ cut($answer), '' ];
    $peer->{keep} = $keep;
}


sub send_piece {
    my ($peer) = @_;

    my $piece = shift @{ $peer->{pieces} };

    # the end of a response

    return $peer->{keep} if $piece eq '';

    my $n = syswrite $peer->{socket}, $piece;

    return 0 unless defined $n || $!{EAGAIN};

    $n //= 0;

    if ($n < length $piece) {
        unshift @{ $peer->{pieces} }, substr $piece, $n;
    }

    return 1;
}


# small pieces for a while, then large ones, or the other way round

sub cut {
    my ($bytes) = @_;

    my $at = 0;
    my @pieces;

    while ($at < length $bytes) {
        my $most = (20, 700, 5000, 40000)[rand 4];

        for (1 .. 1 + rand 5) {
            my $piece = substr $bytes, $at, 1 + int rand $most;

            last if $piece eq '';

            push @pieces, $piece;
            $at += length $piece;

            last if $at >= length $bytes;
        }
    }

    return @pieces;
}


1;
