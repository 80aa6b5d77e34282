#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What is no page keeps its validators, byte for byte, its 304s and its parts,
# whatever the request looks like.  Each answer is compared with that of the
# same nginx where consent is off.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $body = join '', map { "line $_ of a file that is no page\n" } 1 .. 100;
my $date = 'Mon, 01 Jan 2024 00:00:00 GMT';

my %types = (css => 'text/css', pdf => 'application/pdf',
             api => 'application/json', weak => 'application/json',
             dated => 'text/plain', odd => 'image/svg+xml',
             careless => 'text/plain', personal => 'text/plain');

my %tag = (weak => 'W/"v1"', odd => 'v1', dated => undef);

# a server that follows RFC 9110

$t->upstream(sub {
    my ($request) = @_;

    my ($kind) = $request->uri =~ /(\w+)$/;
    my $tag = exists $tag{$kind} ? $tag{$kind} : '"v1"';

    my @headers = ("Content-Type: $types{$kind}", "Last-Modified: $date",
                   $kind eq 'personal' ? 'Cache-Control: private'
                                       : 'Cache-Control: max-age=60',
                   'Vary: Accept', defined $tag ? "ETag: $tag" : ());

    my $match = $request->header('If-None-Match');
    my $since = $request->header('If-Modified-Since') // '';
    my $is = $request->header('If-Match');

    if (defined $is && $is ne '*' && $kind ne 'careless' && (!defined $tag || $is !~ /\Q$tag\E/)) {
        return { status => 412, headers => \@headers, body => 'changed',
                 step => 0 };
    }

    my $same = defined $match
               ? $match eq '*' || defined $tag
                 && index($match, $tag =~ s{^W/}{}r) >= 0
               : $since eq $date;

    if ($same) {
        return { status => 304, headers => \@headers };
    }

    my $range = $request->header('Range') // '';
    my $if_range = $request->header('If-Range');

    my ($from, $to) = $range =~ /^bytes=(\d+)-(\d+)$/;

    if (defined $from && (!defined $if_range || $if_range eq ($tag // '')
                          || $if_range eq $date))
    {
        return {
            status => 206,
            headers => [ @headers,
                         "Content-Range: bytes $from-$to/" . length $body ],
            body => substr($body, $from, $to - $from + 1),
            step => 0,
        };
    }

    return { headers => [ @headers, 'Accept-Ranges: bytes' ],
             body => $body, step => 0 };
});

for my $kind ('css', 'pdf', 'unknown') {
    $t->write_file("root/$_/static/file.$kind", $body) for 'on', 'off';
    utime 1704067200, 1704067200,
          map { $t->dir . "/root/$_/static/file.$kind" } 'on', 'off';
}

my $places = join '', map {
    my $mode = $_ eq 'on' ? 'enforce' : 'off';

    <<"CONF";
        location /$_/ {
            consent     $mode;
            proxy_pass  http://%%UPSTREAM%%/;
        }

        location /$_/static/ {
            consent  $mode;
            root     %%TESTDIR%%/root;
        }

        location /$_/cache/ {
            consent            $mode;
            proxy_cache        files;
            proxy_cache_valid  1h;
            proxy_cache_key    \$uri;
            proxy_pass         http://%%UPSTREAM%%/;
        }
CONF
} 'on', 'off';

$t->http_config(<<"CONF")->run;
    consent_category performance { resource .stats.example; }

    types { text/html html; text/css css; image/png png;
            application/pdf pdf; }

    default_type  application/octet-stream;

    proxy_cache_path  %%TESTDIR%%/cache  keys_zone=files:1m;

    server {
        listen  127.0.0.1:%%PORT%%;
$places
    }
CONF


my %as = (
    document => [ 'Sec-Fetch-Dest: document', 'Accept: text/html,*/*;q=0.8' ],
    image => [ 'Sec-Fetch-Dest: image', 'Accept: image/*,*/*;q=0.8' ],
    fetch => [ 'Sec-Fetch-Dest: empty', 'Accept: */*' ],
    plain => [ 'Accept: */*' ],
    nothing => [],
    old => [ 'Accept: text/html,*/*' ],
);


# the same request where consent is on and where it is off

sub both {
    my ($method, $uri, @headers) = @_;

    my %r = map { $_ => $t->request($method, "/$_$uri", @headers) }
            'on', 'off';

    return @r{'on', 'off'};
}


sub same {
    my ($label, $method, $uri, @headers) = @_;

    my ($on, $off) = both($method, $uri, @headers);

    # the error pages of nginx are pages

    if ($off->status >= 400) {
        is($on->status, $off->status, "$label: status " . $off->status);
        return $on;
    }

    my $fields = sub {
        return join "\n", map { "$_->[0]: $_->[1]" }
               grep { $_->[0] !~ /^(?:Date|Server|Connection)$/ }
               $_[0]->headers;
    };

    is($on->status, $off->status, "$label: status " . $off->status);
    is($fields->($on), $fields->($off), "$label: header");
    is($on->body, $off->body, "$label: body");

    return $on;
}


sub equivalent {
    my ($label, $want, $method, $uri, @headers) = @_;

    my ($on, $off) = both($method, $uri, @headers);

    is($on->status, $want, "$label: $want");
    is($on->header($_), $off->header($_), "$label: $_")
        for 'ETag', 'Last-Modified', 'Cache-Control', 'Vary', 'Expires';
}


for my $kind (sort keys %as) {
    my @as = @{ $as{$kind} };

    for my $type (grep { !/careless|personal/ } sort keys %types) {
        my $tag = exists $tag{$type} ? $tag{$type} : '"v1"';
        my @uris = map { "$_$type" } '/', '/cache/', '/file.';

        # the plain ones

        for my $uri (@uris) {
            next if $uri =~ /file\.(?!css|pdf)/;

            same("$kind, $uri", 'GET', $uri, @as);
            same("$kind, $uri", 'HEAD', $uri, @as);

            # conditions that hold: 304 with the same header

            my @conditions = (
                defined $tag ? ([ "If-None-Match: $tag" ],
                                [ "If-None-Match: \"x\", $tag" ],
                                [ "If-None-Match: $tag",
                                  "If-Modified-Since: $date" ]) : (),
                [ "If-Modified-Since: $date" ], [ 'If-None-Match: *' ],
            );

            for my $condition (@conditions) {
                equivalent("$kind, $uri, @$condition", 304, 'GET', $uri, @as,
                           @$condition);
            }

            equivalent("$kind, $uri, HEAD", 304, 'HEAD', $uri, @as,
                       "If-Modified-Since: $date");

            # and that do not

            same("$kind, $uri, another tag", 'GET', $uri, @as,
                 'If-None-Match: "x"');
            same("$kind, $uri, another date", 'GET', $uri, @as,
                 'If-Modified-Since: Sun, 01 Jan 2023 00:00:00 GMT');
        }
    }

    for my $uri ('/static/file.css', '/static/file.pdf',
                 '/static/file.unknown')
    {
        my $tag = same("$kind, $uri", 'GET', $uri, @as)->header('ETag');

        same("$kind, $uri, tag", 'GET', $uri, @as, "If-None-Match: $tag");
        same("$kind, $uri, date", 'GET', $uri, @as,
             "If-Modified-Since: $date");
        same("$kind, $uri, both", 'GET', $uri, @as, "If-None-Match: $tag",
             "If-Modified-Since: $date");
        same("$kind, $uri, other", 'GET', $uri, @as, 'If-None-Match: "x"');
        same("$kind, $uri, If-Match", 'GET', $uri, @as, "If-Match: $tag");
        same("$kind, $uri, If-Match other", 'GET', $uri, @as,
             'If-Match: "x"');
        same("$kind, $uri, unmodified", 'GET', $uri, @as,
             'If-Unmodified-Since: Sun, 01 Jan 2023 00:00:00 GMT');
        same("$kind, $uri, range", 'GET', $uri, @as, 'Range: bytes=3-12');
        same("$kind, $uri, If-Range", 'GET', $uri, @as, 'Range: bytes=3-12',
             "If-Range: $tag");
        same("$kind, $uri, If-Range date", 'GET', $uri, @as,
             'Range: bytes=3-12', "If-Range: $date");
        same("$kind, $uri, If-Range other", 'GET', $uri, @as,
             'Range: bytes=3-12', 'If-Range: "x"');
        same("$kind, $uri, no such range", 'GET', $uri, @as,
             'Range: bytes=99999-');
    }

    # the tag counts, not the date; what nginx does not do for an answer that
    # it may not keep; a server that does not know If-Match

    equivalent("$kind, another date", 304, 'GET', '/api', @as,
               'If-None-Match: "v1"',
               'If-Modified-Since: Sun, 01 Jan 2023 00:00:00 GMT');
    same("$kind, /cache/personal", 'GET', '/cache/personal', @as,
         'If-None-Match: "v1"');
    same("$kind, /careless", 'GET', '/careless', @as, 'If-None-Match: "v0"',
         'If-Match: "x"');

    # parts from an upstream; a browser that shows a page asks for all of it
    # where the name does not tell that it is none

    for my $uri ('/file.css', '/file.pdf', '/api', '/cache/api') {
        next if $uri eq '/api' && $kind =~ /document|old/;

        same("$kind, $uri, range", 'GET', $uri, @as, 'Range: bytes=3-12');
        same("$kind, $uri, If-Range", 'GET', $uri, @as, 'Range: bytes=3-12',
             'If-Range: "v1"');
        same("$kind, $uri, If-Range other", 'GET', $uri, @as,
             'Range: bytes=3-12', 'If-Range: "x"');
        same("$kind, $uri, If-Match", 'GET', $uri, @as, 'If-Match: "v1"');
        same("$kind, $uri, If-Match other", 'GET', $uri, @as,
             'If-Match: "x"');
        same("$kind, $uri, both kinds", 'GET', $uri, @as, 'If-Match: "x"',
             'If-None-Match: "v1"');
    }
}


# conditions about what cannot be a page reach the upstream as they are

$t->forget_requests;
$t->get('/on/file.css', @{ $as{plain} }, 'If-None-Match: "v1" ,"v0"',
        "If-Modified-Since: $date");

is($t->last_request->header('If-None-Match'), '"v1" ,"v0"',
   'If-None-Match of a style sheet');
is($t->last_request->header('If-Modified-Since'), $date,
   'If-Modified-Since of a style sheet');


# changes

for my $method ('PUT', 'POST', 'PATCH', 'DELETE') {
    for my $condition ('If-Match: "v1"', 'If-Match: W/"v1"', 'If-Match: *',
                       'If-Match: "x", "v1"', 'If-None-Match: *',
                       'If-None-Match: "v1"',
                       "If-Unmodified-Since: $date",
                       "If-Modified-Since: $date", 'Range: bytes=0-1')
    {
        $t->forget_requests;
        $t->request($method, '/on/api', 'Accept: text/html',
                    'Content-Length: 0', $condition);

        my ($name, $value) = split /: /, $condition, 2;

        is($t->last_request->header($name), $value, "$method, $condition");
    }
}

done_testing();
