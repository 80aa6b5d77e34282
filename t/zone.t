#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The zone over reloads and between workers: nothing is lost, whatever changes
# in the configuration; it is full, and goes on; a million names.

use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP;
use Test::More;
use Test::Consent;
use Test::Consent::Exposition;

my $t = Test::Consent->new;

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html', 'Set-Cookie: _ga=1' ],
             body => '<script src="https://a.stats.example/"></script>' };
});


# %options: size, policy (text), workers

sub configure {
    my (%options) = @_;

    my $size = $options{size} // '1m';
    my $policy = $options{policy}
                 // 'consent_category a { cookie _ga; resource '
                    . '.stats.example; } '
                    . 'consent_category b { cookie _gb; }';

    $t->http_config(<<"CONF", main => 'worker_processes 2;');
    consent_zone zone=consent:$size;
    $policy

    large_client_header_buffers  64 8k;
    keepalive_requests           100000;

    log_format  pid  '\$pid';
    access_log  %%TESTDIR%%/pid.log  pid;

    server {
        listen      127.0.0.1:%%PORT%%  reuseport;
        consent     enforce;

        location / { proxy_pass http://%%UPSTREAM%%; }
        location = /names { root %%TESTDIR%%; }
        location = /stats { consent_status; access_log off; }
    }
CONF
}

$t->write_file('names', 'ok');

configure();
$t->run;


sub metrics {
    return Test::Consent::Exposition->parse($t->get('/stats')->body);
}


# the figure, as soon as it is what is expected

sub figure {
    my ($wanted, @arguments) = @_;

    my $found;

    Test::Consent::wait_for(sub {
        $found = metrics()->sum(@arguments);
        return $found == $wanted;
    });

    return $found;
}


sub inventory {
    return decode_json($t->get('/stats?format=json')->body)->{inventory};
}


# two workers

my $requests = 100;

$t->get('/', 'Cookie: unknown=1') for 1 .. $requests;

is(figure($requests, 'consent_requests_total'), $requests,
   'two workers: all requests');

my %pids = map { $_ => 1 } $t->lines('pid.log');

is(keys %pids, 2, 'of both of them');
is(figure($requests, 'consent_cookies_total', category => 'a',
          action => 'blocked'), $requests, 'all cookies');
is(figure($requests, 'consent_resources_blocked_total', category => 'a',
          element => 'script'), $requests, 'all scripts');

my ($entry) = grep { $_->{name} eq 'unknown' } @{ inventory()->{cookies} };

is($entry->{sent}, $requests, 'all of an unknown cookie, in one entry');


# other configurations: another order, a category more, one less

configure(policy => 'consent_category b { cookie _gb; } '
                    . 'consent_category new { cookie _gn; } '
                    . 'consent_category a { cookie _ga; '
                    . 'resource .stats.example; }');
ok($t->reload, 'reload: categories in another order, and one more');

is(figure($requests, 'consent_cookies_total', category => 'a',
          action => 'blocked'), $requests, 'figures are those of the name');
is(figure(0, 'consent_cookies_total', category => 'new'), 0, 'a new one');
is(figure(0, 'consent_cookies_total', category => 'b'), 0, 'another one');

$t->get('/');
is(figure($requests + 1, 'consent_cookies_total', category => 'a',
          action => 'blocked'), $requests + 1, 'it is counted on');

configure(policy => 'consent_category b { cookie _gb; }');
ok($t->reload, 'without it');
is(metrics()->samples('consent_cookies_total', category => 'a'), 0,
   'labels are those of the configuration');

configure();
ok($t->reload, 'with it again');
is(figure($requests + 1, 'consent_cookies_total', category => 'a',
          action => 'blocked'), $requests + 1, 'its figures are there still');


# a mistake

configure(policy => 'consent_category broken { nonsense; }');
$t->allow_log(qr/unknown directive "nonsense"/);
ok(!$t->reload, 'a configuration that is refused');
$t->get('/');
is(figure($requests + 2, 'consent_cookies_total', category => 'a',
          action => 'blocked'), $requests + 2, 'changes nothing');
configure();


# reload under load: the client runs in a process of its own

my $before = metrics()->sum('consent_requests_total');
my $load = 400;
my $child = fork // die "fork: $!\n";

if ($child == 0) {
    my $failed = 0;

    for (1 .. $load) {
        $failed += $t->get('/', 'Cookie: load=1')->status != 200;
    }

    POSIX::_exit($failed ? 1 : 0);
}

for my $n (1 .. 6) {
    configure(policy => $n % 2
        ? 'consent_category b { cookie _gb; } '
          . 'consent_category a { cookie _ga; resource .stats.example; }'
        : undef);
    $t->reload;
}

waitpid $child, 0;

is($?, 0, 'reload under load: all answered');
is(figure($before + $load, 'consent_requests_total'), $before + $load,
   'and all counted');

($entry) = grep { $_->{name} eq 'load' } @{ inventory()->{cookies} };
is($entry->{sent}, $load, 'also in the inventory');


# another size

configure(size => '2m');
ok($t->reload, 'a larger zone');

my $larger = metrics();

is($larger->value('consent_zone_size_bytes'), 2097152, 'it is in use');
is($larger->sum('consent_requests_total'), $before + $load,
   'with all that was counted');
is_deeply([ sort map { $_->{name} } @{ inventory()->{cookies} } ],
          [ 'load', 'unknown' ], 'and met');
is($larger->value('consent_rules', category => 'a', kind => 'cookie',
                  state => 'used'), 1, 'and used');

$t->get('/', 'Cookie: unknown=1');
is(figure($before + $load + 1, 'consent_requests_total'),
   $before + $load + 1, 'it is counted on');

# the smallest that is allowed: whether that is enough depends on the pages

configure(size => '32k');
ok($t->reload, 'the smallest zone');
is(figure($before + $load + 1, 'consent_requests_total'),
   $before + $load + 1, 'with the same figures');


# full: more names than it has room for, and so many that nobody can hold them

my $room = metrics()->value('consent_inventory_room');

cmp_ok($room, '<', 100, "room for few ($room)");

for my $n (1 .. 40) {
    $t->get('/names', 'Cookie: often=1; '
                      . join('; ', map { "full${n}_$_=1" } 1 .. 20));
}

my $full = inventory();

is($full->{entries}, $room, 'full');
is(scalar @{ $full->{cookies} }, $room, 'as many are shown');
cmp_ok($full->{evicted}, '>', 700, 'the others gave way');
is((grep { $_->{name} eq 'often' } @{ $full->{cookies} })[0]{sent}, 40,
   'what is seen again and again is there');
ok((grep { $_->{name} eq 'full40_20' } @{ $full->{cookies} }), 'and the last');
ok(!(grep { $_->{name} =~ /^full1_/ } @{ $full->{cookies} }), 'not the first');


# a million, 8000 in each request

configure(size => '1m');
ok($t->reload, 'a zone of 1m');

$room = metrics()->value('consent_inventory_room');

# both workers have met names by now

$t->get('/names', 'Cookie: before=1') for 1 .. 20;

sub memory {
    my $sum = 0;

    for my $pid ($t->workers) {
        my ($anonymous) = Test::Consent::slurp("/proc/$pid/status")
                          =~ /^RssAnon:\s+(\d+)/m;
        $sum += $anonymous // 0;
    }

    return $sum;
}

my $kilobytes = memory();
my $client = $t->connect;
my $evicted = inventory()->{evicted};
my $name = 'aaaaaa';

for (1 .. 125) {
    my $request = "GET /names HTTP/1.1\r\nHost: localhost\r\n";

    for (1 .. 8) {
        $request .= 'Cookie: ' . join(';', map { $name++ . '=' } 1 .. 1000)
                    . "\r\n";
    }

    $client->send("$request\r\n")->response;
}

my $many = inventory();

is($many->{entries}, $room, 'a million names: full');
cmp_ok($many->{evicted} - $evicted, '>=', 1000000 - $room, 'no more than that');
cmp_ok(memory() - $kilobytes, '<', 4096, 'workers have not grown');
is($t->get('/', 'Cookie: last=1')->status, 200, 'nginx serves');
ok((grep { $_->{name} eq 'last' } @{ inventory()->{cookies} }),
   'and what is new is seen');

my $valid = metrics();
is($valid->value('consent_inventory_entries'), $room,
   'and the names make no metrics');



# a worker remembers short names as they are, and others by a hash

my %long = map { $_ => substr("long-$_-" x 40, 0, $_) } 7, 36, 37, 96, 120;

for (1 .. 10) {
    $t->get('/', "Cookie: $_=1") for values %long;
}

my %sent = map { $_->{name} => $_->{sent} } @{ inventory()->{cookies} };

for my $len (sort { $a <=> $b } keys %long) {
    is($sent{ substr($long{$len}, 0, 96) }, 10, "a name of $len bytes");
}


done_testing();
