package Test::Consent;

# Copyright (C) ngx_consent_module authors

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Spec;
use File::Temp qw(tempdir);
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use POSIX ();
use Scalar::Util qw(weaken);
use Test::More ();

use Test::Consent::Client;
use Test::Consent::FastCGI;
use Test::Consent::Response;
use Test::Consent::SCGI;
use Test::Consent::Upstream;
use Test::Consent::UWSGI;

=head1 NAME

Test::Consent - runs nginx with ngx_consent_module for one test file

=head1 SYNOPSIS

    use Test::More;
    use Test::Consent;

    my $t = Test::Consent->new;

    $t->upstream(sub {
        my ($request) = @_;

        return { headers => [ 'Set-Cookie: _ga=1' ], body => 'hello' };
    });

    $t->http_config(<<'CONF')->run;
        consent_category performance { cookie _ga; }

        server {
            listen  127.0.0.1:%%PORT%%;

            location / {
                consent     enforce;
                proxy_pass  http://%%UPSTREAM%%;
            }
        }
    CONF

    my $r = $t->get('/', 'Cookie: sid=1');

    is($r->status, 200, 'answered');
    is_deeply([ $r->headers('Set-Cookie') ], [], 'dropped');

    done_testing();

C<done_testing()> stops nginx and adds three tests: nothing serious in the
error log, no report of a sanitizer, no process that died by a signal.  In a
file with a fixed plan the same checks make the file fail at its end.

=head1 ENVIRONMENT

    TEST_NGINX_BINARY   default /usr/sbin/nginx
    TEST_NGINX_MODULE   default build/ngx_http_consent_module.so
    TEST_NGINX_VERBOSE  debug log level, commands are printed
    TEST_NGINX_LEAVE    keep the temporary folder and print its name

=cut

my $repo = abs_path(dirname(abs_path(__FILE__)) . '/../../..');
my $binary = $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx';
my $module = $ENV{TEST_NGINX_MODULE}
             || "$repo/build/ngx_http_consent_module.so";
my $verbose = $ENV{TEST_NGINX_VERBOSE};
my $patience = 20;      # seconds until an awaited event counts as missed

my @instances;


=head1 METHODS

=head2 new(%options)

C<< module => 0 >>: C<%%MODULE%%> stays empty, nginx runs without the module.

=cut

sub new {
    my ($class, %options) = @_;

    if (!-x $binary) {
        Test::More::BAIL_OUT("no nginx at $binary, see TEST_NGINX_BINARY");
    }

    my $self = bless {
        dir => tempdir('consent-test-XXXXXXXX', TMPDIR => 1),
        module => $options{module} // 1,
        owner => $$,
        ports => {},
        locks => [],
        upstreams => {},
        clients => [],
        allowed => [],
        finished => 0,
    }, $class;

    if ($self->{module} && !-f $module) {
        Test::More::BAIL_OUT("no module at $module, run: make");
    }

    # the worker may run as another user

    chmod 0755, $self->{dir};

    mkdir "$self->{dir}/temp" or die "mkdir: $!\n";

    push @instances, $self;

    return $self;
}


sub dir    { $_[0]{dir} }
sub repo   { $repo }
sub binary { $binary }
sub module { $module }


=head2 write_file($name, $text)

=head2 write_file_expand($name, $text)

Writes a file into the temporary folder, directories included.  The second one
replaces these:

    %%PORT%%  %%PORT:name%%          a free port of this test
    %%UPSTREAM%%  %%UPSTREAM:name%%  address of a scripted upstream
    %%TESTDIR%%                      the temporary folder
    %%REPO%%                         the top of the repository
    %%MODULE%%                       the load_module line
    %%HTTP%%                         to be in http {}: temporary paths and log
    %%PARAMS:fastcgi%%               the usual fastcgi_param lines; also for
                                     scgi and uwsgi

=cut

