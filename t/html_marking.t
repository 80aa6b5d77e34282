#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What becomes of a tag in each consent state: mark, remove, the types that
# are read, inline scripts, unclassified third parties, first parties.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my %page = (
    '/a' => <<'HTML',
<!DOCTYPE html>
<script src="https://www.stats.example/a.js" async></script>
<script>stats('init');</script>
<link rel="stylesheet" href="//fonts.example/f.css">
<iframe src="https://video.example/e/1" title="A film">x</iframe>
<noscript><img src="https://pixel.stats.example/p?a&amp;b"></noscript>
<script src="/local.js"></script><img src="logo.png">
<script src="https://unknown.example/u.js"></script>
<script src="https://static.site-assets.example/s.js"></script>
HTML
);

$t->upstream(sub {
    my ($request) = @_;

    my ($type, $name) = $request->uri =~ m{^/\w+/(\w+)(/\w+)$};

    return { headers => [ $type eq 'none' ? ()
                              : $type eq 'xhtml'
                              ? 'Content-Type: application/xhtml+xml'
                              : "Content-Type: text/$type; charset=utf-8" ],
             body => $page{$name} };
});

$t->http_config(<<'CONF')->run;
    consent_category necessary   { always on; }
    consent_category performance { resource .stats.example;
                                   inline stats(; }
    consent_category functional  { resource fonts.example video.example; }
    consent_category other       { title Other; }

    consent              enforce;
    consent_first_party  .site-assets.example;

    log_format  figures  '$http_x_number $consent_resources_blocked '
                         '$consent_unclassified $consent_state';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen             127.0.0.1:%%PORT%%;
        proxy_set_header   Host  $host;

        location /mark/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /remove/ {
            consent_block  remove;
            proxy_pass     http://%%UPSTREAM%%;
        }

        location /types/ {
            consent_types  text/plain;
            proxy_pass     http://%%UPSTREAM%%;
        }

        location /unknown/ {
            consent_unclassified  third_party=other;
            proxy_pass            http://%%UPSTREAM%%;
        }
    }
CONF


my $number = 0;

sub page {
    my ($uri, @accepted) = @_;

    $number++;

    return $t->get($uri, 'Host: www.site.example', "X-Number: $number",
                   'Cookie: '
                   . $t->consent_cookie(name => 'consent',
                                        categories => \@accepted))->body;
}


# those of the last page, which nginx logs after the visitor has it

sub figures {
    my $found;

    Test::Consent::wait_for(sub {
        ($found) = map { /^$number (.*)/ } $t->lines('figures.log');
    });

    return $found;
}


# mark

my $performance = 'data-consent="performance"';
my $functional = 'data-consent="functional"';

my $expect = $page{'/a'};

$expect =~ s{<script src=("https://www)}
            {<script type="text/plain" $performance data-consent-src=$1};
$expect =~ s{<script>stats}
            {<script type="text/plain" $performance>stats};
$expect =~ s{<img src="https}
            {<img $performance data-consent-src="https};

my $both = $expect;

$expect =~ s{<link rel="stylesheet" href}
            {<link $functional rel="stylesheet" data-consent-href};
$expect =~ s{<iframe src}{<iframe $functional data-consent-src};

is(page('/mark/html/a'), $expect, 'mark: nothing accepted');
is(figures(), '5 1 necessary', 'mark: figures');
is(page('/mark/html/a', 'functional'), $both, 'mark: one category accepted');
is(figures(), '3 1 necessary,functional',
   'mark: figures with one category');
is(page('/mark/html/a', 'functional', 'performance'), $page{'/a'},
   'mark: all that has rules is accepted');
is($t->get('/mark/html/a')->body, $expect, 'mark: no decision');


# remove

$expect = $page{'/a'};

$expect =~ s{<script src="https://www.*?</script>}{};
$expect =~ s{<script>stats.*?</script>}{};
$expect =~ s{<img src="https.*?>}{};
$expect =~ s{<link.*?>}{};
$expect =~ s{<iframe.*?</iframe>}{};

is(page('/remove/html/a'), $expect, 'remove');


# types

is(page('/mark/css/a'), $page{'/a'}, 'a type that is not HTML');
isnt(page('/mark/none/a'), $page{'/a'}, 'no type: a browser may find HTML');
isnt(page('/mark/xhtml/a'), $page{'/a'}, 'XHTML');
isnt(page('/types/plain/a'), $page{'/a'}, 'a type of consent_types');
isnt(page('/types/html/a'), $page{'/a'}, 'text/html is always one of them');
is(page('/mark/plain/a'), $page{'/a'},
   'a type of consent_types elsewhere');


# third parties that nobody classified

my $unknown = page('/unknown/html/a', 'functional', 'performance');

like($unknown, qr{data-consent="other" data-consent-src="https://unknown\.},
     'unclassified third party');
like($unknown, qr{<script src="https://static\.site-assets},
     'consent_first_party');
like($unknown, qr{<script src="/local\.js">}, 'own file');
is(figures(), '1 1 necessary,performance,functional',
   'unclassified: figures');
like(page('/unknown/html/a', 'other'),
     qr{<script src="https://unknown}, 'accepted with its category');

done_testing();
