#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The harness itself: what the other tests rely on.  nginx runs without the
# module here.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new(module => 0);

my $page = join '', map { sprintf "%04d\n", $_ } 1 .. 200;

$t->upstream(sub {
    my ($request) = @_;

    my $uri = $request->uri;

    return { chunks => [ 'one', 'two', 'three' ] } if $uri eq '/pieces';
    return { body => 'abcdef', cut => 1, framing => 'chunked' }
        if $uri eq '/bytes';
    return { body => $page, cut => [ 7, 50 ], framing => 'close' }
        if $uri eq '/random';
    return { chunks => [ 'some', 'more' ], stop_after => 1 }
        if $uri eq '/broken';
    return { raw => "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\n"
                    . "Content-Length: 3\r\n\r\nraw" } if $uri eq '/raw';
    return { status => 404, reason => 'Not Found',
             headers => [ 'Set-Cookie: a=1', [ 'Set-Cookie' => 'b=2' ] ],
             body => 'no' } if $uri eq '/missing';

    return { headers => [ 'X-Method: ' . $request->method ],
             body => $request->body || "at $uri" };
});

my @protocols = qw(fastcgi scgi uwsgi);

for my $protocol (@protocols) {
    $t->upstream(sub {
        my ($request) = @_;

        return {
            status => 203, reason => 'Other', stderr => 'a line of stderr',
            headers => [ 'X-Query: ' . $request->param('QUERY_STRING'),
                         'X-Field: ' . $request->header('x-a-b') ],
            body => $request->method . ' ' . $request->body . '!' x 70000,
            cut => $request->uri =~ /pieces/ ? [ 9, 900 ] : 0,
            step => 0,
            framing => $request->uri =~ /close/ ? 'close' : 'length',
            stop_after => $request->uri =~ /broken/ ? 0 : undef,
        };
    }, $protocol, $protocol);
}

my $gateways = join '', map { <<"CONF" } @protocols;
        location /$_/ {
            %%PARAMS:$_%%
            ${_}_pass  %%UPSTREAM:$_%%;
        }
CONF

my $conf = <<'CONF' =~ s/GATEWAYS/$gateways/r;
    server {
        listen  127.0.0.1:%%PORT%%;

        add_header  X-Version  VERSION;

GATEWAYS

        location / {
            proxy_pass          http://%%UPSTREAM%%;
            proxy_buffering     off;
            proxy_http_version  1.1;
        }

        location /static/ {
            root  %%TESTDIR%%;
        }
    }

    server {
        listen  127.0.0.1:%%PORT:h2%% http2;

        location / {
            return  200  "h2 $server_protocol $http_x_one";
        }
    }
CONF

$t->write_file('static/file.txt', "static\n");
$t->http_config($conf =~ s/VERSION/1/r)->run;


# responses

my $r = $t->get('/hello', 'X-A: 1', 'X-B: 2');

is($r->status, 200, 'status');
is($r->body, 'at /hello', 'body');
is($r->header('x-method'), 'GET', 'header, any case');
ok($r->complete, 'complete');

is($t->get('/static/file.txt')->body, "static\n", 'static file');

$r = $t->get('/missing');

is($r->status, 404, 'another status');
is_deeply([ $r->headers('Set-Cookie') ], [ 'a=1', 'b=2' ],
          'repeated headers in order');

is_deeply([ $t->get('/raw')->headers('X-A') ], [ 1, 2 ], 'raw response');

$r = $t->head('/hello');

is($r->header('X-Method'), 'HEAD', 'HEAD reached the upstream');
is($r->body, '', 'no body');
ok($r->complete, 'complete without a body');


# requests as the upstream got them

$t->forget_requests;
$t->http("POST /form HTTP/1.1\r\nHost: localhost\r\nCookie: a=1\r\n"
         . "Cookie: b=2\r\nContent-Length: 4\r\n"
         . "Connection: close\r\n\r\nbody");

my @requests = $t->requests;

is(@requests, 1, 'one request noted');
is($requests[0]->uri, '/form', 'uri');
is($requests[0]->body, 'body', 'request body');
is_deeply([ $requests[0]->headers('Cookie') ], [ 'a=1', 'b=2' ],
          'repeated lines kept');


# other protocols

for my $protocol (@protocols) {
    for my $how (qw(whole pieces close)) {
        $r = $t->http("POST /$protocol/$how?a=b HTTP/1.1\r\nHost: localhost"
                      . "\r\nX-A-B: c\r\nContent-Length: 4\r\n"
                      . "Connection: close\r\n\r\nbody");

        is($r->status, 203, "$protocol, $how: status");
        is($r->header('X-Query'), 'a=b', "$protocol, $how: parameter");
        is($r->header('X-Field'), 'c', "$protocol, $how: header field");
        ok($r->body eq 'POST body' . '!' x 70000, "$protocol, $how: body");
        is($r->header('Content-Length'), $how eq 'close' ? undef : 70009,
           "$protocol, $how: length");
    }

    ok(!$t->get("/$protocol/broken", 'X-A-B: c')->complete,
       "$protocol: a response that ends early");
}

ok($t->wait_for_log(qr/FastCGI sent in stderr: "a line of stderr"/),
   'FastCGI: stderr');


# pieces: nginx makes a chunk of each read, so they can be counted

$r = $t->http("GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n");

is($r->body, 'onetwothree', 'body in pieces');

$r = $t->get('/bytes');

