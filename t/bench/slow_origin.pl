#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# An origin that is slow: every request is answered with the same file in
# chunks of 16 KB, the first one at once, one more every 10 ms.
#
#     t/bench/slow_origin.pl PORT FILE

use strict;
use warnings;

use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep);

use constant {
    PIECE => 16384,
    PAUSE => 0.01,
};

my ($port, $file) = @ARGV;

open my $fh, '<:raw', $file or die "$file: $!\n";
my $page = do { local $/; <$fh> };

my $head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
           . "Transfer-Encoding: chunked\r\n\r\n";


# false when the peer has closed

sub read_request {
    my ($socket) = @_;

    my $request = '';

    until ($request =~ /\r\n\r\n/) {
        sysread $socket, $request, 4096, length $request or return 0;
    }

    return 1;
}


sub send_all {
    my ($socket, $bytes) = @_;

    for (my $sent = 0; $sent < length $bytes; ) {
        $sent += syswrite($socket, $bytes, length($bytes) - $sent, $sent)
                 // exit;
    }
}


sub serve {
    my ($socket) = @_;

    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;

    while (read_request($socket)) {
        my $before = $head;

        for (my $at = 0; $at < length $page; $at += PIECE) {
            my $piece = substr $page, $at, PIECE;

            sleep PAUSE if $at;
            send_all($socket, sprintf "%s%x\r\n%s\r\n", $before,
                                      length $piece, $piece);
            $before = '';
        }

        send_all($socket, "0\r\n\r\n");
    }
}


my $listener = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1',
    LocalPort => $port,
    Listen => 64,
    ReuseAddr => 1,
) or die "port $port: $!\n";

$SIG{CHLD} = 'IGNORE';

while (1) {
    my $socket = $listener->accept or next;
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        close $listener;
        serve($socket);
        exit;
    }
}
