package Bench::Setup;

# Copyright (C) ngx_consent_module authors
#
# What all parts work with: pages, rules, servers and clients.

use strict;
use warnings;

use File::Copy qw(copy);
use List::Util qw(sum);

use Bench::Nginx;
use Bench::Pages;
use Bench::Process qw(capture cores free_port slurp spawn wait_port);
use Bench::Rules;
use Bench::Variants;

use constant CONNECTIONS => 8;


# dir: a folder of its own; build: where everything was built; binary, module;
# other: undef or another build of the module; files: saved pages; sizes: of
# pages

sub new {
    my ($class, %self) = @_;

    my $self = bless { %self, servers => {} }, $class;

    @$self{'proxy_core', 'load_core'} = cores();

    # a build that goes on meanwhile must not change what is measured

    for my $build (grep { defined $self->{$_} } qw(module other)) {
        copy($self->{$build}, "$self->{dir}/$build.so")
            or die "$self->{$build}: $!\n";
    }

    return $self;
}


sub sizes { @{ $_[0]{sizes} } }


# bytes of a page of a size, given by its number; "@": of all pages, in the
# middle

sub bytes {
    my ($self, $size, $page) = @_;

    my @bytes = @{ $self->{bytes}{$size} };

    return $page eq '@' ? sum(@bytes) / @bytes : $bytes[$page];
}


# how many pages there are

sub pages { $Bench::Pages::SIZES{$_[1]}{pages} }


sub progress {
    my ($self, $what) = @_;

    print STDERR "$what\n";
}


sub start_origins {
    my ($self) = @_;

    $self->{bytes} = Bench::Pages::make("$self->{dir}/pages", $self->{files},
                                        @Bench::Pages::SIZES);

    $self->{origin} = Bench::Nginx->origin(
        dir => "$self->{dir}/origin",
        binary => $self->{binary},
        core => $self->{load_core},
        root => "$self->{dir}/pages",
    );

    $self->{slow_port} = free_port();

    my $page = "$self->{dir}/slow.html";

    copy("$self->{dir}/pages/50k/0.html", $page) or die "$page: $!\n";

    my $pid = spawn($self->{load_core}, "$self->{dir}/slow.log",
                    "$self->{bench}/slow_origin.pl", $self->{slow_port},
                    $page);

    wait_port($pid, $self->{slow_port});
}


# the consent of a visitor who accepted everything

sub cookie {
    my ($self) = @_;

    my $key = $self->key;

    return $self->{cookie} //= capture("$self->{build}/consent-cookie",
        'make', '--policy', 1, '--key', $key,
        '--accept', 'functional,performance,targeting') =~ s/\s+$//r;
}


sub key {
    my ($self) = @_;

    my $file = "$self->{dir}/consent.key";

    if (!-f $file) {
        my $key = capture("$self->{build}/consent-cookie", 'key');

        umask 077;
        open my $fh, '>', $file or die "$file: $!\n";
        print $fh $key;
        close $fh or die "$file: $!\n";
        umask 022;
    }

    return $file;
}


sub policy {
    my ($self, $n) = @_;

    my $file = "$self->{dir}/policy-$n.conf";

    if (!-f $file) {
        Bench::Rules::write_policy($file, $n ? Bench::Rules::full($n) : ());
    }

    return $file;
}


# the proxy of a variant, started when it is first asked for

sub server {
    my ($self, $name) = @_;

    return $self->{servers}{$name} //= do {
        my $variant = $Bench::Variants::VARIANTS{$name};
        my (@main, @http);

        if (defined $variant->{rules}) {
            my $build = $variant->{other} ? 'other' : 'module';

            @main = "load_module $self->{dir}/$build.so;";
            @http = ('include ' . $self->policy($variant->{rules}) . ';',
                     'consent_key ' . $self->key . ';');

            push @http, 'consent_zone zone=consent:2m;' if $variant->{zone};
        }

        Bench::Nginx->proxy(
            dir => "$self->{dir}/$name",
            binary => $self->{binary},
            core => $self->{proxy_core},
            origin => $self->{origin}->port,
            slow => $self->{slow_port},
            main => \@main,
            http => \@http,
            server => $variant->{server},
        );
    };
}


# what a visitor of a variant sends

sub headers {
    my ($self, $name) = @_;

    my $cookie = 'sid=abc; theme=dark';

    if ($Bench::Variants::VARIANTS{$name}{accept}) {
        $cookie .= '; consent=' . $self->cookie;
    }

    return ('User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
            'Accept: text/html,application/xhtml+xml',
            'Accept-Encoding: gzip, deflate, br',
            "Cookie: $cookie");
}


# Runs the clients against the server of a variant; returns what they print.
# uri, requests; pages, connections, slow; visitor: a variant, if another one

sub load {
    my ($self, $name, %load) = @_;

    my $server = $self->server($name);
    my @command = ('taskset', '-c', $self->{load_core},
                   "$self->{build}/bench/load",
                   '-n', $load{requests}, '-c', $load{connections} // 1,
                   '-p', $load{pages} // 1);

    push @command, '-s' if $load{slow};
    push @command, map { ('-H', $_) } $self->headers($load{visitor} // $name);
    push @command, $load{slow} ? $server->slow_port : $server->port,
                   $load{uri};

    return { split ' ', capture(@command) };
}

1;