sub write_file {
    my ($self, $name, $text) = @_;

    my $file = File::Spec->rel2abs($name, $self->{dir});

    make_path(dirname($file));

    open my $fh, '>:raw', $file or die "$file: $!\n";
    print $fh $text;
    close $fh or die "$file: $!\n";

    return $self;
}


sub write_file_expand {
    my ($self, $name, $text) = @_;

    return $self->write_file($name, $self->expand($text));
}


=head2 lines($name)

The lines of a file in the temporary folder.

=cut

sub lines {
    my ($self, $name) = @_;

    return split /\n/, slurp("$self->{dir}/$name");
}


sub expand {
    my ($self, $text) = @_;

    my $load = $self->{module} ? "load_module $module;" : '';
    my $http = join "\n    ", "access_log $self->{dir}/access.log;",
        map { "${_}_temp_path $self->{dir}/temp/$_;" }
        qw(client_body proxy fastcgi uwsgi scgi);

    $text =~ s/%%MODULE%%/$load/g;
    $text =~ s/%%HTTP%%/$http/g;
    $text =~ s/%%TESTDIR%%/$self->{dir}/g;
    $text =~ s/%%REPO%%/$repo/g;
    $text =~ s/%%PORT(?::(\w+))?%%/$self->port($1)/ge;
    $text =~ s/%%UPSTREAM(?::(\w+))?%%/$self->upstream_of($1)->address/ge;
    $text =~ s/%%PARAMS:(\w+)%%/cgi_params($1)/ge;

    return $text;
}


sub cgi_params {
    my ($protocol) = @_;

    my %params = (
        REQUEST_METHOD => '$request_method', REQUEST_URI => '$request_uri',
        QUERY_STRING => '$query_string', CONTENT_TYPE => '$content_type',
        CONTENT_LENGTH => '$content_length', SERVER_NAME => '$server_name',
        SERVER_PROTOCOL => '$server_protocol',
        REQUEST_SCHEME => '$scheme', REMOTE_ADDR => '$remote_addr',
    );

    return join ' ', map { "${protocol}_param $_ $params{$_};" }
                     sort keys %params;
}


=head2 http_config($text, %options)

Writes nginx.conf with the given text inside C<http {}>.  C<main>: text in
front of that; C<before> and C<after>: lists of dynamic modules that are loaded
before and after ours, as file names without C<.so>.

=cut

