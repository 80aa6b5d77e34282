#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Not modified: within one variant only, from every source.  The table of what
# came of what is printed at the end.

use strict;
use warnings;

use File::Find;
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $page = '<script src="https://x.stats.example/a.js"></script>'
           . '<p>text' . ' and more' x 100 . "</p>\n";
my $date = 'Mon, 01 Jan 2024 00:00:00 GMT';

# a server that knows what to do with conditions

sub serve {
    my ($request) = @_;

    if ($request->header('X-Fail')) {
        return { status => 500, body => 'broken', step => 0 };
    }

    my @headers = ('Content-Type: text/html; charset=utf-8', 'ETag: "v1"',
                   "Last-Modified: $date", 'Cache-Control: max-age=3600');

    my $match = $request->header('If-None-Match');
    my $since = $request->header('If-Modified-Since') // '';

    my $same = defined $match ? $match =~ /"v1"|^\s*\*\s*$/ : $since eq $date;

    return { status => 304, headers => \@headers } if $same;
    return { headers => \@headers, body => $page, step => 0 };
}

$t->upstream(\&serve);
$t->upstream(\&serve, 'fastcgi', 'fastcgi');

$t->write_file('root/static/page.html', $page);

utime 1704067200, 1704067200, $t->dir . '/root/static/page.html';


sub configure {
    my (%change) = @_;

    my $policy = $change{policy} // 1;
    my $rule = $change{rule} // '.stats.example';

    $t->http_config(<<"CONF");
    consent          \$http_x_mode;
    consent_policy   $policy;

    consent_category necessary   { always on; }
    consent_category performance { resource $rule; }

    types { text/html html; }

    proxy_cache_path    %%TESTDIR%%/cache    keys_zone=pages:1m;
    fastcgi_cache_path  %%TESTDIR%%/fastcgi  keys_zone=scripts:1m;

    proxy_cache_key    \$uri;
    fastcgi_cache_key  \$uri;

    %%PARAMS:fastcgi%%

    server {
        listen  127.0.0.1:%%PORT%%;

        add_header  X-Cache  \$upstream_cache_status;

        location /static/ {
            root  %%TESTDIR%%/root;
        }

        location /proxy/ {
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /unbuffered/ {
            proxy_buffering  off;
            proxy_pass       http://%%UPSTREAM%%;
        }

        location /cache/ {
            proxy_cache             pages;
            proxy_cache_revalidate  on;
            proxy_cache_use_stale   http_500;
            proxy_pass              http://%%UPSTREAM%%;
        }

        location /plain_cache/ {
            proxy_cache  pages;
            proxy_pass   http://%%UPSTREAM%%;
        }

        location /fastcgi/ {
            fastcgi_pass  %%UPSTREAM:fastcgi%%;
        }

        location /fastcgi_cache/ {
            fastcgi_cache             scripts;
            fastcgi_cache_revalidate  on;
            fastcgi_pass              %%UPSTREAM:fastcgi%%;
        }
    }
CONF
}

configure();
$t->run;


# Makes a response in a cache of nginx old: the time until which it is valid
# is the second number in its file.

sub expire {
    my ($uri) = @_;

    find(sub {
        -f && -s > 16 or return;

        open my $fh, '+<:raw', $_ or return;
        read $fh, my $head, 2048;

        if ($head =~ /^KEY: \Q$uri\E$/m) {
            seek $fh, 8, 0;
            print $fh pack 'q', time - 10;
        }

        close $fh;

    }, grep { -d } map { $t->dir . "/$_" } 'cache', 'fastcgi');
}


my @sources = (
    { name => 'static',              uri => '/static/page.html' },
    { name => 'proxy_pass',          uri => '/proxy/page' },
    { name => 'unbuffered',          uri => '/unbuffered/page' },
    { name => 'proxy_cache, fresh',  uri => '/cache/fresh', as => 'HIT' },
    { name => 'proxy_cache, stale',  uri => '/cache/stale', as => 'STALE',
      headers => [ 'X-Fail: 1' ] },
    { name => 'proxy_cache, revalidated', uri => '/cache/again',
      as => 'REVALIDATED' },
    { name => 'proxy_cache, expired', uri => '/plain_cache/old',
      as => 'EXPIRED' },
    { name => 'fastcgi_pass',        uri => '/fastcgi/page' },
    { name => 'fastcgi_cache, fresh', uri => '/fastcgi_cache/fresh',
      as => 'HIT' },
    { name => 'fastcgi_cache, revalidated', uri => '/fastcgi_cache/again',
      as => 'REVALIDATED' },
);

my %cookie = (
    accepted => 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                          categories => [ 'performance' ]),
    refused => 'Cookie: ' . $t->consent_cookie(name => 'consent'),
    accepted_2 => 'Cookie: ' . $t->consent_cookie(name => 'consent',
                            policy => 2, categories => [ 'performance' ]),
    refused_2 => 'Cookie: ' . $t->consent_cookie(name => 'consent',
                                                  policy => 2),
    undecided => 'X-Nothing: 1',
);

