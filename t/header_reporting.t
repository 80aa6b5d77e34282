#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Reporting-Endpoints, Report-To and NEL: a browser is not told to report to
# what is refused.  The forms of the values are in t/core/test_field.c.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Headers;

my $t = Test::Consent->new;

serve_headers($t);

$t->http_config(<<'CONF')->run;
    consent  enforce;

    consent_category performance { resource .tracker.example /dir/own; }
    consent_category functional  { resource .fine.example; }

    consent_default  functional;

    log_format  figures  '$uri resources=$consent_resources_blocked';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen            127.0.0.1:%%PORT%%;
        proxy_set_header  Host  $host;

        location / {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /report/ {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off/ {
            consent     off;
            proxy_pass  http://%%UPSTREAM%%;
        }
    }
CONF

my $T = 'https://tracker.example/r';
my $F = 'https://fine.example/r';


sub group {
    my ($name, @urls) = @_;

    return qq({"group": "$name", "max_age": 600, "endpoints": [)
           . join(', ', map { qq({"url": "$_"}) } @urls) . ']}';
}


sub nel {
    my ($name) = @_;

    return qq({"report_to": "$name", "max_age": 600});
}


# all three of a response to which the site has put those lines

sub reporting {
    my ($path, @lines) = @_;

    my @request = ref $lines[0] ? @{ shift @lines } : ();
    my $r = $t->get(headers_uri($path, @lines), @request);

    return [ map { my $name = $_; map { "$name: $_" } $r->headers($name) }
             qw(Reporting-Endpoints Report-To NEL) ];
}


is_deeply(reporting('/page', qq(Reporting-Endpoints: a="$T", b="$F", c="/r"),
                    qq(Reporting-Endpoints: d="$T"),
                    'Reporting-Endpoints: e="dir/own", f="own"'),
          [ qq(Reporting-Endpoints: b="$F", c="/r"),
            'Reporting-Endpoints: f="own"' ], 'Reporting-Endpoints');

is_deeply(reporting('/page', 'Report-To: ' . group('a', $T, $F) . ', '
                                           . group('b', $T),
                    'Report-To: ' . group('c', $T, $T),
                    'Report-To: ' . group('d', $F)),
          [ 'Report-To: ' . group('a', $F), 'Report-To: ' . group('d', $F) ],
          'Report-To');


# NEL with and without its group

my @groups = ('Report-To: ' . group('gone', $T) . ', ' . group('kept', $F),
              'Report-To: ' . group('less', $T, $F));
my @left = ('Report-To: ' . group('kept', $F), 'Report-To: ' . group('less', $F));

for my $case ([ gone => 0 ], [ kept => 1 ], [ less => 1 ], [ elsewhere => 1 ])
{
    my ($name, $stays) = @$case;
    my $line = 'NEL: ' . nel($name);

    is_deeply(reporting('/404', @groups, $line),
              [ @left, $stays ? $line : () ], "NEL, its group: $name");
    is_deeply(reporting('/404', $line, @groups),
              [ @left, $stays ? $line : () ], "NEL in front: $name");
}

is_deeply(reporting('/', 'Report-To: ' . group('g', $T),
                    'Report-To: ' . group('g', $F), 'NEL: ' . nel('g')),
          [ 'Report-To: ' . group('g', $F), 'NEL: ' . nel('g') ],
          'NEL, another group of that name');

is_deeply(reporting('/', 'NEL: ' . nel('g')), [ 'NEL: ' . nel('g') ],
          'NEL alone');
is_deeply(reporting('/', 'Report-To: ' . group('g', $T), 'NEL: nonsense'),
          [ 'NEL: nonsense' ], 'NEL that says nothing');


# not well-formed

is_deeply(reporting('/', "Report-To: {\"endpoints\":[{'url':\"$T\"}]}",
                    "Report-To: {\"endpoints\":[{'url':\"$F\"}]}",
                    "Reporting-Endpoints: a=\"$T", 'Reporting-Endpoints: ?'),
          [ 'Reporting-Endpoints: ?',
            "Report-To: {\"endpoints\":[{'url':\"$F\"}]}" ],
          'malformed, with a refused host and without');


# for whom nothing is done

my @all = (qq(Reporting-Endpoints: a="$T", b="$F"),
           'Report-To: ' . group('g', $T, $F), 'Report-To: ' . group('h', $T),
           'NEL: ' . nel('h'));

is_deeply(reporting('/report/', @all), \@all, 'report');
is_deeply(reporting('/off/', @all), \@all, 'off');
is_deeply(reporting('/', [ 'Cookie: ' . $t->consent_cookie(name => 'consent',
                               categories => [ qw(performance functional) ]) ],
                    @all), \@all, 'all accepted');

reporting('/counted/enforce', @all);
reporting('/report/counted', @all);
reporting('/off/counted', @all);

$t->stop;

my %counted = map { m{^(/\S*counted\S*) (.*)} ? ($1, $2) : () }
              $t->lines('figures.log');

is($counted{'/counted/enforce'}, 'resources=4', 'counted');
is($counted{'/report/counted'}, 'resources=4', 'counted by report');
is($counted{'/off/counted'}, 'resources=0', 'not counted when off');

done_testing();