sub http_config {
    my ($self, $text, %options) = @_;

    my $main = $options{main} // '';
    my ($before, $after) = map {
        join ' ', map { 'load_module ' . module_file($_) . ';' } @{ $_ // [] }
    } @options{qw(before after)};

    return $self->write_file_expand($options{file} // 'nginx.conf', <<"EOF");
$before %%MODULE%% $after
$main

events {
    worker_connections  512;
}

http {
    %%HTTP%%
$text
}
EOF
}


=head2 port($name)

The number of a port, the same for the same name.  No other test takes it.

=cut

sub port {
    my ($self, $name) = @_;

    return $self->{ports}{ $name // '' } //= $self->reserve_port;
}


# A lock file for each port keeps parallel tests apart; binding finds ports of
# others.  The range is below the one that the kernel gives to clients.

sub reserve_port {
    my ($self) = @_;

    my $locks = File::Spec->tmpdir . "/consent-test-ports-$>";

    mkdir $locks, 0700;

    for my $try (0 .. 9999) {
        my $port = 12000 + ($$ * 37 + $try) % 10000;

        open my $fh, '>>', "$locks/$port" or die "$locks/$port: $!\n";

        next unless flock $fh, LOCK_EX | LOCK_NB;

        my $free = IO::Socket::INET->new(
            Listen => 1, LocalAddr => '127.0.0.1', LocalPort => $port,
            Proto => 'tcp', ReuseAddr => 1) or next;

        $free->close;
        push @{ $self->{locks} }, $fh;

        return $port;
    }

    die "no free port\n";
}


=head2 upstream($handler, $name)

Starts, or restarts with another function, a server at C<%%UPSTREAM%%> or
C<%%UPSTREAM:name%%>.  The function gets the request (C<method>, C<uri>,
C<header($name)>, C<headers($name)>, C<head>, C<body>) and returns a hash:

    status   => 200, reason => 'OK',
    headers  => [ 'Name: value', [ Name => 'value' ] ],
    body     => 'bytes',
    cut      => 1              each byte alone; N: every N bytes;
                [ $seed, $n ]  random pieces of 1..N bytes, same for a seed
    chunks   => [ 'a', 'b' ],  instead of body and cut
    framing  => 'length' | 'chunked' | 'close',
    pause    => 0.01,          between pieces, where time itself matters
    step     => 0,             pieces need not arrive one by one
    stop_after => 2,           closes the connection after so many pieces
    length   => 100,           a Content-Length of one's own; close => 1
    raw      => 'HTTP/1.1 ...'  or a list of pieces, sent as they are

It runs in another process: it sees variables as they were, and changes to
them are lost.  The header is a piece of its own; each further piece is sent
when the reader has taken the one before.  nginx hands every read on at once
only with C<proxy_buffering off>, otherwise it fills its buffers first.

A third argument C<fastcgi>, C<scgi> or C<uwsgi> makes it a server of that
protocol, for C<fastcgi_pass> and so on.  The request then has C<param($name)>
as well, and its header fields are those that came as C<HTTP_*>; C<chunked>
counts as C<close>, C<raw> is what stands in the place of a CGI response, and
FastCGI knows C<< stderr => 'text' >>.

=cut

my %servers = (
    http => 'Test::Consent::Upstream',
    fastcgi => 'Test::Consent::FastCGI',
    scgi => 'Test::Consent::SCGI',
    uwsgi => 'Test::Consent::UWSGI',
);

sub upstream {
    my ($self, $handler, $name, $protocol) = @_;

    $self->upstream_of($name, $protocol)->start($handler);

    return $self;
}


sub upstream_of {
    my ($self, $name, $protocol) = @_;

    $name //= '';

    return $self->{upstreams}{$name}
        //= $servers{ $protocol // 'http' }->new(
                "$self->{dir}/requests-$name");
}


=head2 requests($name)

All requests that the upstream got, oldest first.

=head2 last_request($name)

=head2 forget_requests($name)

=cut

sub requests {
    my ($self, $name) = @_;

    return $self->upstream_of($name)->requests;
}


sub last_request {
    my ($self, $name) = @_;

    return ($self->requests($name))[-1];
}


sub forget_requests {
    my ($self, $name) = @_;

    $self->upstream_of($name)->forget;

    return $self;
}


# The directives that every configuration needs come by -g, so that a test
# can write a whole nginx.conf of its own.

sub command {
    my ($self, $file, $globals) = @_;

    if ($> == 0) {
        my $user = getpwuid 0;
        my $group = getgrgid 0;
        $globals .= " user $user $group;";
    }

    return ($binary, '-p', "$self->{dir}/", '-c', $file,
            '-g', "pid $self->{dir}/nginx.pid; $globals");
}


sub spawn {
    my ($output, @command) = @_;

    Test::More::diag("@command") if $verbose;

    # nginx leaves its memory to the system when it ends, and every dynamic
    # module has an ngx_modules of its own

    local $ENV{ASAN_OPTIONS} = $ENV{ASAN_OPTIONS}
                               // 'detect_leaks=0:detect_odr_violation=0';

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $output;
        open STDERR, '>&', \*STDOUT;
        exec { $command[0] } @command or POSIX::_exit(127);
    }

    return $pid;
}


=head2 run()

Starts nginx and waits until it accepts connections on the ports to which
nginx.conf listens.  C<< daemon => 1 >>: as a daemon, which upgrade() needs.

=cut

sub run {
    my ($self, %options) = @_;

    my $level = $verbose ? 'debug' : 'info';
    my $daemon = $options{daemon} ? 'on' : 'off';

    $self->{pid} = spawn("$self->{dir}/output",
        $self->command('nginx.conf',
            "daemon $daemon; error_log $self->{dir}/error.log $level;"),
        '-e', "$self->{dir}/error.log");

    if ($options{daemon}) {
        waitpid $self->{pid}, 0;
        $? and die "nginx did not start:\n" . $self->output;

        $self->{pid} = $self->pid_file('nginx.pid');
    }

    my $conf = slurp("$self->{dir}/nginx.conf");
    my @ports = grep { $conf =~ /^\s*listen\s[^;]*\b$_\b/m }
                values %{ $self->{ports} };

    my $up = wait_for(sub {
        $self->reap and die "nginx did not start:\n" . $self->output
                            . $self->error_log;

        return $self->workers
            && !grep { !IO::Socket::INET->new("127.0.0.1:$_") } @ports;
    });

    if (!$up) {
        die "nginx does not listen on @ports:\n" . $self->error_log;
    }

    return $self;
}


# true once the master process has ended

sub reap {
    my ($self) = @_;

    my $pid = $self->{pid} or return 1;

    if (waitpid($pid, POSIX::WNOHANG()) == $pid) {
        $self->{exit} = $?;

    } elsif (alive($pid)) {
        return 0;
    }

    delete $self->{pid};

    return 1;
}


# a daemon is nobody's child here, and may not be waited for by anybody

sub alive {
    my ($pid) = @_;

    return slurp("/proc/$pid/stat") =~ /.*\) ([A-Z])/s && $1 !~ /[ZX]/;
}


