#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The languages that come with the module: every text is there, in valid
# UTF-8, and the right one is chosen.

use strict;
use warnings;

use Encode qw(decode FB_CROAK);
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;
my $conf = $t->repo . '/conf';

$t->http_config(<<"CONF")->run;
    include  $conf/examples/policy.conf;
    include  $conf/languages/*.conf;

    map \$http_accept_language \$consent_language {
        default  en;
        ~*^de    de;
        ~*^cy    cy;
    }

    consent_text de {
        save  "Merken";
        title performance "Zählen";
    }

    server {
        listen   127.0.0.1:%%PORT%%;
        consent  enforce;
        consent_banner  on;

        location / {
            default_type  text/html;
            return  200  "<!doctype html><title>t</title><body>";
        }

        location /.consent/ {
            consent_language  \$consent_language;
            consent_endpoint;
        }

        location /by-query/ {
            consent_language  \$arg_l;
            consent_endpoint;
        }
    }
CONF

sub words {
    my ($body) = @_;

    return grep { /[a-z]{4}/ && !/^\s*(?:Cookies:|localhost|[\w.-]+\.\w+)\s*$/ }
           $body =~ s{<code>.*?</code>}{}gsr =~ />([^<>]{9,})</g;
}

my %english = map { $_ => 1 } words($t->get('/by-query/?l=en')->body),
                              words($t->get('/by-query/cookies?l=en')->body);
my %names;

for my $file (glob "$conf/languages/*.conf") {
    my ($language) = $file =~ /(\w+)\.conf$/;
    my $text = join '', do { open my $fh, '<:raw', $file or die; <$fh> };

    ok(eval { decode('UTF-8', $text, FB_CROAK); 1 }, "$language: UTF-8");

    my $page = $t->get("/by-query/?l=$language")->body;

    like($page, qr/<html lang="$language"/, "$language: says so");

    my @all = words($page . $t->get("/by-query/cookies?l=$language")->body);

    is_deeply([ grep { $english{$_} } @all ], [],
              "$language: nothing is left in English");

    $names{$language} = join ' ', sort $text =~ /^    (\w+) +"/mg;
    cmp_ok(length $page, '<', 15 * 1024, "$language: the page is small");
}

is(scalar(keys %names), 7, 'all of them were seen');
is_deeply([ grep { $names{$_} ne $names{de} } keys %names ], [],
          'all of them have the same texts');

for my $case (
    [ 'de-AT,de;q=0.9,en;q=0.8', 'de' ],
    [ 'DE', 'de' ],
    [ 'cy', 'cy' ],
    [ 'en-GB,de', 'en' ],
    [ '', 'en' ],
    [ 'x' x 100, 'en' ],
)
{
    my ($accept, $want) = @$case;

    like($t->get('/.consent/', "Accept-Language: $accept")->body,
         qr/<html lang="$want"/, "Accept-Language: $accept");
}

my $german = $t->get('/.consent/', 'Accept-Language: de')->body;

like($german, qr/>Merken</, 'an ordinary block goes before the shipped one');
like($german, qr/>Zählen</, 'for titles, too');
like($german, qr/>Alle ablehnen</, 'what it leaves out is the shipped text');

done_testing();
