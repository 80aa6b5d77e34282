package Test::Consent::Stress::Clients;

# Copyright (C) ngx_consent_module authors
#
# The clients of t/stress.t: one process holds many connections, keeps them
# alive or not, reads fast or slowly, or goes away in the middle.  Every
# response that is complete is compared; one that is not needs a reason.

use strict;
use warnings;

use Compress::Zlib ();
use Fcntl qw(F_SETFL O_NONBLOCK);
use Socket qw(:all);

my $patience = 60;      # seconds without a byte

my @manners = ('fast') x 5;

push @manners, 'slow', 'leave', 'abort';


# options: port, seed, pages, ways, cookie (of who accepts all), kills (a file
# that grows before each kill -9)

sub new {
    my ($class, %options) = @_;

    my $self = bless { %options, tally => {}, wrong => [] }, $class;

    srand $self->{seed};

    return $self;
}


sub tally { $_[0]{tally} }
sub wrong { @{ $_[0]{wrong} } }


sub complain {
    my ($self, $what, $c) = @_;

    $self->{tally}{wrong}++;

    if (@{ $self->{wrong} } < 10) {
        push @{ $self->{wrong} }, sprintf '%s: %s%s, %s', $what, $c->{uri},
            $c->{accepts} ? ' (accepted)' : '', $c->{manner};
    }
}


sub kills {
    my ($self) = @_;

    return -s $self->{kills} // 0;
}


# keeps so many connections busy while the function, called with this object,
# is true; then waits for what is under way

sub run {
    my ($self, $count, $more) = @_;

    local $SIG{PIPE} = 'IGNORE';

    my @clients = map { {} } 1 .. $count;
    my $turn = 0;

    while (1) {
        my $going = $more->($self);
        my ($read, $waiting) = ('', 0);

        $turn++;

        for my $c (@clients) {
            $self->ask($c) if $going && !$c->{asked};

            next unless $c->{asked};

            $waiting++;

            next if $c->{manner} eq 'slow' && $turn % 4;

            vec($read, fileno $c->{socket}, 1) = 1;
        }

        last unless $waiting;

        select $read, undef, undef, 0.01;

        for my $c (@clients) {
            next unless $c->{asked};

            if (vec $read, fileno $c->{socket}, 1) {
                $self->receive($c);

            } elsif (time - $c->{heard} > $patience) {
                $self->complain('silence', $c);
                $self->drop($c);
            }
        }
    }

    close $_->{socket} for grep { $_->{socket} } @clients;
}


sub connection {
    my ($self, $c) = @_;

    socket my $socket, PF_INET, SOCK_STREAM, IPPROTO_TCP or die "socket: $!\n";

    # a small window has to be set before connecting

    setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 4096 if $c->{manner} eq 'slow';
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;

    connect $socket, pack_sockaddr_in($self->{port}, INADDR_LOOPBACK)
        or die "connect: $!\n";

    fcntl $socket, F_SETFL, O_NONBLOCK;

    return $socket;
}


sub ask {
    my ($self, $c) = @_;

    my $number = int rand @{ $self->{pages} };
    my $way = $self->{ways}[rand @{ $self->{ways} }];

    $c->{manner} = $manners[rand @manners];
    $c->{accepts} = rand 4 < 1;
    $c->{number} = $number;
    $c->{keep} = rand 3 > 1;
    $c->{leave_at} = int rand 40000;
    $c->{uri} = "/$way/$number" . ($c->{manner} eq 'abort' ? '?abort' : '');
    $c->{kills} = $self->kills;
    $c->{reused} = $c->{socket} ? 1 : 0;

    $c->{socket} //= $self->connection($c);

    $self->{tally}{requests}++;

    syswrite $c->{socket}, join "\r\n", "GET $c->{uri} HTTP/1.1",
        'Host: www.site.example', ($way eq 'gzip'
                                   ? 'Accept-Encoding: gzip' : ()),
        ($c->{keep} ? () : 'Connection: close'),
        ($c->{accepts} ? "Cookie: $self->{cookie}" : ()), '', '';

    @$c{qw(asked in body left heard)} = (1, '', '', undef, time);
    delete @$c{qw(head chunked)};
}