sub pid_file {
    my ($self, $name) = @_;

    return slurp("$self->{dir}/$name") =~ /^(\d+)/ ? $1 : 0;
}


=head2 stop()

=cut

sub stop {
    my ($self) = @_;

    $_->close for grep { defined } splice @{ $self->{clients} };

    for my $signal ('QUIT', 'TERM', 'KILL') {
        last unless $self->{pid};

        my @workers = $self->workers;

        kill $signal, $self->{pid};

        wait_for(sub { $self->reap }, $signal eq 'QUIT' ? 5 : $patience);

        if ($signal eq 'KILL') {
            kill 'KILL', @workers;
        }
    }

    # an upgrade that was not completed

    if (my $pid = delete $self->{replaced}) {
        kill 'KILL', children($pid), $pid;
    }

    return $self;
}


=head2 reload()

Makes nginx read its configuration again.  True when all workers of the new
one run and those of the old one have stopped listening; false when nginx
refused it and goes on as before.

=cut

sub reload {
    my ($self) = @_;

    my $from = -s "$self->{dir}/error.log";
    my %old = map { $_ => 1 } $self->workers;

    kill 'HUP', $self->{pid} or die "nginx is not running\n";

    my $done = wait_for(sub {
        return 'refused' if substr($self->error_log, $from) =~ /\[emerg\]/;

        my @now = $self->workers;

        return (grep { !$old{$_} } @now)
            && !(grep { $old{$_} && title($_) !~ /shutting down/ } @now);
    });

    if (!$done) {
        die "nginx did not reload:\n" . substr $self->error_log, $from;
    }

    return $done ne 'refused';
}


=head2 upgrade()

Replaces the running binary by itself, as one does with a newer one: USR2,
WINCH, QUIT.  True when the new one serves and the old one has ended.

=cut

sub upgrade {
    my ($self) = @_;

    my $old = $self->{pid};
    my @workers = $self->workers;

    kill 'USR2', $old or die "nginx is not running\n";

    my $new = wait_for(sub {
        my $pid = $self->pid_file('nginx.pid');

        return $pid && $pid != $old
               && $self->pid_file('nginx.pid.oldbin') == $old && $pid;
    }) or die "nginx did not start another binary:\n" . $self->error_log;

    $self->{pid} = $new;
    $self->{replaced} = $old;

    wait_for(sub { $self->workers }) or die "the other binary does not serve\n";

    kill 'WINCH', $old;
    kill 'QUIT', $old if wait_for(sub { !grep { alive($_) } @workers });

    wait_for(sub { !alive($old) }) or return 0;

    delete $self->{replaced};

    return 1;
}


