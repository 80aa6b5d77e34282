package Test::Consent::Upstream;

# Copyright (C) ngx_consent_module authors
#
# A server that answers as a Perl function says, cuts its answer into pieces
# that arrive one by one, and notes every request byte for byte.

use strict;
use warnings;

use Fcntl qw(:flock SEEK_SET);
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY unpack_sockaddr_in);

my $json = JSON::PP->new->latin1->canonical;


# The socket is bound by the caller and listens from the beginning, so that
# nginx may start before the server runs.

sub new {
    my ($class, $journal) = @_;

    my $socket = IO::Socket::INET->new(
        Listen => 128, LocalAddr => '127.0.0.1', LocalPort => 0,
        Proto => 'tcp', ReuseAddr => 1) or die "upstream socket: $!\n";

    return bless { socket => $socket, journal => $journal }, $class;
}


sub address {
    my ($self) = @_;

    return '127.0.0.1:' . $self->{socket}->sockport;
}


# (re)starts the server with a function; its process is ours to stop

sub start {
    my ($self, $handler) = @_;

    $self->stop;

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        setpgrp 0, 0;
        eval { $self->serve($handler); 1 } or warn $@;
        POSIX::_exit(0);
    }

    # in both processes, so that whoever comes first wins

    setpgrp $pid, $pid;
    $self->{pid} = $pid;

    return $self;
}


# the process group is the server and those that it forked for connections

sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} or return;

    kill 'KILL', -$pid;
    waitpid $pid, 0;
}


sub serve {
    my ($self, $handler) = @_;

    local $SIG{CHLD} = 'IGNORE';
    local $SIG{PIPE} = 'IGNORE';

    while (1) {
        my $peer = $self->{socket}->accept or next;

        if (!fork) {
            $self->{socket}->close;
            eval { $self->converse($peer, $handler); 1 }
                or warn "upstream: $@";
            POSIX::_exit(0);
        }

        $peer->close;
    }
}


sub converse {
    my ($self, $peer, $handler) = @_;

    setsockopt $peer, IPPROTO_TCP, TCP_NODELAY, 1;

    my $rest = '';

    while (my $request = $self->read_request($peer, \$rest)) {
        $self->note($request);

        my $answer = $handler->($request);

        last if !ref $answer || !$self->answer($peer, $request, $answer);
    }
}


# undef: there is no other one on this connection

sub read_request {
    my ($self, $peer, $rest) = @_;

    while ($$rest !~ /\r\n\r\n/) {
        sysread $peer, $$rest, 65536, length $$rest or return;
    }

    $$rest =~ s/\A(.*?\r\n)\r\n//s;

    my $request = Test::Consent::Request->new($1);
    my $length = $request->header('Content-Length') // 0;

    while (length $$rest < $length) {
        sysread $peer, $$rest, 65536, length $$rest or last;
    }

    $request->{body} = substr $$rest, 0, $length, '';

    return $request;
}


# one line for each request, written before it is answered

sub note {
    my ($self, $request) = @_;

    open my $fh, '>>', $self->{journal} or die "$self->{journal}: $!\n";
    flock $fh, LOCK_EX;
    syswrite $fh, $json->encode({ %$request }) . "\n";
    close $fh;
}


sub requests {
    my ($self) = @_;

    open my $fh, '<', $self->{journal} or return;

    return map { bless $json->decode($_), 'Test::Consent::Request' } <$fh>;
}


sub forget {
    my ($self) = @_;

    unlink $self->{journal};
}


# sends one answer; false if the connection ends with it