sub drop {
    my ($self, $c) = @_;

    close delete $c->{socket};
    $c->{asked} = 0;
}


sub receive {
    my ($self, $c) = @_;

    my $size = $c->{manner} eq 'slow' ? 8192 : 262144;
    my $n = sysread $c->{socket}, $c->{in}, $size, length $c->{in};

    return if !defined $n && $!{EAGAIN};

    $c->{heard} = time;

    if (!$n) {
        $self->broken($c);
        return;
    }

    my $done = parse($c);

    if ($done) {
        $self->complete($c);

    } elsif ($c->{manner} eq 'leave' && length $c->{body} > $c->{leave_at}) {
        $self->{tally}{left}++;
        $self->drop($c);
    }
}


# takes what has arrived; true at the end of the response

sub parse {
    my ($c) = @_;

    if (!defined $c->{head}) {
        $c->{in} =~ s/\A(HTTP.*?\r\n\r\n)//s or return 0;

        $c->{head} = $1;
        $c->{chunked} = $c->{head} =~ /^Transfer-Encoding: chunked/mi;
        ($c->{left}) = $c->{head} =~ /^Content-Length: (\d+)/mi;
    }

    if (!$c->{chunked}) {
        $c->{body} .= $c->{in};
        $c->{in} = '';

        return length $c->{body} == ($c->{left} // -1);
    }

    while (1) {
        if (!$c->{left}) {
            $c->{in} =~ s/\A([0-9a-f]+)\r\n//i or return 0;
            $c->{left} = hex($1) + 2;
        }

        if ($c->{left} == 2) {
            return length $c->{in} >= 2;
        }

        if (length $c->{in} < $c->{left}) {
            return 0;
        }

        $c->{body} .= substr $c->{in}, 0, $c->{left} - 2;
        substr $c->{in}, 0, $c->{left}, '';
        $c->{left} = 0;
    }
}


sub complete {
    my ($self, $c) = @_;

    my ($before, $after) = @{ $self->{pages}[ $c->{number} ] };
    my $want = $c->{accepts} ? $before : $after;
    my $got = $c->{body};

    if ($c->{head} =~ /^Content-Encoding: gzip/mi) {
        $got = Compress::Zlib::memGunzip($got) // 'no gzip';
    }

    my $cookies = join ' ', $c->{head} =~ /^Set-Cookie: (\w+)=/mig;

    if ($c->{head} =~ m{^HTTP/1\.1 502 } && $c->{manner} eq 'abort') {

        # the upstream has not sent a whole header

        $self->{tally}{aborted}++;

    } elsif ($c->{head} !~ m{^HTTP/1\.1 200 }) {
        $self->complain('status ' . substr($c->{head}, 9, 3), $c);

    } elsif ($c->{manner} eq 'abort') {
        $self->complain('complete, though the upstream broke off', $c);

    } elsif ($got ne $want) {
        $self->complain('another body', $c);

    } elsif ($cookies ne ($c->{accepts} ? '_ga sid' : 'sid')) {
        $self->complain("cookies $cookies", $c);

    } else {
        $self->{tally}{ $c->{accepts} ? 'accepted' : 'denied' }++;
    }

    if ($c->{keep} && $c->{head} !~ /^Connection: close/mi
        && $c->{manner} ne 'slow')
    {
        $c->{asked} = 0;
        return;
    }

    $self->drop($c);
}


# the connection has ended too soon: for a reason?

sub broken {
    my ($self, $c) = @_;

    if ($c->{manner} eq 'abort') {
        $self->{tally}{aborted}++;

    } elsif ($c->{reused} && !defined $c->{head} && $c->{in} eq '') {

        # nginx may close an idle connection at any time

        $self->{tally}{again}++;

    } elsif ($self->kills > $c->{kills}) {
        $self->{tally}{killed}++;

    } else {
        $self->complain(sprintf('broken off after %d bytes',
                                length $c->{body}), $c);
    }

    $self->drop($c);
}


1;
