package Test::Consent::Page;

# Copyright (C) ngx_consent_module authors
#
# A page with blocked tags at all distances from any buffer boundary, what is
# left of it, and the checks that hold for every way through nginx.

use strict;
use warnings;

use Exporter qw(import);
use Test::More ();

our @EXPORT_OK = qw(page policy cookies same check_way);


# inside http {}: what the page and the responses are about

sub policy {
    return <<'CONF';
    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga; resource .stats.example; }
CONF
}


# the page as the site sends it, and as a visitor gets it who refused

sub page {
    my ($parts) = @_;

    my $tag = '<script src="https://x.stats.example/a.js?%d"></script>';
    my $mark = '<script type="text/plain" data-consent="performance" '
               . 'data-consent-src="https://x.stats.example/a.js?%d"></script>';

    my ($page, $expect) = ("<!DOCTYPE html>\n") x 2;

    for my $n (1 .. $parts) {
        my $text = 'text ' x ($n % 37) . "\n";

        $page .= $text . sprintf $tag, $n;
        $expect .= $text . sprintf $mark, $n;
    }

    return ($page, $expect);
}


# what the response sets and deletes nothing of

sub cookies {
    my ($response) = @_;

    return join '|', grep { !/; Max-Age=0/ } $response->headers('Set-Cookie');
}


# is() would print pages

sub same {
    my ($got, $want, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::pass($name) if $got eq $want;

    my $at = 0;
    $at++ while $at < length $got && substr($got, $at, 1) eq substr $want, $at, 1;

    Test::More::fail($name);
    Test::More::diag('     got: ', length $got, ' bytes, at ', $at, ': ',
                     substr $got, $at, 60);
    Test::More::diag('expected: ', length $want, ' bytes: ',
                     substr $want, $at, 60);

    return 0;
}


=head2 check_way($t, $uri, %options)

Asks for the page at $uri: as a visitor who refused, as one who accepted, with
HEAD and by HTTP/1.0.

    name      => 'in messages', $uri if not given
    page      => [ $page, $expect ]
    status    => 200
    upstream  => 'name'   the server that got the request; undef: none
    sets      => 1        the response has Set-Cookie lines: sid=1 and _ga=1
    length    => 1        a visitor who accepted gets a Content-Length
    head_length => 0      what nginx itself may say in answer to HEAD

=cut

sub check_way {
    my ($t, $uri, %options) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $name = $options{name} // $uri;
    my ($page, $expect) = @{ $options{page} };
    my $status = $options{status} // 200;
    my @request = ('Cookie: sid=7; _ga=8', 'Accept: text/html',
                   'Accept-Encoding: gzip');

    my $r = $t->get($uri, @request);

    Test::More::is($r->status, $status, "$name: status");
    same($r->body, $expect, "$name: what is refused is blocked");
    Test::More::ok($r->complete, "$name: the body is complete");
    check_framing($r, $name);

    if ($options{sets}) {
        Test::More::is(cookies($r), 'sid=1', "$name: refused cookies go");
    }

    check_asked($t, $options{upstream}, 'sid=7', $name);

    my $head = $t->head($uri, @request);

    Test::More::is($head->status, $status, "$name: HEAD");
    my $length = $head->header('Content-Length');

    Test::More::ok(!defined $length
                   || $length eq ($options{head_length} // ''),
                   "$name: HEAD without the length of the original");
    Test::More::is(cookies($head), cookies($r), "$name: HEAD as GET");

    my $old = $t->http(join "\r\n", "GET $uri HTTP/1.0", 'Host: localhost',
                                    @request, '', '');

    same($old->body, $expect, "$name: HTTP/1.0");
    Test::More::ok($old->complete
                   && !defined $old->header('Transfer-Encoding'),
                   "$name: HTTP/1.0, not chunked");

    my $consent = $t->consent_cookie(name => 'consent',
                                     categories => [ 'performance' ]);

    $request[0] .= "; $consent";
    $r = $t->get($uri, @request);

    Test::More::is($r->status, $status, "$name, accepted: status");
    same($r->body, $page, "$name, accepted: byte for byte");
    Test::More::ok($r->complete, "$name, accepted: complete");
    check_framing($r, "$name, accepted");

    if ($options{sets}) {
        Test::More::is(cookies($r), 'sid=1|_ga=1',
                       "$name, accepted: all cookies");
    }

    if ($options{length}) {
        Test::More::is($r->header('Content-Length'), length $page,
                       "$name, accepted: the length stays");
    }

    check_asked($t, $options{upstream}, "sid=7; _ga=8; $consent",
                "$name, accepted");
}


# one way to tell the end, and the right one

sub check_framing {
    my ($r, $name) = @_;

    my $length = $r->header('Content-Length');
    my $chunked = $r->header('Transfer-Encoding');

    Test::More::ok(!(defined $length && defined $chunked)
                   && (!defined $length || $length == length $r->body),
                   "$name: framing");
}


sub check_asked {
    my ($t, $upstream, $cookies, $name) = @_;

    return unless defined $upstream;

    my $request = $t->last_request($upstream);

    Test::More::is(join('; ', grep { length } $request->headers('Cookie')),
                   $cookies, "$name: cookies that the site gets");
}


1;