my %as = (
    document => [ 'Sec-Fetch-Dest: document',
                  'Accept: text/html,application/xhtml+xml,*/*;q=0.8' ],
    fetch => [ 'Sec-Fetch-Dest: empty', 'Accept: */*' ],
    plain => [ 'Accept: */*' ],
    old => [ 'Accept: text/html,*/*;q=0.5' ],
);


# nginx may replace a file after the client has its answer, so that it has to
# be made old again

sub ask {
    my ($source, $state, $mode, @headers) = @_;

    my $method = @headers && $headers[0] eq 'HEAD' ? shift @headers : 'GET';
    my $as = $source->{as} // '';
    my $r;

    Test::Consent::wait_for(sub {
        expire($source->{uri}) if $as ne '' && $as ne 'HIT';

        $r = $t->request($method, $source->{uri}, "X-Mode: $mode",
                         $cookie{$state}, @{ $source->{headers} // [] },
                         @headers);

        return $as eq ($r->header('X-Cache') // '');
    });

    return $r;
}


# fills the caches, without a failure

$t->get($_->{uri}, 'X-Mode: enforce') for @sources;

my %tag;            # source, state => ETag
my %own;            # source => the tag that the upstream knows
my %table;
my @columns;


sub note_result {
    my ($column, $source, $status) = @_;

    push @columns, $column if !grep { $_ eq $column } @columns;

    my $seen = \$table{$column}{ $source->{name} };

    $$seen = !defined $$seen || $$seen eq $status ? $status
                                                  : "$$seen/$status";
}


sub check {
    my ($column, $source, $state, $mode, $want, $what, @headers) = @_;

    my $r = ask($source, $state, $mode, @headers);
    my $label = "$source->{name}, $column, $what";

    note_result($column, $source, $r->status);

    is($r->status, $want, "$label: $want");

    if ($source->{as}) {
        is($r->header('X-Cache'), $source->{as}, "$label: $source->{as}");
    }

    if ($r->status == 200 && $headers[0] ne 'HEAD') {
        my $refused = $mode eq 'enforce' && $state !~ /^accepted/;

        is(index($r->body, '<script src="') < 0 ? 'blocked' : 'whole',
           $refused ? 'blocked' : 'whole', "$label: a page of this state");
    }

    return $r;
}


# what every state gets, and gets again for its own tag

for my $source (@sources) {
    for my $state ('accepted', 'refused', 'undecided') {

        my $r = ask($source, $state, 'enforce', @{ $as{document} });

        $tag{ $source->{name} }{$state} = $r->header('ETag');

        is($r->status, 200, "$source->{name}, $state: a page");
        like($r->header('ETag') // '',
             $state eq 'accepted' ? qr/^"cn1\.[0-9a-f]{8}\.s\.[^"]+"$/
                                  : qr{^W/"cn1\.[0-9a-f]{8}\.s\.[^"]+"$},
             "$source->{name}, $state: a tag of this state");
        is($r->header('Last-Modified'), undef,
           "$source->{name}, $state: no date");

        ($own{ $source->{name} }) =
            map { qq("$_") } ($r->header('ETag') // '') =~ /\.s\.([^"]+)/;
    }

    my $tags = $tag{ $source->{name} };

    isnt($tags->{accepted}, $tags->{refused},
         "$source->{name}: states have different tags");
    is($tags->{undecided}, $tags->{refused},
       "$source->{name}: undecided is refused");

    for my $state ('accepted', 'refused') {

        my $weak = $tags->{$state} =~ s{^(?:W/)?}{W/}r;

        for my $kind (sort keys %as) {
            my $r = check('own tag', $source, $state, 'enforce', 304,
                          "$state, $kind", @{ $as{$kind} },
                          "If-None-Match: $tags->{$state}");

            is($r->header('ETag'), $tags->{$state},
               "$source->{name}, $state, $kind: that very tag");
            is($r->header('Last-Modified'), undef, 'no date');
            is($r->header('Cache-Control'), 'private, no-cache',
               'and what caches are told');
        }

        check('own tag', $source, $state, 'enforce', 304, "$state, weakened",
              @{ $as{document} }, "If-None-Match: $weak");
        check('own tag', $source, $state, 'enforce', 304, "$state, in a list",
              @{ $as{document} },
              qq(If-None-Match: "x", $tags->{$state} ,W/"y"));
        check('own tag', $source, $state, 'enforce', 304, "$state, with date",
              @{ $as{document} }, "If-None-Match: $tags->{$state}",
              'If-Modified-Since: Sun, 01 Jan 2023 00:00:00 GMT');

        check('own tag, HEAD', $source, $state, 'enforce', 304, $state,
              'HEAD', @{ $as{document} }, "If-None-Match: $tags->{$state}");
    }
}


# and never across

for my $source (@sources) {
    my $tags = $tag{ $source->{name} };

    for my $kind ('document', 'fetch', 'plain') {
        my @headers = @{ $as{$kind} };
        my $date_of = "If-Modified-Since: $date";

        check('withdrawn', $source, 'refused', 'enforce', 200, $kind,
              @headers, "If-None-Match: $tags->{accepted}");
        check('withdrawn', $source, 'refused', 'enforce', 200, "$kind, date",
              @headers, "If-None-Match: $tags->{accepted}", $date_of);
        check('given', $source, 'accepted', 'enforce', 200, $kind,
              @headers, "If-None-Match: $tags->{refused}");

        for my $state ('accepted', 'refused') {
            my $own = $own{ $source->{name} };

            check('off, report to enforce', $source, $state, 'enforce', 200,
                  "$state, $kind", @headers, "If-None-Match: $own");
            check('off, report to enforce', $source, $state, 'enforce', 200,
                  "$state, $kind, weak", @headers, "If-None-Match: W/$own");
            check('off, report to enforce', $source, $state, 'enforce', 200,
                  "$state, $kind, date", @headers, "If-None-Match: $own",
                  $date_of);
            check('only a date', $source, $state, 'enforce', 200,
                  "$state, $kind", @headers, $date_of);
            check('any: *', $source, $state, 'enforce', 200,
                  "$state, $kind", @headers, 'If-None-Match: *');
        }

        check('enforce to off', $source, 'refused', 'off', 200, $kind,
              @headers, "If-None-Match: $tags->{refused}");
        check('enforce to report', $source, 'refused', 'report', 200, $kind,
              @headers, "If-None-Match: $tags->{refused}");
    }

    # without consent nothing is done about tags

    for my $mode ('off', 'report') {
        my $r = check("in $mode", $source, 'refused', $mode, 304, $mode,
                      @{ $as{document} },
                      "If-None-Match: $own{ $source->{name} }");

        is($r->header('ETag'), $own{ $source->{name} },
           "$source->{name}, $mode: the tag of the upstream");
    }
}


# after a reload

my %change = (
    'policy changed' => [ { policy => 2 }, 'accepted_2', 'refused_2' ],
    'configuration changed' => [ { rule => '.other.example .stats.example' },
                                 'accepted', 'refused' ],
    'nothing changed' => [ {}, 'accepted', 'refused' ],
);

for my $column (sort keys %change) {
    my ($change, $accepted, $refused) = @{ $change{$column} };

    configure(%$change);
    ok($t->reload, "reload: $column");

    my $want = $column =~ /^nothing/ ? 304 : 200;

    for my $source (@sources) {
        my $tags = $tag{ $source->{name} };

        check($column, $source, $accepted, 'enforce', $want, 'accepted',
              @{ $as{document} }, "If-None-Match: $tags->{accepted}");
        check($column, $source, $refused, 'enforce', $want, 'refused',
              @{ $as{document} }, "If-None-Match: $tags->{refused}");
    }
}


# what the upstreams were asked: with their own tag, or without any hope

my @foreign = grep { defined && !/^(?:"v1"|"consent-none")$/ }
              map { $_->header('If-None-Match') }
              grep { ($_->header('X-Mode') // '') eq 'enforce' }
              $t->requests, $t->requests('fastcgi');

is_deeply(\@foreign, [], 'upstreams never see a tag that is not theirs');


# the table

note('what a client holds          | ' . join ' | ', @columns);

for my $source (@sources) {
    note(sprintf '%-28s | %s', $source->{name}, join ' | ',
         map { sprintf '%-*s', length, $table{$_}{ $source->{name} } }
         @columns);
}

done_testing();
