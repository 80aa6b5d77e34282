#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The example configuration, as "make install" leaves it, with only what is
# said to be replaced replaced.

use strict;
use warnings;

use File::Path qw(make_path);
use JSON::PP;
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;
my $dir = $t->dir;
my $repo = $t->repo;

system('cp', '-r', "$repo/conf", "$dir/consent") == 0 or die "cp: $?\n";
system('openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=www.example.org '
       . "-keyout $dir/www.example.org.key -out $dir/www.example.org.pem "
       . '-days 2 2>/dev/null') == 0 or die "openssl: $?\n";

# what the documents say to copy

system("cp $dir/consent/examples/*.conf $dir/consent/") == 0 or die "cp: $?\n";

make_path("$dir/log");
$t->write_file('consent.key', 'k' x 40);
$t->write_file('mime.types', 'types { text/html html; }');
chmod 0600, "$dir/consent.key";

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/html' ],
             body => '<!doctype html><title>t</title><body><p>x' };
});

my $text = join '', do {
    open my $fh, '<', "$repo/conf/examples/nginx.conf.example" or die;
    <$fh>;
};

my $temp = join "\n    ", map { "${_}_temp_path $dir/temp/$_;" }
           qw(client_body proxy fastcgi uwsgi scgi);

$text =~ s{^load_module .*}{%%MODULE%%}m;
$text =~ s{192\.0\.2\.10:8080}{%%UPSTREAM%%};
$text =~ s{/var/log/nginx}{$dir/log}g;
$text =~ s{/etc/nginx/consent}{$dir/consent}g;
$text =~ s{listen       443 ssl;}{listen 127.0.0.1:%%PORT%%;};
$text =~ s{127\.0\.0\.1:8081;}{127.0.0.1:%%PORT:stats%%;};
$text =~ s{consent  report;}{consent  enforce;};
$text =~ s/http \{/http {\n    $temp/;

$t->write_file_expand('nginx.conf', $text);
$t->run;

my $r = $t->get('/', 'Accept: text/html', 'Accept-Language: de-AT,de');

is($r->status, 200, 'the site is there');
like($r->body, qr/<body><section class="consent-banner"[^>]* lang="de"/,
     'and asks, in the language of the browser');

$r = $t->get('/.consent/', 'Accept-Language: pl');

like($r->body, qr/<html lang="pl"/, 'the page to choose');
cmp_ok(length $r->body, '<', 15 * 1024, 'is small with the example policy');
like($r->body, qr/Funkcjonalne/, 'with titles in that language');

$r = $t->get('/.well-known/gpc.json');

is($r->header('Content-Type'), 'application/json', 'gpc.json: its type');
is(decode_json($r->body)->{gpc}, JSON::PP::true, 'gpc.json: is respected');
like(decode_json($r->body)->{lastUpdate}, qr/^\d{4}-\d\d-\d\d$/,
     'gpc.json: since then');

my $body = 'choice=none';

$t->http("POST /.consent/ HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\n"
         . "Content-Type: application/x-www-form-urlencoded\r\n"
         . 'Content-Length: ' . length($body) . "\r\nConnection: close\r\n\r\n"
         . $body);

my $events = 'log/consent_event.log';

Test::Consent::wait_for(sub { $t->lines($events) });

is(decode_json(($t->lines($events))[0])->{choice}, 'none',
   'a choice is logged');

like($t->get({ port => 'stats' }, '/consent_stats')->body,
     qr/^consent_endpoint_requests_total\{result="choice"\} 1$/m,
     'and counted');

done_testing();