=head2 workers()

Process ids of the workers, also of those that are about to end.

=cut

sub workers {
    my ($self) = @_;

    my $pid = $self->{pid} or return;

    return grep { title($_) =~ /^nginx: worker/ } children($pid);
}


sub children {
    my ($pid) = @_;

    return grep { (parent($_) // 0) == $pid }
           map { m{(\d+)$} } glob '/proc/[0-9]*';
}


sub parent {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/stat" or return;

    # the name in parentheses may hold anything

    return (<$fh> // '') =~ /.*\) \S (\d+)/s ? $1 : undef;
}


sub title {
    my ($pid) = @_;

    open my $fh, '<', "/proc/$pid/cmdline" or return '';

    return (<$fh> // '') =~ s/\0/ /gr;
}


=head2 test_config($text)

Runs C<nginx -t> on a whole configuration; returns exit status and output.

=head2 test_http_config($text, %options)

The same with a text that stands inside C<http {}>; options as above.

=cut

sub test_config {
    my ($self, $text) = @_;

    return $self->write_file_expand('test.conf', $text)->test_file;
}


sub test_http_config {
    my ($self, $text, %options) = @_;

    return $self->http_config($text, %options, file => 'test.conf')
                ->test_file;
}


sub test_file {
    my ($self) = @_;

    my $output = "$self->{dir}/test.output";

    unlink $output;

    my $pid = spawn($output, $self->command('test.conf', ''), '-t',
                    '-e', 'stderr');
    waitpid $pid, 0;

    return ($? >> 8 || $? & 127, slurp($output));
}


=head2 error_log()

What was logged so far.

=head2 wait_for_log($regex)

True as soon as the error log holds it, false if that does not happen.

=head2 allow_log($regex, ...)

Lines that are expected to be serious, and signals that are.

=cut

sub error_log {
    my ($self) = @_;

    return slurp("$self->{dir}/error.log");
}


sub output {
    my ($self) = @_;

    return slurp("$self->{dir}/output");
}


sub wait_for_log {
    my ($self, $regex) = @_;

    return wait_for(sub { $self->error_log =~ $regex });
}


sub allow_log {
    my ($self, @regexes) = @_;

    push @{ $self->{allowed} }, @regexes;

    return $self;
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or return '';

    return do { local $/; <$fh> } // '';
}


# asks again and again until the answer is true; false if it never is

sub wait_for {
    my ($condition, $seconds) = @_;

    my $until = time + ($seconds // $patience);

    while (1) {
        my $answer = $condition->();

        return $answer if $answer;
        return 0 if time > $until;

        select undef, undef, undef, 0.005;
    }
}


=head2 connect(%options)

A connection to the first port (C<< port => 'name' >> for another one,
C<< rcvbuf => N >> for a slow reader): C<send(@parts)>,
C<response(head => 1)>, C<read_some()>, C<finish()>, C<closed()>, C<close()>.
Requests may be sent in parts and several at once.

=head2 http($bytes, %options)

Sends bytes on a new connection, returns the first response.

=head2 get($uri, @headers)

=head2 head($uri, @headers)

=head2 request($method, $uri, @headers)

A response has C<status>, C<header($name)>, C<headers($name)> (all of them, in
order), C<head>, C<body> (without chunked coding), C<chunks> (their sizes),
C<complete> (false if the body ended early) and C<version>.  Options of
connect() can be given as a reference in front:
C<< get({ port => 'two' }, '/') >>.

=cut

sub connect {
    my ($self, %options) = @_;

    my $client = Test::Consent::Client->new(
        $self->port(delete $options{port}), %options);

    # nginx ends when its last connection does

    push @{ $self->{clients} }, $client;
    weaken $self->{clients}[-1];

    return $client;
}


sub http {
    my ($self, $bytes, %options) = @_;

    my $client = $self->connect(%options);
    my $response = $client->send($bytes)->response(%options);

    $client->close;

    return $response;
}


sub request {
    my ($self, @arguments) = @_;

    my %options = ref $arguments[0] ? %{ shift @arguments } : ();
    my ($method, $uri, @headers) = @arguments;

    if (!grep { /^Host:/i } @headers) {
        unshift @headers, 'Host: localhost';
    }

    my $bytes = join "\r\n", "$method $uri HTTP/1.1", @headers,
                             'Connection: close', '', '';

    return $self->http($bytes, %options, head => $method eq 'HEAD');
}


sub get {
    my ($self, @arguments) = @_;

    my @options = ref $arguments[0] ? shift @arguments : ();

    return $self->request(@options, 'GET', @arguments);
}


sub head {
    my ($self, @arguments) = @_;

    my @options = ref $arguments[0] ? shift @arguments : ();

    return $self->request(@options, 'HEAD', @arguments);
}


=head2 skip_without($module, ...)

Skips the whole file unless the nginx that is tested has these dynamic modules.
One of another build is no substitute, even of the same version.

=cut

sub skip_without {
    my ($self, @names) = @_;

    for my $name (@names) {
        next if -f module_file($name);

        my $package = $name =~ s/^ngx_(\w+)_module$/libnginx-mod-$1/r;

        $package =~ tr/_/-/;

        Test::More::plan(skip_all => "this nginx has no $name ($package)");
    }

    return $self;
}


sub module_file {
    my ($name) = @_;

    my ($folder) = nginx_build() =~ /--modules-path=(\S+)/;

    return ($folder // '/nonexistent') . "/$name.so";
}


=head2 has_http2()

=head2 has_http3()

True if both curl and nginx know HTTP/2, or HTTP/3.

=head2 http2($uri, @headers)

=head2 http3($uri, @headers)

GET by HTTP/2 in the clear with prior knowledge, or by HTTP/3, through curl;
every header given is a field of its own, as browsers send crumbs of a Cookie.
C<< { port => 'name' } >> may come first.

=cut

sub has_http2 { return curl_knows('HTTP2') && nginx_build() =~ /http_v2_module/ }
sub has_http3 { return curl_knows('HTTP3') && nginx_build() =~ /http_v3_module/ }


sub curl_knows {
    my ($feature) = @_;

    return (qx{curl -V 2>/dev/null} // '') =~ /\b$feature\b/;
}


sub nginx_build {
    return qx{$binary -V 2>&1};
}


=head2 nginx_version()

As a number: 1.22.1 is 1022001.

=cut

sub nginx_version {
    return nginx_build() =~ m{nginx/(\d+)\.(\d+)\.(\d+)}
        ? $1 * 1000000 + $2 * 1000 + $3 : 0;
}


sub http2 {
    my ($self, @arguments) = @_;

    return $self->curl('http', '--http2-prior-knowledge', @arguments);
}


sub http3 {
    my ($self, @arguments) = @_;

    return $self->curl('https', '--http3-only', @arguments);
}


sub curl {
    my ($self, $scheme, $version, @arguments) = @_;

    my %options = ref $arguments[0] ? %{ shift @arguments } : ();
    my ($uri, @headers) = @arguments;
    my $port = $self->port($options{port});
    my $base = "$self->{dir}/curl";

    unlink "$base.head", "$base.body";

    # certificates are made by the tests themselves: -k

    my $pid = spawn("$base.output", 'curl', '-sSk', '--noproxy', '*',
        '--max-time', $Test::Consent::Client::timeout, $version,
        '-D', "$base.head", '-o', "$base.body",
        (map { ('-H', $_) } @headers), "$scheme://127.0.0.1:$port$uri");
    waitpid $pid, 0;

    my $exit = $?;
    my $response = Test::Consent::Response->new(
        slurp("$base.head") =~ s{^HTTP/([23]) }{HTTP/$1.0 }r,
        slurp("$base.body"));

    $response->{complete} = 0 if $exit;

    return $response;
}


=head2 consent_cookie(%fields)

The value of the module's own cookie, made here without the module's code:
C<issued> (default: now), C<policy> (1), C<id>, C<categories> (list), C<key>
(the secret; default: unsigned), C<name> (default: only the value).

=cut

sub consent_cookie {
    my ($self, %fields) = @_;

    my $accepted = join '+', @{ $fields{categories} // [] };

    my $value = join '.', 1, $fields{issued} // time, $fields{policy} // 1,
        $fields{id} // 'AAAAAAAAAAAAAAAAAAAAAA',
        $accepted eq '' ? '-' : $accepted;

    if (defined $fields{key}) {
        my $kid = substr hmac_sha256_hex('kid', $fields{key}), 0, 4;
        my $mac = encode_base64(
            substr(hmac_sha256($value, $fields{key}), 0, 16), '');

        $mac =~ tr{+/=}{-_}d;
        $value .= ".$kid~$mac";
    }

    return defined $fields{name} ? "$fields{name}=$value" : $value;
}


=head2 problems()

What the checks at the end of a file complain about: three references to lists
of lines (error log, sanitizers, signals).

=cut

sub problems {
    my ($self) = @_;

    my @log = grep { my $line = $_; !grep { $line =~ $_ } @{ $self->{allowed} } }
              split /\n/, $self->error_log;

    my @signals = grep { /exited on signal/ } @log;
    my @serious = grep { /\[(?:alert|crit|emerg)\]/
                         && !/exited on signal/ } @log;

    # nginx itself computes with null pointers where nothing is to be done;
    # its sources are at src/

    my $harmless = join '|',
        '^src/\S+ runtime error: null pointer passed as argument',
        '^src/\S+ runtime error: applying zero offset to null pointer',
        'UndefinedBehaviorSanitizer: undefined-behavior src/';

    my @reports = grep { /Sanitizer|runtime error:/ && !/$harmless/ }
        map { split /\n/, slurp("$self->{dir}/$_") } 'output', 'error.log';

    if (my $killed = ($self->{exit} // 0) & 127) {
        push @signals, "the master process died by signal $killed";
    }

    return (\@serious, \@reports, \@signals);
}


=head2 finish()

Stops everything and runs the checks as tests; done_testing() calls it.

=cut

sub finish {
    my ($self) = @_;

    return if $self->{finished}++;

    $self->shut_down;

    my @names = ('nothing serious in the error log',
                 'no report of a sanitizer', 'no process died by a signal');

    for my $problems ($self->problems) {
        Test::More::ok(!@$problems, shift @names);
        Test::More::diag($_) for @$problems;
    }
}


sub shut_down {
    my ($self) = @_;

    $self->stop;
    $_->stop for values %{ $self->{upstreams} };
}


sub remove {
    my ($self) = @_;

    if ($ENV{TEST_NGINX_LEAVE}) {
        Test::More::diag("left: $self->{dir}");
        return;
    }

    File::Path::remove_tree($self->{dir});
}


# done_testing() of Test::More is the end of a file: the checks come before it

{
    no warnings 'redefine';

    my $done_testing = \&Test::Builder::done_testing;

    *Test::Builder::done_testing = sub {
        my $builder = $_[0];

        # the end of a subtest is not the end of the file

        if (!$builder->parent) {
            $_->finish for grep { $_->{owner} == $$ } @instances;
        }

        goto &$done_testing;
    };
}


# an interrupted test shall not leave nginx behind

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);


END {
    my $status = $?;

    for my $self (grep { $_->{owner} == $$ } @instances) {

        # a fixed plan, or the file ended in the middle: by exit status

        if (!$self->{finished}) {
            $self->shut_down;

            for my $line (map { @$_ } $self->problems) {
                Test::More::diag($line);
                $status ||= 1;
            }
        }

        $self->remove;
    }

    $? = $status;
}


1;
