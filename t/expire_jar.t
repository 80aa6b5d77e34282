#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# A visitor withdraws: the cookie jar of another implementation is filled with
# cookies of a refused and of an accepted category, at all places where a site
# can put them, and visits pages until no refused one is sent any more.  Then
# none of those must be left, and all accepted ones.

use strict;
use warnings;

use Test::More;
use Test::Consent;
use Test::Consent::Jar;

my $t = Test::Consent->new;

$t->http_config(<<'CONF')->run;
    consent_category performance { cookie _ga* __Host-_ga __Secure-_ga; }
    consent_category functional  { cookie lang* __Host-lang __Secure-lang; }

    server {
        listen        127.0.0.1:%%PORT%%;
        default_type  text/html;

        location / {
            consent  enforce;
            return   200  'a page';
        }
    }
CONF

my $consent = $t->consent_cookie(name => 'consent',
                                 categories => [ 'functional' ]);


# everything that the site at a URL can set, of one name, and gets back there

sub fill {
    my ($jar, $url, $name, @attributes) = @_;

    my ($scheme, $host, $path) = $url =~ m{^(\w+)://([^/:]+)(?::\d+)?(/.*)$};

    my @domains = ('', map { "; Domain=$_" } parents($host));
    my @paths = ('', map { "; Path=$_" } grep { !/;/ }
                     '/', $path, map { ("$_/", $_) } directories($path));

    for my $domain (@domains) {
        $jar->set($url, join '; ', "$name=1$domain$_", @attributes) for @paths;
    }
}


# the jar refuses what is above the registrable domain

sub parents {
    my ($host) = @_;

    return () if $host =~ /^[\d.]+$/;

    my @labels = split /\./, $host;

    return map { join '.', @labels[$_ .. $#labels] } 0 .. $#labels;
}


sub directories {
    my ($path) = @_;

    my @found;

    while ($path =~ m{/}g) {
        push @found, substr $path, 0, pos($path) - 1;
    }

    return grep { length } @found;
}


# one page view; the names of refused cookies that the browser sent

sub visit {
    my ($jar, $url, $context, @headers) = @_;

    my ($host, $path) = $url =~ m{^\w+://([^/]+)(/.*)$};
    my $cookies = $jar->cookies($url, $context);

    my $r = $t->get($path, "Host: $host", @headers,
                    $cookies eq '' ? () : "Cookie: $cookies");

    for my $line ($r->headers('Set-Cookie')) {
        $jar->set($url, $line, $context);
    }

    return ([ $cookies =~ /(?:^|; )((?:__\w+-)?_ga\w*)=/g ], $r);
}


sub left {
    my ($jar, $pattern) = @_;

    return map { "$_->{name} $_->{domain}$_->{path}" }
           grep { $_->{name} =~ $pattern } $jar->all;
}


my @cases = (
    [ 'the domain itself', 'http://example.com/' ],
    [ 'a subdomain', 'http://www.shop.example.co.uk/' ],
    [ 'directories', 'http://www.example.com/a/b/c.html' ],
    [ 'a directory', 'http://www.example.com/a/b/' ],
    [ 'odd slashes', 'http://www.example.com//a//b' ],
    [ 'escapes', 'http://www.example.com/%C3%A4%20b/%2F;v=1/x' ],
    [ 'a port', 'http://www.example.com:8080/a' ],
    [ 'a single label', 'http://localhost/a/b' ],
    [ 'IPv4', 'http://127.0.0.1/a/b' ],
    [ 'a private suffix', 'http://user.github.io/a' ],
    [ 'another alphabet', 'http://www.xn--bcher-kva.example/a' ],
    [ 'https', 'https://www.example.com/a/b',
      [ 'Sec-Fetch-Site: none', 'Sec-Fetch-Dest: document' ] ],
    [ 'https, from another site', 'https://www.example.com/a/b',
      [ 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Dest: document' ], 'lax' ],
    [ 'https, in a frame of another site', 'https://www.example.com/a',
      [ 'Sec-Fetch-Site: cross-site', 'Sec-Fetch-Dest: iframe' ], 'none' ],
);

for my $case (@cases) {
    my ($name, $url, $headers, $context) = @$case;

    my $jar = Test::Consent::Jar->new;
    my $https = $url =~ /^https/;

    # what other sites may see of it, and a frame in them sends

    my @attributes = ($context // '') eq 'none' ? ('SameSite=None', 'Secure')
                                                : ('Max-Age=9999');

    fill($jar, $url, '_ga', @attributes);
    fill($jar, $url, '_gax', @attributes, 'HttpOnly');
    fill($jar, $url, 'lang', @attributes);

    if ($https) {
        for my $category ('_ga', 'lang') {
            $jar->set($url, "$_=1; Secure; Path=/; SameSite=None")
                for "__Host-$category", "__Secure-$category";
        }

        $jar->set($url, '__Secure-_ga=1; Secure; Domain=example.com; Path=/a;'
                        . ' SameSite=None');
    }

    $jar->set($url, "$consent; Path=/; Secure; SameSite=None") if $https;
    $jar->set($url, "$consent; Path=/") if !$https;

    my $accepted = left($jar, qr/lang/);

    cmp_ok(scalar(left($jar, qr/_ga/)), '>', $accepted,
           "$name: refused cookies in the jar");

    my ($views, $sent) = (0);

    do {
        ($sent) = visit($jar, $url, $context, @{ $headers // [] });
        $views++;
    } while (@$sent && $views < 200);

    is_deeply([ left($jar, qr/_ga/) ], [],
              "$name: none is left after $views views");
    is(scalar(left($jar, qr/lang/)), $accepted,
       "$name: all accepted ones are");
    is(scalar(left($jar, qr/^consent$/)), 1, "$name: and the decision");
}


# a visitor who goes through the site with many cookies

my $jar = Test::Consent::Jar->new;
my @pages = map { "http://www.example.com$_" } '/', '/shop/', '/shop/list/1',
                                              '/blog/2024/05/title';

for my $n (1 .. 12) {
    fill($jar, $pages[$n % 4], $_) for "_ga$n", "lang$n";
}

$jar->set($pages[0], "$consent; Path=/");

my $accepted = left($jar, qr/^lang/);
my ($views, $clean) = (0, 0);

cmp_ok(scalar(left($jar, qr/^_ga/)), '>', 100,
       'many cookies on several pages');

while ($clean < @pages && $views < 1000) {
    my ($sent, $r) = visit($jar, $pages[$views++ % @pages]);

    $clean = @$sent ? 0 : $clean + 1;

    fail('the header of a page is too long') if length $r->head > 4096;
}

is_deeply([ left($jar, qr/^_ga/) ], [], "none is left after $views views");
is(scalar(left($jar, qr/^lang/)), $accepted, 'all accepted ones are');

done_testing();
