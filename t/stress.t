#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# 200 connections at once, an origin that cuts pages anywhere and breaks off,
# slow readers and some that go away, while nginx is reloaded, is given a
# configuration that it refuses, loses a worker by kill -9, and is replaced by
# another binary.  Every complete response is compared; afterwards nothing may
# be left over in a worker, and what was counted is looked up in the log.
#
# CONSENT_STRESS_SECONDS is how long that goes on (30 if it is not set), and
# CONSENT_SEED decides on pages, cuts and manners.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Stress::Page;
use Test::Consent::Stress::Clients;
use Test::Consent::Stress::Origin;

use JSON::PP;
use POSIX ();

my $seconds = $ENV{CONSENT_STRESS_SECONDS} || 30;
my $seed = $ENV{CONSENT_SEED} || 1;
my $processes = 4;
my $connections = 50;

my @ways = qw(buffered unbuffered tiny files sub gzip cache);
my @pages = map { [ Test::Consent::Stress::Page::make($seed * 1000 + $_) ] } 0 .. 63;

my $t = Test::Consent->new;

srand $seed;

my $origin = Test::Consent::Stress::Origin->new(seed => $seed,
                                                pages => \@pages);

my %accept = (name => 'consent', categories => [ 'performance' ]);
my $cookie = $t->consent_cookie(%accept);


