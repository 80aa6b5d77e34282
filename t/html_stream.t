#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The page streams: what is known to be harmless is sent at once, memory does
# not grow with the page, and an upstream that dies is seen by the client.

use strict;
use warnings;

use Test::More;
use Test::Consent;

use Compress::Zlib ();
use IO::Socket::INET;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY);

my $t = Test::Consent->new;

my $origin = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
    or die "cannot listen: $!";
my $port = $origin->sockport;

my $little = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
    or die "cannot listen: $!";
my $little_port = $little->sockport;

$t->upstream(sub {
    my ($request) = @_;

    my $part = 'text <b>bold</b> <img src="a.png"> ' x 30
               . '<script src="https://x.stats.example/a.js"></script>';

    return { headers => [ 'Content-Type: text/html' ],
             body => $part x 25_000, step => 0 };
});

$t->http_config(<<"CONF")->run;
    consent_category performance { resource .stats.example; inline evil(; }

    consent             enforce;
    proxy_http_version  1.1;

    server {
        listen  127.0.0.1:%%PORT%%;

        location / {
            proxy_buffering  off;
            proxy_pass       http://127.0.0.1:$port;
        }

        location /gzip/ {
            gzip        on;
            proxy_pass  http://127.0.0.1:$port;
        }

        location /big/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /little/ {
            proxy_buffering  off;
            proxy_pass       http://127.0.0.1:$little_port;
        }

        location /little/gzip/ {
            gzip             on;
            proxy_buffering  off;
            proxy_pass       http://127.0.0.1:$little_port;
        }

        location /big/unbuffered {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }
    }
CONF


# the origin waits for each line of the pipe before it sends the next part

sub origin {
    my (@parts) = @_;

    pipe my $from, my $to or die "pipe: $!";

    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        close $to;

        my $c = $origin->accept;
        my $request = '';

        while ($request !~ /\r\n\r\n/) {
            sysread $c, $request, 4096, length $request or last;
        }

        syswrite $c, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                     . "Transfer-Encoding: chunked\r\n\r\n";

        for my $part (@parts) {
            last unless defined $part;

            syswrite $c, sprintf "%x\r\n%s\r\n", length $part, $part;
            sysread $from, my $go, 1;
        }

        syswrite $c, "0\r\n\r\n" if defined $parts[-1];
        close $c;
        POSIX::_exit(0);
    }

    close $from;

    return ($pid, sub { syswrite $to, '.' });
}


# reads until the text is there; what is there is not delayed by what is not

sub read_until {
    my ($c, $got, $want) = @_;

    while (index($$got, $want) < 0) {
        my $more = $c->read_some;

        last unless defined $more && length $more;

        $$got .= $more;
    }

    return index($$got, $want) >= 0;
}

my @steps = (
    [ '<p>first ',                  'first ',        'text' ],
    [ '<b class="x">second ',       'second ',       'a tag' ],
    [ '<img src="a.png" alt="a',    undef,           'a tag that is open' ],
    [ '"> third ',                  'third ',        'which is complete' ],
    [ '<script>var a = 1;',         undef,           'a script' ],
    [ 'var b = 2;</script>fourth ', 'fourth ',       'which is complete' ],
    [ '<script src="//x.stats.example/">', undef,    'a blocked script' ],
    [ 'text of it</script>fifth ',  'fifth ',        'its end' ],
    [ '<!-- a comment ',            'a comment ',    'an open comment' ],
    [ '--></p title="a > b',        'a > b',         'an end tag' ],
    [ '">end',                      'end',           'the end' ],
);

my ($pid, $next) = origin(map { $_->[0] } @steps);

my $c = $t->connect;
my $got = '';

$c->send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

for my $step (@steps) {
    my ($part, $want, $name) = @$step;

    if (defined $want) {
        ok(read_until($c, \$got, $want), "sent at once: $name");
    }

    $next->();
}

waitpid $pid, 0;
$c->finish;


# an upstream that dies in the middle of a tag

($pid, $next) = origin('<p>text <img src="a', undef);

$c = $t->connect;
$c->send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
$next->();

my $r = $c->response;
waitpid $pid, 0;

ok(!$r->complete, 'cut off by the upstream: the client sees it');
is($r->body, '<p>text ', 'cut off: what was complete is there');


# nothing of ours waits then, but what the compressor holds has to be flushed;
# the client must not wait for the end of a response that has none

($pid, $next) = origin('<p>text <img src="a', undef);

$c = $t->connect;
$c->send("GET /gzip/ HTTP/1.1\r\nHost: localhost\r\n"
         . "Accept-Encoding: gzip\r\n\r\n");
$next->();

$r = $c->response;
waitpid $pid, 0;

my $inflate = Compress::Zlib::inflateInit(
    -WindowBits => Compress::Zlib::WANT_GZIP());
my $compressed = $r->body;
my ($text) = $inflate->inflate($compressed);

ok(!$r->complete && !$r->{timed_out},
   'cut off by the upstream, compressed: the client sees it');
is($text, '<p>text ', 'what was complete is there');


# memory of the worker over a page of many parts, and over pages of 28 MB

sub peak {
    my ($worker) = $t->workers;

    open my $f, '<', "/proc/$worker/status" or die "status: $!";

    return (map { /^VmHWM:\s+(\d+)/ ? $1 : () } <$f>)[0];
}


sub fetch {
    my ($uri) = @_;

    my ($size, $blocked) = (0, 0);
    my $c = $t->connect(rcvbuf => 65536);

    $c->send("GET $uri HTTP/1.1\r\nHost: localhost\r\n"
             . "Accept-Encoding: gzip\r\nConnection: close\r\n\r\n");

    while (defined(my $more = $c->read_some)) {
        last unless length $more;

        $size += length $more;
        $blocked++ while $more =~ /text\/plain/g;
    }

    return ($size, $blocked);
}

# sends parts of tags, of a byte each, with a rest for nginx to read them

sub send_little {
    my ($bytes) = @_;

    my $pid = fork // die "fork: $!";

    return $pid if $pid;

    my $peer = $little->accept or POSIX::_exit(1);

    local $SIG{PIPE} = 'IGNORE';

    $peer->sysread(my $request, 65536);
    $peer->setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    $peer->syswrite("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                    . "Connection: close\r\n\r\n");

    for my $byte (split //, $bytes) {
        $peer->syswrite($byte) or last;
        select undef, undef, undef, 0.00003;
    }

    POSIX::_exit(0);
}


my $part = '<img src="a.png" alt=word>';

for my $way ('', 'gzip/') {
    my $before;

    for my $tags (10, 800) {
        $before = peak();

        my $pid = send_little($part x $tags);
        fetch("/little/$way");
        waitpid $pid, 0;
    }

    cmp_ok(peak() - $before, '<', 512,
           "/little/$way: memory does not grow with the number of parts");
}

fetch('/big/unbuffered');

my $before = peak();

for my $uri ('/big/', '/big/unbuffered') {
    my ($size, $blocked) = fetch($uri);

    cmp_ok($size, '>', 28e6, "$uri: a page of 28 MB");
    cmp_ok($blocked, '>', 24_000, "$uri: and its tags");
}

cmp_ok(peak() - $before, '<', 4096, 'memory does not grow with the page');

done_testing();
