package Bench::Process;

# Copyright (C) ngx_consent_module authors
#
# Processes on a core of their own, and what /proc says about them.  Whatever
# was started is ended with the program, and nothing else is.

use strict;
use warnings;

use Exporter qw(import);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(slurp cores free_port spawn wait_for wait_port stop
    children cpu_time memory forget_peak capture);

use constant PATIENCE => 20;

my $owner = $$;
my %running;
my @signals = qw(INT TERM HUP PIPE);

@SIG{@signals} = (sub { exit 1 }) x @signals;


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;

    return <$fh> // '';
}


# the first two that this process may use

sub cores {
    my ($list) = slurp('/proc/self/status') =~ /^Cpus_allowed_list:\s*(\S+)/m;

    my @cores = map { /(\d+)-(\d+)/ ? $1 .. $2 : $_ } split /,/, $list;

    die "the benchmark needs two cores, this machine has one\n" if @cores < 2;

    return @cores[0, 1];
}


sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        or die "no free port: $!\n";

    return $socket->sockport;
}


sub spawn {
    my ($core, $log, @command) = @_;

    # a process that is not in the list yet would be left behind

    my $signalled = 0;

    local @SIG{@signals} = (sub { $signalled = 1 }) x @signals;

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        @SIG{@signals} = ('DEFAULT') x @signals;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $log;
        open STDERR, '>&', \*STDOUT;
        exec 'taskset', '-c', $core, @command or POSIX::_exit(127);
    }

    $running{$pid} = $log;

    exit 1 if $signalled;

    return $pid;
}


# until $ready->() is true, which is returned

sub wait_for {
    my ($pid, $ready) = @_;

    for (my $end = time + PATIENCE; time < $end; sleep 0.02) {

        if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
            die "did not start:\n" . slurp(delete $running{$pid});
        }

        my $result = $ready->();

        return $result if $result;
    }

    die "is not ready:\n" . slurp($running{$pid});
}


sub wait_port {
    my ($pid, $port) = @_;

    wait_for($pid, sub { IO::Socket::INET->new("127.0.0.1:$port") });
}


sub stop {
    my (@pids) = @_;

    kill 'TERM', @pids;

    for my $pid (@pids) {
        my $end = time + PATIENCE;

        until (waitpid $pid, POSIX::WNOHANG()) {
            kill 'KILL', $pid if time > $end;
            sleep 0.01;
        }

        delete $running{$pid};
    }
}


END {
    local $?;
    local @SIG{@signals} = ('IGNORE') x @signals;

    stop(keys %running) if $$ == $owner;
}


sub children {
    my ($parent) = @_;

    # the name in parentheses may hold anything

    return grep {
        my $stat = eval { slurp("/proc/$_/stat") } // '';

        $stat =~ /.*\) \S (\d+)/s && $1 == $parent;
    } map { m{(\d+)$} } glob '/proc/[0-9]*';
}


# seconds, time in the kernel included; finer than utime and stime, which
# count ticks

sub cpu_time {
    my ($pid) = @_;

    my @tasks = glob "/proc/$pid/task/*/schedstat"
        or die "process $pid is gone\n";
    my $ns = 0;

    $ns += (split ' ', slurp($_))[0] for @tasks;

    return $ns / 1e9;
}


# KB; VmRSS is what a process has, VmHWM the most that it had

sub memory {
    my ($pid, $key) = @_;

    return slurp("/proc/$pid/status") =~ /^$key:\s+(\d+) kB/m ? $1
           : die "process $pid is gone\n";
}


# VmHWM begins anew

sub forget_peak {
    my ($pid) = @_;

    open my $fh, '>', "/proc/$pid/clear_refs" or die "clear_refs: $!\n";
    print $fh '5';
    close $fh or die "clear_refs: $!\n";
}


# what a command prints; it has to succeed

sub capture {
    my (@command) = @_;

    open my $fh, '-|', @command or die "$command[0]: $!\n";

    my $output = do { local $/; <$fh> } // '';

    close $fh or die "failed: @command\n";

    return $output;
}

1;
