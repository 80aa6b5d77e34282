#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Setting the choice: by forms and by JSON, from this site only; the cookie,
# what is deleted with it, and where the visitor goes.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $key = 'k' x 40;

$t->write_file('own.key', $key);
$t->write_file('new.key', 'n' x 40);
chmod 0600, $t->dir . "/$_.key" for 'own', 'new';

$t->upstream(sub {
    my ($request) = @_;

    return { headers => [ 'Content-Type: text/plain' ],
             body => $request->header('Cookie') // '' };
});

$t->http_config(<<'CONF')->run;
    consent_policy  7;

    consent_category necessary   { always on; cookie sid; }
    consent_category functional  { cookie lang; }
    consent_category performance { cookie _ga; }
    consent_category targeting   { cookie _fbp; on_deny session; }

    log_format  event  escape=none  '$consent_event';

    server {
        listen       127.0.0.1:%%PORT%%;
        consent      enforce;
        consent_key  own.key;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /.consent/ {
            consent_endpoint;
            access_log  %%TESTDIR%%/event.log  event  if=$consent_event;
        }

        location /rotated/ {
            consent_key  new.key own.key;
            consent_endpoint;
        }

        location /cookie/ {
            consent_cookie  __Secure-choice path=/cookie/ max_age=1h
                            samesite=strict domain=site.example httponly;
            consent_endpoint;
        }

        location /balanced/ {
            consent_cookie  consent secure=$http_x_forwarded_proto;
            consent_endpoint;
        }

        location /report/ {
            consent  report;
            consent_endpoint;
        }

        location /off/ {
            consent  off;
            consent_endpoint;
        }

        location /small/ {
            client_max_body_size     4k;
            client_body_buffer_size  64;
            client_body_temp_path    %%TESTDIR%%/temp/small;
            consent_endpoint;
        }

        location /file/ {
            client_body_in_file_only  clean;
            consent_endpoint;
        }

        location /state {
            return  200  "$consent_state|$consent_decision|$consent_id";
        }

        location /refuses/ {
            consent_default  functional;
            consent_endpoint;
        }
    }

    server {
        listen   127.0.0.1:%%PORT:unsigned%%;
        consent  enforce;

        location /.consent/ {
            consent_endpoint;
        }
    }

    server {
        listen   127.0.0.1:%%PORT:h2%% http2;
        consent  enforce;

        location /.consent/ {
            consent_endpoint;
        }
    }
CONF

my $form = 'Content-Type: application/x-www-form-urlencoded';
my $json = 'Content-Type: application/json';
my $here = 'Origin: http://localhost';


# options in front, as for get()

sub post {
    my %options = ref $_[0] ? %{ shift @_ } : ();
    my ($uri, $body, @headers) = @_;

    my $length = length $body;

    unshift @headers, 'Host: localhost' unless grep { /^Host:/ } @headers;

    return $t->http(join("\r\n", "POST $uri HTTP/1.1", @headers,
                         "Content-Length: $length", 'Connection: close',
                         '', $body), %options);
}


sub choose {
    my ($body, @headers) = @_;

    return post('/.consent/', $body, $form, $here, @headers);
}


sub own_cookie {
    my ($r, $name) = @_;

    return (grep { /^\Q$name\E=/ } $r->headers('Set-Cookie'))[0] // '';
}


sub value_of {
    my ($r) = @_;

    return own_cookie($r, 'consent') =~ /^consent=([^;]*)/ ? $1 : undef;
}


sub signature {
    my ($text, $secret) = @_;

    my $mac = encode_base64(substr(hmac_sha256($text, $secret), 0, 16), '');

    return $mac =~ tr{+/=}{-_}dr;
}


sub state_of {
    my (@headers) = @_;

    return $t->get('/state', @headers)->body;
}


# the choices

for my $case (
    [ 'choice=all', 'necessary,functional,performance,targeting' ],
    [ 'choice=none', 'necessary' ],
    [ 'choice=some&accept=performance', 'necessary,performance' ],
    [ 'choice=some&accept=performance&accept=functional',
      'necessary,functional,performance' ],
    [ 'choice=some', 'necessary' ],
    [ 'choice=some&accept=necessary', 'necessary' ],
    [ 'choice=some&accept=performance&accept=performance',
      'necessary,performance' ],
    [ 'choice=none&accept=performance', 'necessary' ],
    [ 'choice=add&accept=targeting', 'necessary,targeting' ],
    [ 'cho%69ce=s%6Fme&%61ccept=perform%61nce', 'necessary,performance' ],
    [ '&&choice=all&', 'necessary,functional,performance,targeting' ],
    [ 'choice=all&unknown=1&x', 'necessary,functional,performance,targeting' ],
    [ 'choice=all&choice=all', 'necessary,functional,performance,targeting' ],
)
{
    my ($body, $want) = @$case;
    my $r = choose($body);

    is($r->status, 303, "$body: 303");

    my $value = value_of($r) // '';

    is(state_of("Cookie: consent=$value") =~ s/\|[^|]*$//r,
       "$want|explicit", "$body: is what it says");
}


# the cookie

my $r = choose('choice=some&accept=functional');
my ($line) = grep { /^consent=/ } $r->headers('Set-Cookie');
my $now = time;

like($line, qr/^consent=1\.\d+\.7\.[\w-]{22}\.functional\.[0-9a-f]{4}~
               [\w-]{22};\ Path=\/;\ Max-Age=15552000;\ SameSite=Lax$/x,
     'the cookie');

my ($text, $mac) = $line =~ /^consent=(.*)\.[0-9a-f]{4}~([^;]*)/;

is($mac, signature($text, $key), 'is signed');
cmp_ok(abs((split /\./, $text)[1] - $now), '<', 10, 'is of now');
isnt((split /\./, value_of(choose('choice=all')))[3], (split /\./, $text)[3],
     'every visitor has another id');
is($r->header('Cache-Control'), 'no-store', 'is not stored');

$line = own_cookie(post('/cookie/', 'choice=all', $form, $here),
                   '__Secure-choice');

like($line, qr/;\ Path=\/cookie\/;\ Max-Age=3600;\ SameSite=Strict;
               \ Domain=site\.example;\ Secure;\ HttpOnly$/x,
     'its attributes');

for my $case ([ 'https', 1 ], [ 'HTTPS', 1 ], [ 'on', 1 ], [ '1', 1 ],
              [ 'http', 0 ], [ '', 0 ], [ 'https, http', 0 ], [ undef, 0 ])
{
    my ($proto, $secure) = @$case;
    my $got = own_cookie(post('/balanced/', 'choice=all', $form, $here,
        defined $proto ? "X-Forwarded-Proto: $proto" : ()), 'consent');

    is($got =~ /; Secure/ ? 1 : 0, $secure,
       'Secure behind a balancer: ' . ($proto // 'no header'));
}

is((post('/.consent/', 'choice=all', $form, $here,
         'X-Forwarded-Proto: https')->headers('Set-Cookie'))[0]
   =~ /Secure/ ? 1 : 0, 0, 'nobody is believed who was not named');

like(value_of(post('/rotated/', 'choice=all', $form, $here)),
     qr/\.@{[ substr Digest::SHA::hmac_sha256_hex('kid', 'n' x 40), 0, 4 ]}~/,
     'the first key signs');
like(value_of(post({ port => 'unsigned' }, '/.consent/', 'choice=all', $form,
                   $here)),
     qr/^1\.\d+\.7\.[\w-]{22}\.functional\+performance\+targeting$/,
     'without a key it is not signed');


# a visitor who has chosen before

my $before = 'Cookie: ' . $t->consent_cookie(
    name => 'consent', policy => 7, key => $key, id => 'B' x 22,
    categories => [ 'functional', 'performance' ], issued => $now - 100);

$r = choose('choice=add&accept=targeting', $before);

like(value_of($r), qr/\.B{22}\.functional\+performance\+targeting\./,
     'add keeps what was accepted, and the id');
is($r->header('Clear-Site-Data'), undef, 'nothing was taken back');

$r = choose('choice=some&accept=functional', $before);

like(value_of($r), qr/\.B{22}\.functional\./, 'some replaces it');
is($r->header('Clear-Site-Data'), '"cache"', 'pages of before are forgotten');

unlike(value_of(choose('choice=all', 'Cookie: consent='
           . $t->consent_cookie(policy => 7, key => 'f' x 40,
                                id => 'F' x 22))),
       qr/F{22}/, 'an id that somebody made up is not kept');


# what is deleted

my @held = 'Cookie: sid=1; lang=en; _ga=2; _fbp=3; other=4';

sub deleted {
    my ($r) = @_;

    my %seen = map { /^([^=]+)=.*Max-Age=0/ ? ($1 => 1) : () }
               $r->headers('Set-Cookie');

    return join ' ', sort keys %seen;
}

is(deleted(choose('choice=none', @held)), '_ga lang',
   'refused: all but what ends with the session');
is(deleted(choose('choice=some&accept=functional', @held)), '_ga',
   'some: the others');
is(deleted(choose('choice=all', @held)), '', 'accepted: nothing');
is(deleted(post('/off/', 'choice=none', $form, $here, @held)), '_ga lang',
   'where consent is off, the endpoint is not');
is(deleted(post('/report/', 'choice=none', $form, $here, @held)), '',
   'report: nothing is deleted');
like(value_of(post('/report/', 'choice=none', $form, $here, @held)),
     qr/^1\./, 'report: but a choice is one');


# withdrawal

$r = choose('choice=withdraw', $before, 'Cookie: _ga=1; lang=en');

is($r->status, 303, 'withdraw');
like(own_cookie($r, 'consent'), qr/^consent=; Path=\/; Max-Age=0;/,
     'withdraw: the cookie goes');
is(deleted($r), '_ga consent lang', 'withdraw: and what it allowed');

$r = $t->request('DELETE', '/.consent/', $here, $before, 'Cookie: _ga=1');

is($r->status, 200, 'DELETE');
is(deleted($r), '_ga consent', 'DELETE: the same');
like($r->body, qr/^\{"decision":"default","required":true,"policy":7,"acc/,
     'DELETE: the state after it');
is($r->header('Clear-Site-Data'), '"cache"', 'DELETE: nothing is kept');

$r = $t->request('DELETE', '/refuses/', $here, $before, 'Cookie: lang=en');

is(deleted($r), 'consent', 'DELETE: what consent_default accepts stays');


# JSON

$r = post('/.consent/', '{"choice":"some","accept":["functional"]}', $json,
          $here, @held);

is($r->status, 200, 'JSON');
is($r->header('Content-Type'), 'application/json', 'JSON: answered by JSON');
is($r->header('Cache-Control'), 'no-store', 'JSON: not stored');
like($r->body, qr/"decision":"explicit".*"accepted":\["necessary",
                  "functional"\],"refused":\["performance","targeting"\]/x,
     'JSON: the state after it');
like(value_of($r), qr/\.functional\./, 'JSON: the cookie');
is(deleted($r), '_ga', 'JSON: deletes');

for my $case (
    [ ' { "accept" : [ ] , "choice" : "all" } ', 200, 'white space, order' ],
    [ '{"ch\u006fice":"n\u006fne"}',             200, 'escapes' ],
    [ '{"choice":"none","x":{"y":[1,null]}}',    200, 'others are ignored' ],
    [ '{"choice":"all"',                         400, 'cut' ],
    [ '{"choice":"all"}x',                       400, 'more behind it' ],
    [ '["choice"]',                              400, 'no object' ],
    [ '"all"',                                   400, 'a string' ],
    [ '',                                        400, 'nothing' ],
    [ 'choice=all',                              400, 'a form' ],
    [ '{"choice":1}',                            400, 'a number' ],
    [ '{"choice":"some","accept":"functional"}', 400, 'no array' ],
    [ '{"choice":"some","accept":[1]}',          400, 'an array of numbers' ],
    [ '{"choice":"some","accept":["functional\u0000"]}', 400, 'a zero byte' ],
    [ '{}',                                      422, 'no choice' ],
    [ '{"choice":"maybe"}',                      422, 'unknown choice' ],
    [ '{"choice":"ALL"}',                        422, 'in upper case' ],
    [ '{"choice":"all","choice":"none"}',        422, 'two choices' ],
    [ '{"choice":"some","accept":["unknown"]}',  422, 'unknown category' ],
    [ '{"choice":"add"}',                        422, 'add nothing' ],
    [ '[' x 4000,                                400, 'deep' ],
)
{
    my ($body, $status, $name) = @$case;

    my $got = post('/.consent/', $body, $json, $here);

    is($got->status, $status, "JSON, $name: $status");

    if ($status != 200) {
        like($got->body, qr/^\{"error":"[\w -]+"\}$/, "JSON, $name: says why");
        is(scalar($got->headers('Set-Cookie')), 0, "JSON, $name: sets nothing");
    }
}


# forms that make no sense: the page again

for my $case (
    [ '',                                   422, 'nothing' ],
    [ 'accept=functional',                  422, 'no choice' ],
    [ 'choice=',                            422, 'an empty choice' ],
    [ 'choice',                             422, 'a choice without a value' ],
    [ 'choice=maybe',                       422, 'an unknown choice' ],
    [ 'Choice=all',                         422, 'another case' ],
    [ 'choice=all&choice=none',             422, 'choices that differ' ],
    [ 'choice=some&accept=unknown',         422, 'an unknown category' ],
    [ 'choice=some&accept=functional&accept=x', 422, 'one of them unknown' ],
    [ 'choice=all&accept=x',                422, 'unknown and not needed' ],
    [ 'choice=add',                         422, 'add nothing' ],
    [ 'choice=al%6',                        400, 'a cut escape' ],
    [ 'choice=al%xx',                       400, 'a wrong escape' ],
    [ 'choice=all%00',                      400, 'a zero byte' ],
    [ "choice=all\0",                       400, 'a raw zero byte' ],
)
{
    my ($body, $status, $name) = @$case;

    my $got = choose($body);

    is($got->status, $status, "form, $name: $status");
    like($got->body, qr/role="alert"/, "form, $name: the page says so");
    is($got->header('Cache-Control'), 'no-store', "form, $name: not stored");
    is(scalar($got->headers('Set-Cookie')), 0, "form, $name: sets nothing");
}


# types of bodies

for my $type ('text/plain', 'multipart/form-data; boundary=x', 'text/html',
              'application/xml', 'application/jsonx', '')
{
    my $got = post('/.consent/', 'choice=all', "Content-Type: $type", $here);

    is($got->status, 415, "415: $type");
    like($got->header('Accept-Post'), qr/urlencoded.*json/, "415: $type: says");
}

is(post('/.consent/', 'choice=all', $here)->status, 415, '415: no type');
is(post('/.consent/', 'choice=all', $form, $here, 'Content-Encoding: gzip')
   ->status, 415, '415: an encoded body');
is(post('/.consent/', 'choice=all', $here,
        'Content-Type: Application/X-WWW-Form-URLencoded ; charset=UTF-8')
   ->status, 303, 'parameters and case of a type');


# sizes

is(choose('choice=all&x=' . 'y' x 8000)->status, 303, 'a long body');

for my $got (choose('choice=all&x=' . 'y' x 9000)) {
    is($got->status, 413, 'too long');
    is(scalar($got->headers('Set-Cookie')), 0, 'too long: sets nothing');
}

is(post('/small/', 'choice=all&x=' . 'y' x 3000, $form, $here)->status, 303,
   'a body in a file');
is(post('/small/', 'choice=all&x=' . 'y' x 5000, $form, $here)->status, 413,
   'client_max_body_size');
is(post('/file/', 'choice=all', $form, $here)->status, 303,
   'a body in a file by configuration');


# in pieces and in chunks

{
    my $client = $t->connect;
    my $body = 'choice=some&accept=functional';

    $client->send("POST /.consent/ HTTP/1.1\r\nHost: localhost\r\n",
                  "$form\r\n$here\r\nContent-Length: ", length $body,
                  "\r\n\r\n");
    $client->send($_) for split //, $body;

    is(value_of($client->response) =~ /functional/ ? 1 : 0, 1,
       'a body in pieces');

    $client->send("POST /.consent/ HTTP/1.1\r\nHost: localhost\r\n$form\r\n",
                  "$here\r\nTransfer-Encoding: chunked\r\n\r\n",
                  map({ "1\r\n$_\r\n" } split //, $body), "0\r\n\r\n");

    is(value_of($client->response) =~ /functional/ ? 1 : 0, 1,
       'a body in chunks, on the same connection');

    $client->send("POST /.consent/ HTTP/1.1\r\nHost: localhost\r\n$form\r\n",
                  "$here\r\nTransfer-Encoding: chunked\r\n\r\n",
                  "2328\r\n", 'y' x 9000, "\r\n0\r\n\r\n");

    is($client->response->status, 413, 'chunks that are too much');
    $client->close;
}

is($t->http("POST /.consent/ HTTP/1.0\r\nHost: localhost\r\n$form\r\n"
            . "$here\r\nContent-Length: 10\r\n\r\nchoice=all")->status, 303,
   'HTTP/1.0');
is($t->http("POST /.consent/ HTTP/1.1\r\nHost: localhost\r\n$form\r\n"
            . "$here\r\nConnection: close\r\n\r\n")->status, 422,
   'no body at all');


# where it goes

for my $case (
    [ 'return=/a?b%26c',            '/a?b&c',     'a path' ],
    [ 'return=/',                   '/',          'the root' ],
    [ 'return=//evil.example',      '/.consent/', 'another host' ],
    [ 'return=%2F%2Fevil.example',  '/.consent/', 'another host, encoded' ],
    [ 'return=/%5Cevil.example',    '/.consent/', 'a backslash' ],
    [ 'return=/%09/evil.example',   '/.consent/', 'a tab' ],
    [ 'return=https://evil.example','/.consent/', 'a URL' ],
    [ 'return=javascript:alert(1)', '/.consent/', 'a script' ],
    [ 'return=%0d%0aX:1',           '/.consent/', 'a header' ],
    [ 'return=/a%0d%0aX:1',         '/.consent/', 'a header behind a path' ],
    [ 'return=',                    '/.consent/', 'nothing' ],
    [ 'return=/a&return=//evil',    '/a',         'the first of two' ],
    [ 'x=1',                        '/.consent/', 'none' ],
)
{
    my ($back, $want, $name) = @$case;

    is(choose("choice=none&$back")->header('Location'), $want,
       "return: $name");
}

is(choose('choice=none', 'Referer: http://localhost/page?x')
   ->header('Location'), '/page?x', 'return: Referer');
is(choose('choice=none', 'Referer: http://evil.example/page')
   ->header('Location'), '/.consent/', 'return: Referer of another site');


# from this site only

for my $case (
    [ 1, 'Sec-Fetch-Site: same-origin' ],
    [ 1, 'Sec-Fetch-Site: none' ],
    [ 0, 'Sec-Fetch-Site: same-site' ],
    [ 0, 'Sec-Fetch-Site: cross-site' ],
    [ 0, 'Sec-Fetch-Site: Same-Origin' ],
    [ 0, 'Sec-Fetch-Site:' ],
    [ 0, 'Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site' ],
    [ 0, 'Sec-Fetch-Site: cross-site', 'Origin: http://localhost' ],
    [ 1, 'Sec-Fetch-Site: same-origin', 'Origin: https://cdn.example' ],
    [ 1, 'Origin: http://localhost' ],
    [ 1, 'Origin: https://localhost' ],
    [ 1, 'Origin: http://LOCALHOST' ],
    [ 1, 'Origin: https://localhost:443' ],
    [ 0, 'Origin: https://localhost:80' ],
    [ 0, 'Origin: http://localhost:8080' ],
    [ 0, 'Origin: http://localhost.evil.example' ],
    [ 0, 'Origin: http://evil.example' ],
    [ 0, 'Origin: null' ],
    [ 0, 'Origin:' ],
    [ 0, 'Origin: localhost' ],
    [ 0, 'Origin: file://localhost' ],
    [ 0, 'Origin: http://localhost', 'Origin: http://evil.example' ],
    [ 0, 'Origin: http://evil.example', 'Referer: http://localhost/' ],
    [ 1, 'Referer: http://localhost/page' ],
    [ 0, 'Referer: http://evil.example/http://localhost/' ],
    [ 0, 'Referer: http://localhost@evil.example/' ],
    [ 1, 'Host: localhost:8443', 'Origin: https://localhost:8443' ],
    [ 0, 'Host: localhost:8443', 'Origin: https://localhost' ],
    [ 1, 'Host: localhost:443', 'Origin: https://localhost' ],
    [ 0, ],
)
{
    my ($good, @headers) = @$case;
    my $name = @headers ? "@headers" : 'no header';

    for my $sent ([ $form, 'choice=all' ], [ $json, '{"choice":"all"}' ]) {
        my ($type, $body) = @$sent;
        my $got = post('/.consent/', $body, $type, @headers);
        my $status = $good ? $type eq $form ? 303 : 200 : 403;

        is($got->status, $status, "$name: $status");
        is(own_cookie($got, 'consent') ne '' ? 1 : 0, $good,
           "$name: " . ($good ? 'sets it' : 'sets nothing'));
    }
}

is($t->request('DELETE', '/.consent/', 'Sec-Fetch-Site: cross-site', $before)
   ->status, 403, 'DELETE of another site');
is($t->request('DELETE', '/.consent/', $before)->status, 200,
   'DELETE without headers is of no page of another site');


# an old browser: the token of the page

my ($token) = $t->get('/.consent/')->body =~ /name="token" value="([^"]+)"/;
my ($known) = $t->get('/.consent/', $before)->body
              =~ /name="token" value="([^"]+)"/;

isnt($token, $known, 'a token is of the visitor');

for my $case (
    [ 303, $token,           [],        'the one of the page' ],
    [ 303, $known,           [$before], 'the one of a visitor' ],
    [ 403, $known,           [],        'the one of another visitor' ],
    [ 403, $token,           [$before], 'the one of nobody' ],
    [ 403, 'x' . substr($token, 1), [], 'another' ],
    [ 403, substr($token, 1), [],       'too short' ],
    [ 403, '',               [],        'empty' ],
    [ 403, $token, ['Host: other.example'], 'of another host' ],
    [ 403, $token, ['Origin: http://evil.example'], 'another site has it' ],
    [ 403, signature('form.localhost..' . int(time / 86400 - 2), $key), [],
      'of the day before yesterday' ],
    [ 303, signature('form.localhost..' . int(time / 86400 - 1), $key), [],
      'of yesterday' ],
)
{
    my ($status, $value, $headers, $name) = @$case;

    is(post('/.consent/', "choice=all&token=$value", $form, @$headers)
       ->status, $status, "token: $name");
}

my ($state) = $t->get('/.consent/state')->body =~ /"token":"([^"]+)"/;

is(post('/.consent/', qq({"choice":"all","token":"$state"}), $json)->status,
   200, 'token: of the state, for JSON');

my ($plain) = $t->get({ port => 'unsigned' }, '/.consent/')->body
              =~ /name="token" value="([^"]+)"/;

is(post({ port => 'unsigned' }, '/.consent/', "choice=all&token=$plain", $form)
   ->status, 303, 'token: without a key of the site');


# the log

my $log = join "\n", $t->lines('event.log');

unlike($log, qr/"choice":""/, 'every event has a choice');

SKIP: {
    skip 'no HTTP/2', 2 unless $t->has_http2;

    my $curl = "curl -s -i --http2-prior-knowledge -H 'Origin: "
               . "http://localhost' -H 'Host: localhost' -d choice=all "
               . "http://127.0.0.1:" . $t->port('h2') . "/.consent/";
    my $got = `$curl`;

    like($got, qr{^HTTP/2 303}, 'HTTP/2');
    like($got, qr/^set-cookie: consent=1\./m, 'HTTP/2: the cookie');
}

done_testing();
