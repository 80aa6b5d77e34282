package Bench::Nginx;

# Copyright (C) ngx_consent_module authors
#
# An nginx with one worker: the origin that has the pages, or one variant of
# the proxy in front of it.

use strict;
use warnings;

use Bench::Process qw(free_port spawn wait_for wait_port stop
    children);

my @common = (
    'client_body_temp_path  temp;',
    'proxy_temp_path        temp;',
    'fastcgi_temp_path      temp;',
    'uwsgi_temp_path        temp;',
    'scgi_temp_path         temp;',
    'access_log             off;',
    'charset                utf-8;',
    'default_type           text/html;',
    'sendfile               on;',
    'keepalive_requests     100000000;',
    'keepalive_timeout      300;',
);

my @proxy = (
    'proxy_http_version        1.1;',
    'proxy_set_header          Connection "";',
    'proxy_set_header          Host $host;',
    'proxy_buffer_size         16k;',
    'proxy_buffers             16 16k;',
    'proxy_busy_buffers_size   32k;',
    'proxy_max_temp_file_size  0;',
);

# what a site sets for each visitor; the second one belongs to no category

my @cookies = (
    '_ga=GA1.2.3; Path=/; Max-Age=63072000',
    'sid=abc; Path=/; HttpOnly',
    '_fbp=fb.1; Path=/',
);


sub lines {
    my ($indent, @lines) = @_;

    return join '', map { ' ' x $indent . "$_\n" } @lines;
}


sub upstream {
    my ($name, $port) = @_;

    return ("upstream $name {",
            "    server              127.0.0.1:$port;",
            '    keepalive           64;',
            '    keepalive_requests  100000000;',
            '}');
}


# binary, dir (made), core; main, http, server: lines of configuration; their
# server must listen on port()

sub new {
    my ($class, %self) = @_;

    mkdir $self{dir} or die "$self{dir}: $!\n";
    mkdir "$self{dir}/temp" or die "$self{dir}/temp: $!\n";

    my $self = bless { %self, port => free_port(), slow_port => free_port() },
                     $class;

    my $conf = "$self->{dir}/nginx.conf";

    open my $fh, '>', $conf or die "$conf: $!\n";
    print $fh $self->conf;
    close $fh or die "$conf: $!\n";

    return $self->start;
}


sub conf {
    my ($self) = @_;

    # a worker of another user could not read the temporary folder

    my $user = $> == 0 ? 'user ' . getpwuid(0) . ' ' . getgrgid(0) . ';' : '';

    return lines(0, $user, 'daemon off;', 'worker_processes 1;',
                    'pid nginx.pid;', 'error_log error.log warn;',
                    @{ $self->{main} // [] },
                    'events {', '    worker_connections 1024;', '}',
                    'http {')
           . lines(4, @common, @{ $self->{http} // [] },
                      'server {',
                      "    listen 127.0.0.1:$self->{port};",
                      "    listen 127.0.0.1:$self->{slow_port} sndbuf=16k;")
           . lines(8, @{ $self->{server} // [] })
           . lines(0, '    }', '}');
}


sub start {
    my ($self) = @_;

    $self->{pid} = spawn($self->{core}, "$self->{dir}/output",
                         $self->{binary}, '-p', "$self->{dir}/",
                         '-c', 'nginx.conf', '-e', 'error.log');

    # the port is there before the worker is

    wait_port($self->{pid}, $self->{port});
    $self->{worker} = wait_for($self->{pid}, sub {
        return (children($self->{pid}))[0];
    });

    return $self;
}


sub restart {
    my ($self) = @_;

    stop($self->{pid});

    return $self->start;
}


sub port      { $_[0]{port} }
sub slow_port { $_[0]{slow_port} }
sub worker    { $_[0]{worker} }


sub origin {
    my ($class, %self) = @_;

    return $class->new(%self, server => [
        "root $self{root};",
        'etag off;',        # pages that applications make have none
        map { "add_header Set-Cookie \"$_\";" } @cookies,
    ]);
}


# origin, slow: ports

sub proxy {
    my ($class, %self) = @_;

    return $class->new(%self,
        http => [ upstream('origin', $self{origin}),
                  upstream('slow', $self{slow}), @proxy,
                  @{ $self{http} // [] } ],
        server => [ @{ $self{server} // [] },
                    'location / {',
                    '    proxy_pass http://origin;',
                    '}',
                    'location /slow/ {',
                    '    proxy_pass http://slow;',
                    '}',
                    'location /unbuffered/ {',
                    '    proxy_buffering  off;',
                    '    proxy_pass       http://slow;',
                    '}' ]);
}

1;