sub answer {
    my ($self, $peer, $request, $answer) = @_;

    if (defined $answer->{raw}) {
        send_pieces($peer, $answer, ref $answer->{raw} ? @{ $answer->{raw} }
                                                       : $answer->{raw});
        return $answer->{keep};
    }

    my @pieces = pieces($answer);
    my $status = $answer->{status} // 200;
    my $framing = $answer->{framing} // 'length';
    my $bodiless = $request->{method} eq 'HEAD' || $status == 204
                   || $status == 304 || $status < 200;

    my @headers = map { ref $_ ? "$_->[0]: $_->[1]" : $_ }
                  @{ $answer->{headers} // [] };

    if ($framing eq 'chunked') {
        push @headers, 'Transfer-Encoding: chunked';

    } elsif ($framing eq 'length' && $status != 204 && $status != 304) {
        my $length = 0;
        $length += length for @pieces;
        push @headers, 'Content-Length: ' . ($answer->{length} // $length);
    }

    my $keep = $framing ne 'close' && !defined $answer->{stop_after}
               && !$answer->{close} && $request->{version} eq '1.1'
               && ($request->header('Connection') // '') !~ /close/i;

    push @headers, 'Connection: close' unless $keep;

    my $head = join "\r\n", "HTTP/1.1 $status " . ($answer->{reason} // 'OK'),
                            @headers, '', '';

    if (defined $answer->{stop_after}) {
        splice @pieces, $answer->{stop_after};
    }

    if ($bodiless) {
        @pieces = ();

    } elsif ($framing eq 'chunked') {
        @pieces = map { sprintf "%x\r\n%s\r\n", length, $_ } @pieces;

        if (!defined $answer->{stop_after}) {
            push @pieces, "0\r\n\r\n";
        }
    }

    send_pieces($peer, $answer, $head, @pieces);

    return $keep;
}


sub pieces {
    my ($answer) = @_;

    if ($answer->{chunks}) {
        return grep { length } @{ $answer->{chunks} };
    }

    return cut($answer->{body} // '', $answer->{cut});
}


# whole; every N bytes; or [seed, most]: sizes 1..most, the same for a seed

sub cut {
    my ($text, $how) = @_;

    if ($text eq '') {
        return ();
    }

    if (!$how) {
        return ($text);
    }

    if (!ref $how) {
        return unpack "(a$how)*", $text;
    }

    my ($seed, $most) = @$how;
    my @pieces;

    while (length $text) {
        $seed = ($seed * 1103515245 + 12345) % 2147483648;
        push @pieces, substr $text, 0, 1 + ($seed >> 8) % $most, '';
    }

    return @pieces;
}


sub send_pieces {
    my ($peer, $answer, @pieces) = @_;

    my $step = @pieces > 1 && ($answer->{step} // 1);

    for my $n (0 .. $#pieces) {
        write_all($peer, $pieces[$n]) or last;

        if ($step && $n < $#pieces) {
            wait_until_read($peer, $answer->{patience} // 0.2);

            if ($answer->{pause}) {
                select undef, undef, undef, $answer->{pause};
            }
        }
    }
}


sub write_all {
    my ($peer, $bytes) = @_;

    my $sent = 0;

    while ($sent < length $bytes) {
        my $n = syswrite $peer, $bytes, length($bytes) - $sent, $sent
            or return 0;

        $sent += $n;
    }

    return 1;
}


# A piece counts as arrived alone when the reader has taken it out of its
# socket before the next one is written.  The kernel tells how many bytes wait
# there.  A reader that does not read (back pressure) is given up on.

sub wait_until_read {
    my ($peer, $patience) = @_;

    defined $peer->peerport or return;      # it has gone away

    my $wanted = sprintf '0100007F:%04X 0100007F:%04X',
                         $peer->peerport, $peer->sockport;

    for (my $waited = 0; $waited < $patience; $waited += 0.002) {
        my $unread = unread($wanted);

        return 1 if defined $unread && $unread == 0;
        return 0 if !defined $unread;

        select undef, undef, undef, 0.0005;
    }

    return 0;
}


# undef: the connection is gone; the address bytes are in host order (x86, ARM)

sub unread {
    my ($wanted) = @_;

    open my $fh, '<', '/proc/net/tcp' or return;

    my $table = do { local $/; <$fh> };

    $table =~ /: \Q$wanted\E [0-9A-F]{2} [0-9A-F]+:([0-9A-F]+)/ or return;

    return hex $1;
}


package Test::Consent::Request;

sub new {
    my ($class, $head) = @_;

    my ($first, @lines) = split /\r\n/, $head;
    my ($method, $uri, $version) = $first =~ m{^(\S+) (\S+) HTTP/(\S+)$};

    return bless {
        head => $head,
        method => $method // '',
        uri => $uri // '',
        version => $version // '',
        fields => [ map { /^([^:]+):[ \t]*(.*)$/ ? [ $1, $2 ] : () } @lines ],
        body => '',
    }, $class;
}


sub method { $_[0]{method} }
sub uri    { $_[0]{uri} }
sub head   { $_[0]{head} }
sub body   { $_[0]{body} }


sub headers {
    my ($self, $name) = @_;

    return @{ $self->{fields} } unless defined $name;

    return map { $_->[1] } grep { lc $_->[0] eq lc $name } @{ $self->{fields} };
}


sub header {
    my ($self, $name) = @_;

    return ($self->headers($name))[0];
}


1;
