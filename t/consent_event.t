#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Proof of consent: what $consent_event leaves in a log, and that the log
# alone shows which cookie was given to whom and that it was ours.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;
my $key = 'k' x 40;

$t->write_file('own.key', $key);
chmod 0600, $t->dir . '/own.key';

my $repo = $t->repo;

$t->http_config(<<"CONF")->run;
    consent_policy  9;

    consent_category necessary   { always on; }
    consent_category functional  { cookie lang; }
    consent_category performance { cookie _ga; }

    include  $repo/conf/examples/log_format.conf;

    server {
        listen       127.0.0.1:%%PORT%%;
        consent      enforce;
        consent_key  own.key;

        access_log  %%TESTDIR%%/event.log  consent_event  if=\$consent_event;

        location / {
            return  200  "x";
        }

        location /.consent/ {
            consent_endpoint;
        }
    }
CONF

my @here = ('Host: localhost', 'Origin: http://localhost',
            'Connection: close');


sub post {
    my ($type, $body, @more) = @_;

    return $t->http(join("\r\n", 'POST /.consent/ HTTP/1.1', @here,
                         "Content-Type: application/$type", @more,
                         'Content-Length: ' . length $body, '', $body));
}


sub form { return post('x-www-form-urlencoded', @_) }


sub cookie_of {
    my ($r) = @_;

    return map { /^consent=([^;]+)/ ? $1 : () } $r->headers('Set-Cookie');
}

my @given;

push @given, cookie_of(form('choice=all&source=banner'));
push @given, cookie_of(form('choice=some&accept=functional&source=page',
                            "Cookie: consent=$given[0]"));
push @given, cookie_of(post('json', '{"choice":"none"}'));
push @given, '';

$t->request('DELETE', '/.consent/', 'Origin: http://localhost',
            "Cookie: consent=$given[1]");

# nothing of these

form('choice=maybe');
post('x-www-form-urlencoded', 'choice=all&source="},{"', 'Origin: null');
$t->get('/');
$t->get('/.consent/', "Cookie: consent=$given[0]");
$t->head('/.consent/');
form('choice=none&source=%22%7D%0A', 'Sec-Fetch-Site: cross-site');

my @lines = $t->lines('event.log');
my @events = map { decode_json($_) } @lines;

is(scalar @events, 4, 'an event for each choice, and for nothing else');


# the cookie, made again of what the log says

sub rebuilt {
    my ($event) = @_;

    my $text = join '.', 1, @$event{qw(issued policy id)},
                    join('+', @{ $event->{accepted} }) || '-';
    my $mac = encode_base64(substr(hmac_sha256($text, $key), 0, 16), '');

    $mac =~ tr{+/=}{-_}d;

    return ("$text.$event->{key}~$event->{signature}", $mac);
}

for my $i (0 .. 2) {
    my ($cookie, $mac) = rebuilt($events[$i]);

    is($cookie, $given[$i], "event $i: is that of the cookie");
    is($events[$i]{signature}, $mac, "event $i: and its signature is ours");
    is($events[$i]{key}, substr(hmac_sha256_hex('kid', $key), 0, 4),
       "event $i: by that key");
}

{
    my %forged = (%{ $events[2] }, accepted => [ 'performance' ]);
    my (undef, $mac) = rebuilt(\%forged);

    isnt($mac, $forged{signature}, 'another choice has another signature');
}

my ($all, $some, $none, $withdrawn) = @events;

is_deeply([ map { $_->{choice} } @events ], [ qw(all some none withdraw) ],
          'what was chosen');
is_deeply([ map { $_->{source} } @events ],
          [ qw(banner page script script) ], 'by what');
is_deeply($all->{accepted}, [ qw(functional performance) ], 'accepted');
is_deeply($all->{refused}, [], 'and nothing refused');
is($all->{previous}, undef, 'the first has nothing before it');
is($some->{id}, $all->{id}, 'the second is of the same visitor');
is_deeply($some->{previous},
          { issued => $all->{issued}, policy => 9,
            accepted => [ qw(functional performance) ] },
          'and says what was before');
is_deeply($some->{refused}, [ 'performance' ], 'and what is refused now');
isnt($none->{id}, $all->{id}, 'the third is of another visitor');
is($withdrawn->{id}, $all->{id}, 'the withdrawal is of the first one');
is($withdrawn->{signature}, undef, 'and gives no cookie');
like($_->{time}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'a time')
    for @events;

# what must not be in it

unlike(join('', @lines), qr/127\.0\.0\.1|localhost|Mozilla|\\n/,
       'no address, no host, no browser');

# the command checks the same

my $tool = "$repo/build/consent-cookie";

SKIP: {
    skip 'the command is not built', 1 unless -x $tool;

    my ($cookie) = rebuilt($some);
    my $out = `$tool show --key @{[ $t->dir ]}/own.key '$cookie' 2>&1`;

    is($? >> 8, 0, 'consent-cookie verifies it') or diag($out);
}

done_testing();