sub conf {
    my ($workers) = @_;

    return (<<'CONF', main => "worker_processes $workers;");
    consent_category necessary   { always on; cookie sid; }
    consent_category performance { resource .stats.example; inline track(;
                                   cookie _ga; }

    log_format  counters  '$request_completion $uri $args '
                          '$consent_allowed_performance '
                          '$consent_resources_blocked '
                          '$consent_cookies_blocked';

    access_log  %%TESTDIR%%/counters.log  counters;

    consent             enforce;
    consent_buffer      1k;
    proxy_http_version  1.1;
    proxy_set_header    Connection "";

    proxy_cache_path    %%TESTDIR%%/cache  keys_zone=one:1m;

    upstream origin {
        server     %%ORIGIN%%;
        keepalive  8;
    }

    server {
        listen  127.0.0.1:%%PORT%%  sndbuf=8k;

        location = /status {
            access_log  off;
            consent     off;
            stub_status;
        }

        location / {
            proxy_pass  http://origin;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://origin;
        }

        location /tiny/ {
            proxy_buffer_size        1k;
            proxy_buffers            2 1k;
            proxy_busy_buffers_size  1k;
            proxy_max_temp_file_size 0;
            proxy_pass               http://origin;
        }

        location /files/ {
            proxy_buffer_size          1k;
            proxy_buffers              2 1k;
            proxy_busy_buffers_size    1k;
            proxy_temp_file_write_size 2k;
            proxy_pass                 http://origin;
        }

        location /sub/ {
            sub_filter  'no such text'  '';
            proxy_pass  http://origin;
        }

        location /gzip/ {
            gzip             on;
            gzip_comp_level  1;
            proxy_pass       http://origin;
        }

        location /cache/ {
            proxy_cache            one;
            proxy_cache_valid      1m;
            proxy_ignore_headers   Set-Cookie;
            proxy_cache_lock       on;
            proxy_pass             http://origin;
        }
    }
CONF
}


sub configure {
    my ($workers, $front) = @_;

    my ($text, @options) = conf($workers);

    $text =~ s/%%ORIGIN%%/$origin->address/e;

    return $t->http_config(($front // '') . $text, @options);
}


# a process of clients, which says at its end what it has found

sub clients {
    my ($n, $count, $more) = @_;

    pipe my $from, my $to or die "pipe: $!\n";

    my $pid = fork // die "fork: $!\n";

    if ($pid) {
        close $to;
        return [ $pid, $from ];
    }

    my $clients = Test::Consent::Stress::Clients->new(
        port => $t->port, seed => $seed + 100 * $n, pages => \@pages,
        ways => \@ways, cookie => $cookie, kills => $t->dir . '/kills');

    eval { $clients->run($count, $more); 1 } or warn "clients: $@";

    print $to encode_json({ %{ $clients->tally }, done => 1 }), "\n",
              map { "$_\n" } $clients->wrong;
    close $to;

    POSIX::_exit(0);
}


# all of them together: numbers, and complaints

sub results {
    my (%tally, @wrong);

    for my $pipe (@_) {
        my ($pid, $from) = @$pipe;
        my $first = <$from> // '{}';
        my $part = decode_json($first);

        $tally{$_} += $part->{$_} for keys %$part;

        while (my $line = <$from>) {
            chomp $line;
            push @wrong, $line;
        }

        waitpid $pid, 0;
    }

    return (\%tally, \@wrong);
}


# what happens to nginx in the meantime: each returns true if it went well

# a mark before it and one behind it: a client that began in between may have
# been the lost worker's as well

sub mark_kill {
    open my $fh, '>>', $t->dir . '/kills' or die "kills: $!\n";
    syswrite $fh, '.';
    close $fh;
}


sub lose_worker {
    my @workers = $t->workers;
    my $lost = $workers[rand @workers];

    mark_kill();
    kill 'KILL', $lost;
    mark_kill();

    return Test::Consent::wait_for(sub {
        my @now = $t->workers;

        return @now && !grep { $_ == $lost } @now;
    });
}


sub refused_reload {
    configure(2, "consent_default nothing;\n");

    my $refused = !$t->reload;

    configure(2);

    return $refused;
}

my %events = (
    reload => sub { $t->reload },
    refused => \&refused_reload,
    kill => \&lose_worker,
    upgrade => sub { $t->upgrade },
);


sub storm {
    my $end = time + $seconds;
    my @order = qw(reload reload refused kill reload upgrade);
    my (%done, @failed);

    my @pids = map {
        clients($_, $connections, sub { time < $end })
    } 1 .. $processes;

    while (time < $end) {
        my $event = $order[($done{all}++ // 0) % @order];

        if (eval { $events{$event}->() }) {
            $done{$event}++;

        } else {
            push @failed, $@ || $event;
        }

        # the rest of this second belongs to the clients

        select undef, undef, undef, 1;
    }

    my ($tally, $wrong) = results(@pids);

    is($tally->{done}, $processes, 'all clients came to their end');
    is(join("\n", @$wrong), '', "no response is wrong or lost, seed $seed");
    is_deeply(\@failed, [], 'nginx did what it was told');

    cmp_ok($tally->{$_} // 0, '>', 0, "there were: $_")
        for qw(denied accepted left aborted);

    delete $done{all};

    diag(join ', ', (map { "$_ $tally->{$_}" } sort keys %$tally),
         map { "$_ $done{$_}" } sort keys %done);
}


# nothing is left: after the storm one worker, which does the same again and
# again

sub active {
    return $t->get('/status')->body =~ /Active connections: (\d+)/ ? $1 : -1;
}


sub descriptors {
    my ($pid) = @_;

    return scalar(() = glob "/proc/$pid/fd/*");
}


sub resident {
    my ($pid) = @_;

    return Test::Consent::slurp("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m
        ? $1 : 0;
}


sub plateau {
    configure(1);
    ok($t->reload, 'a single worker');
    ok(Test::Consent::wait_for(sub { $t->workers == 1 }), 'the others end');

    my ($worker) = $t->workers;
    my (@fds, @resident);

    # a worker that was killed has not taken its own off the count

    my $idle = active();

    for my $round (1 .. 5) {
        my ($tally, $wrong) = results(clients(9, 8, sub {
            return ($_[0]->tally->{requests} // 0) < 600;
        }));

        is_deeply($wrong, [], "round $round: no response is wrong");
        ok(Test::Consent::wait_for(sub { active() <= $idle }),
           "round $round: no connection is left");

        push @fds, descriptors($worker);
        push @resident, resident($worker);
    }

    is_deeply([ $t->workers ], [ $worker ], 'it is still the same worker');

    # kept connections to the origin, at most 8, come and go

    cmp_ok($fds[-1], '<=', $fds[0] + 8, 'no descriptor is left');

    SKIP: {
        if (Test::Consent::nginx_build() =~ /-fsanitize/) {
            skip 'a sanitizer keeps memory back', 1;
        }

        # what a request leaves behind must not add up: 512 bytes would

        my ($first) = sort { $b <=> $a } @resident[0, 1];

        cmp_ok($resident[-1], '<=', $first + 512,
               'no memory is left') or diag("@resident");
    }

    diag("descriptors @fds; VmRSS in KB @resident");
}


# the log has what the clients have seen

sub counters {
    my ($lines, @wrong) = (0);

    for my $line ($t->lines('counters.log')) {
        my ($number, $args, $accepts, $resources, $cookies) = $line
            =~ m{^OK /\w+/(\d+) (\S+) (\d) (\d+) (\d+)$} or next;

        next if $args eq 'abort';

        my $blocked = $accepts ? 0 : $pages[$number][2];

        $lines++;

        if ($resources != $blocked || $cookies != ($accepts ? 0 : 1)) {
            push @wrong, "$line: not $blocked";
        }
    }

    cmp_ok($lines, '>', 500, 'complete responses are in the log');
    is_deeply([ grep { defined } @wrong[0 .. 9] ], [],
              'with the right numbers');
}

configure(2);

$origin->start(2);
$t->allow_log(qr/exited on signal 9/, qr/"nothing"/,
              qr/the new binary|unlink\(\)|kill\(/);
$t->run(daemon => 1);

storm();
plateau();
counters();

$t->stop;
$origin->stop;

done_testing();
