#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Reloads: no request is lost, each one is served by one configuration as a
# whole, and a refused configuration leaves nothing behind, not even for a
# worker that is started afterwards.

use strict;
use warnings;

use Test::More;
use Test::Consent;

use POSIX ();

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script>'
           . '<script src="https://y.video.example/b.js"></script>'
           . '<p>text' . ' and more' x 500 . "</p>\n";

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=1',
                          'Set-Cookie: yt=1' ], body => $page,
             cut => [ 3, 900 ], step => 0 };
});


sub conf {
    my ($performance, $video) = @_;

    return <<"CONF";
    consent_key  %%TESTDIR%%/consent.key;

    $performance
    $video

    server {
        listen  127.0.0.1:%%PORT%%;

        add_header  X-Allowed  \$consent_state  always;

        location / {
            consent             enforce;
            proxy_http_version  1.1;
            proxy_buffering     off;
            proxy_pass          http://%%UPSTREAM%%;
        }
    }
CONF
}

$t->write_file('consent.key', 'k' x 32);
chmod 0600, $t->dir . '/consent.key';

# a: what is refused is performance; b: in another order, and it is video

my $a = conf('consent_category performance { cookie _ga; '
             . 'resource .stats.example; inline ~^gtag; }',
             'consent_category video { always on; cookie yt; '
             . 'resource .video.example; }');
my $b = conf('consent_category video { cookie yt; resource .video.example; '
             . 'resource ~^https://y; }',
             'consent_category performance { always on; cookie _ga; '
             . 'resource .stats.example; }');


sub signature {
    my ($r) = @_;

    return join ' ', $r->status, $r->complete, $r->header('X-Allowed') // '',
        (map { /^(\w+)/ } $r->headers('Set-Cookie')),
        (map { $r->body =~ /<script src="https:\/\/$_\./ ? $_ : () }
         'x', 'y');
}

my $in_a = '200 1 video yt y';
my $in_b = '200 1 performance _ga x';

$t->http_config($a)->run;
is(signature($t->get('/')), $in_a, 'the first configuration');

$t->http_config($b);
ok($t->reload, 'reload');
is(signature($t->get('/')), $in_b, 'the second configuration');


# A child asks without a pause while the parent reloads.  It notes what it
# got, and ends when it is told to.

sub load {
    my $notes = $t->dir . "/notes-$_[0]";
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        my $end = 0;
        my %seen;

        local $SIG{TERM} = sub { $end = 1 };

        until ($end) {
            my $r = eval { $t->get('/') };

            $seen{ $r ? signature($r) : "no response: $@" }++;
        }

        open my $fh, '>', $notes or POSIX::_exit(1);
        print $fh map { "$seen{$_}\t$_\n" } sort keys %seen;
        close $fh;
        POSIX::_exit(0);
    }

    return $pid;
}

my @pids = map { load($_) } 1 .. 2;

for my $round (1 .. 6) {
    $t->forget_requests;
    $t->http_config($round % 2 ? $a : $b);
    ok($t->reload, "reload $round under load");
    is(signature($t->get('/')), $round % 2 ? $in_a : $in_b,
       'the new configuration at once');

    # some requests by either child before the next one

    ok(Test::Consent::wait_for(sub { $t->requests > 6 }), 'load goes on');
}

kill 'TERM', @pids;
waitpid $_, 0 for @pids;

my %seen;

for my $n (1, 2) {
    for my $line ($t->lines("notes-$n")) {
        my ($count, $what) = split /\t/, $line;
        $seen{$what} += $count;
    }
}

is_deeply([ sort keys %seen ], [ sort $in_a, $in_b ],
          'every request was served by one of both configurations')
    or diag(join "\n", map { "$seen{$_}: $_" } sort keys %seen);


# a refused configuration: a category is missing, a key is readable by all

$t->allow_log(qr/"nothing"/, qr/consent\.key/, qr/exited on signal 9/);

for my $mistake ('consent_default nothing;',
                 'consent_key %%TESTDIR%%/open.key;')
{
    $t->write_file('open.key', 'x' x 32);
    chmod 0644, $t->dir . '/open.key';
    $t->allow_log(qr/open\.key/);

    my $wrong = $a =~ s/consent_key [^;]*;//r;

    $t->http_config("$mistake\n$wrong");
    ok(!$t->reload, "refused: $mistake");
    is(signature($t->get('/')), $in_b, 'the old configuration goes on');

    # the worker that replaces this one is started by the same master

    my ($worker) = $t->workers;

    kill 'KILL', $worker;

    ok(Test::Consent::wait_for(sub {
        my @now = $t->workers;

        return @now && !grep { $_ == $worker } @now;
    }), 'another worker');

    is(signature($t->get('/')), $in_b, "after kill -9, request $_")
        for 1 .. 3;
}

$t->http_config($a);
ok($t->reload, 'a good configuration again');
is(signature($t->get('/')), $in_a, 'is in force');

done_testing();