is($r->body, 'abcdef', 'byte by byte');
is_deeply($r->chunks, [ (1) x 6 ], 'each byte arrived alone');

$r = $t->get('/random');

is($r->body, $page, 'random pieces');
is_deeply($r->chunks,
          [ map { length } Test::Consent::Upstream::cut($page, [ 7, 50 ]) ],
          'each piece arrived alone');
isnt("@{ $r->chunks }", join(' ', map { length }
     Test::Consent::Upstream::cut($page, [ 8, 50 ])), 'seeds differ');

is(join('', Test::Consent::Upstream::cut($page, 3)), $page,
   'cut() loses nothing');

ok(!$t->get('/broken')->complete, 'a body that ends early is noticed');


# connections

my $client = $t->connect;

$client->send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n"
              . "HEAD /second HTTP/1.1\r\nHost: a\r\n\r\n"
              . "GET /bytes HTTP/1.1\r\nHost: a\r\n\r\n"
              . "GET /third HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

is($client->response->body, 'at /first', 'pipeline: first');
is($client->response(head => 1)->header('X-Method'), 'HEAD',
   'pipeline: HEAD');
is($client->response->body, 'abcdef', 'pipeline: chunked');
is($client->response->body, 'at /third', 'pipeline: last');
ok($client->closed, 'closed by the server');

$client = $t->connect;
$client->send('GET /par', "ts HTTP/1.1\r\nHo", "st: a\r\n", "\r\n");

is($client->response->body, 'at /parts', 'request in parts');

SKIP: {
    skip 'no HTTP/2 in curl or nginx', 2 unless $t->has_http2;

    $r = $t->http2({ port => 'h2' }, '/', 'X-One: 1');

    is($r->status, 200, 'HTTP/2');
    is($r->body, 'h2 HTTP/2.0 1', 'HTTP/2 body');
}


# reload

is($t->get('/')->header('X-Version'), 1, 'before the reload');

my @before = $t->workers;

$t->http_config($conf =~ s/VERSION/2/r);
ok($t->reload, 'reload');
is($t->get('/')->header('X-Version'), 2, 'new configuration at once');

my @after = grep { my $pid = $_; !grep { $pid == $_ } @before } $t->workers;

is(@after, 1, 'another worker');

$t->write_file_expand('nginx.conf', 'nonsense;');
ok(!$t->reload, 'refused reload');
is($t->get('/')->header('X-Version'), 2, 'the old configuration stays');


# configuration tests

my ($exit, $output) = $t->test_http_config('server { listen %%PORT%%; }');

is($exit, 0, 'good configuration');

($exit, $output) = $t->test_http_config("    nonsense 1;\n");

isnt($exit, 0, 'bad configuration');
like($output, qr/\[emerg\].*nonsense.*test\.conf:\d+/, 'the message');


# what done_testing() checks

my ($serious) = $t->problems;

is(@$serious, 1, 'the refused reload is a serious line');
like($serious->[0], qr/unknown directive "nonsense"/, 'that one');

$t->allow_log(qr/unknown directive "nonsense"/);
is_deeply([ $t->problems ], [ [], [], [] ], 'allowed lines do not count');

kill 'KILL', $after[0];

ok($t->wait_for_log(qr/exited on signal 9/), 'a worker dies');
is(@{ ($t->problems)[2] }, 1, 'noticed');

$t->allow_log(qr/exited on signal 9/);

my $said = $t->output;

$t->write_file('output', "==1==ERROR: AddressSanitizer: x\n"
               . "x.c:1:1: runtime error: y\n");
is(@{ ($t->problems)[1] }, 2, 'reports of sanitizers are noticed');
$t->write_file('output', $said);


# what prove sees of them

sub run_file {
    my ($end) = @_;

    $t->write_file('inner.t', <<"INNER");
use Test::More;
use Test::Consent;
my \$t = Test::Consent->new(module => 0);
\$t->http_config('server { listen 127.0.0.1:%%PORT%%; }')->run;
open my \$log, '>>', \$t->dir . '/error.log';
print \$log "2000/01/01 00:00:00 [alert] 1#1: made up\\n";
close \$log;
$end
INNER

    my $dir = $t->dir;
    my $lib = $t->repo . '/t/lib';
    my $tap = qx{"$^X" "-I$lib" "$dir/inner.t" 2>/dev/null};

    return ($?, $tap);
}

my ($status, $tap) = run_file("ok(1);\ndone_testing();\n");

isnt($status, 0, 'an alert makes a file fail');
like($tap, qr/^not ok 2 - nothing serious/m, 'as a test');

($status, $tap) = run_file("plan(tests => 1);\nok(1);\n");

isnt($status, 0, 'also with a fixed plan');

($status, $tap) = run_file(
    "\$t->allow_log(qr/made up/);\nok(1);\ndone_testing();\n");

is($status, 0, 'an allowed alert does not');


# ports

isnt($t->port, $t->port('h2'), 'ports differ');

my $other = Test::Consent->new(module => 0);

isnt($other->port, $t->port, 'and between instances');


# the consent cookie

like($t->consent_cookie(issued => 5, policy => 3, categories => [ 'a', 'b' ]),
     qr/^1\.5\.3\.A{22}\.a\+b$/, 'unsigned consent cookie');
like($t->consent_cookie(key => 'k' x 16, name => 'consent'),
     qr/^consent=1\.\d+\.1\.A{22}\.-\.[0-9a-f]{4}~[\w-]{22}$/,
     'signed consent cookie');

done_testing();
