#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Report mode: every byte as without the module, while the variables say what
# enforce mode would have done.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = <<'HTML';
<!DOCTYPE html>
<title>Page</title>
<script src="https://a.stats.example/x.js"></script>
<script>track('init');</script>
<img src="https://b.stats.example/p.gif"><img src="/own.png">
<iframe src="https://video.example/e"></iframe>
<link rel="stylesheet" href="https://a.stats.example/x.css">
<p>Text.
HTML

my @lines = ('sid=1; Path=/', '_ga=1; Max-Age=99999', 'lang=de; Max-Age=9',
             'other=1');

$t->upstream(sub {
    my ($request) = @_;

    return {
        headers => [ 'Content-Type: text/html', 'ETag: "abc"',
                     'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT',
                     'Accept-Ranges: bytes',
                     map { "Set-Cookie: $_" } @lines ],
        body => $page,
    };
});

$t->http_config(<<'CONF')->run;
    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga; resource .stats.example;
                                   inline track(; max_age 1h; }
    consent_category functional  { cookie lang; on_deny session;
                                   resource video.example; }

    log_format  figures  '$uri blocked=$consent_cookies_blocked '
                         'hidden=$consent_cookies_hidden '
                         'resources=$consent_resources_blocked '
                         'unclassified=$consent_unclassified '
                         'state=$consent_state';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen             127.0.0.1:%%PORT%%;
        proxy_set_header   Host  $host;

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /enforce/ {
            consent     enforce;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

my @request = ('Cookie: sid=1; _ga=2; lang=x; more=1',
               'Accept: text/html', 'Accept-Encoding: gzip',
               'If-None-Match: "xyz"', 'Range: bytes=0-9');


sub fetch {
    my ($uri) = @_;

    my $response = $t->get($uri, @request);
    my $request = $t->last_request;

    # the lines that cannot be the same twice

    my $head = $response->head =~ s/^Date: .*\n//mr;
    my $asked = $request->head =~ s{^GET \S+}{GET}r;

    return ($head, $response->body, $asked);
}

my @off = fetch('/off/');
my @report = fetch('/report/');
my @enforce = fetch('/enforce/');

is($off[1], $page, 'off: the page as it was');

is($report[0], $off[0], 'report: the response header of plain nginx');
is($report[1], $off[1], 'report: its body');
is($report[2], $off[2], 'report: its request to the upstream');

isnt($enforce[0], $off[0], 'enforce: another response header');
isnt($enforce[1], $off[1], 'enforce: another body');
isnt($enforce[2], $off[2], 'enforce: another request to the upstream');


# the figures are those of enforce mode

sub figures {
    my ($uri) = @_;

    my @found;

    Test::Consent::wait_for(sub {
        @found = grep { m{^\Q$uri\E } } $t->lines('figures.log');
    });

    return $found[-1] =~ s/^\S+ //r;
}

my $figures = figures('/enforce/');

like($figures, qr/blocked=2 /, 'cookies blocked: dropped and shortened');
like($figures, qr/hidden=2 /, 'cookies hidden');
like($figures, qr/resources=5 /, 'resources blocked');
like($figures, qr/state=necessary$/, 'state');
is(figures('/report/'), $figures, 'report: the same figures');

done_testing();
