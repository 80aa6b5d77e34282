#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What docs/directives.md says of each directive is so: the contexts where it
# may stand, and no others; and that its default, written down, changes
# nothing, while another value does.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;


# [names, default, contexts] of each section

sub documented {
    open my $fh, '<', Test::Consent::repo() . '/docs/directives.md'
        or die "docs/directives.md: $!\n";

    my $text = do { local $/; <$fh> };
    my @found;

    while ($text =~ /^\ {4}Syntax:\ +(.*(?:\n\ {10,}.*)*)\n
                     (?:\ {4}Default:\ +(.*)\n)?
                     \ {4}Context:\ +(.*)\n/mgx)
    {
        my ($syntax, $default, $contexts) = ($1, $2 // '', $3);
        my @lines = split /[;}]\s*/, $syntax;
        my %names = map { /^(\w+)/ ? ($1 => 1) : () } @lines;

        push @found, [ [ sort keys %names ], $default,
                       [ split /, /, $contexts ], $syntax =~ /\{/ ];
    }

    return @found;
}

my @documented = documented();
my %default = map { $_->[1] =~ /^(\w+) .*;$/ ? ($1 => $_->[1]) : () }
                  @documented;

cmp_ok(scalar @documented, '>', 45, 'there are directives');


# where they may stand; no argument at all is wrong in another way

my %context = (
    http => '%s',
    server => 'server { %s }',
    location => 'server { location / { %s } }',
    if => 'server { location / { if ($arg_x) { %s } } }',
    consent_category => 'consent_category one { %s }',
    consent_dialect => 'consent_dialect one { %s }',
    consent_source => 'consent_source one { %s }',
);

my %allowed;

for (@documented) {
    my ($names, undef, $contexts, $block) = @$_;

    for my $name (@$names) {
        for my $context (@$contexts) {
            ok($context{$context}, "$name: $context is a context");
            $allowed{$name}{$context} = 1;
        }

        $allowed{$name}{block} = $block;
    }
}

# "include" is also one of nginx, and works in all blocks of the module

delete $allowed{include};

# and "deny" is one of nginx, where the module's is not

for my $name (sort keys %allowed) {
    for my $context (sort keys %context) {
        next if $name eq 'deny' && $context =~ /^(?:http|server|location)$/;

        my $line = $name . ($allowed{$name}{block} ? ' { }' : ';');
        my (undef, $output) = $t->test_http_config(
            sprintf "$context{$context}\n", $line);
        my $refused = $output =~ /"\Q$name\E" directive is not allowed here/
                      ? 1 : 0;

        is($refused, $allowed{$name}{$context} ? 0 : 1,
           "$name in $context") or diag($output);
    }
}


# the table of the module has no directive that is not documented

my $module = do {
    open my $fh, '<', Test::Consent::repo()
                      . '/ngx_consent_module/ngx_http_consent_module.c'
        or die "the table of directives: $!\n";
    local $/;
    <$fh>;
};
my ($commands) = $module =~ /^static ngx_command_t .*?\{\n(.*)null_command/ms;
my %table = map { $_ => 1 } $commands =~ /\{ ngx_string\("(\w+)"\)/g;

delete $table{include};
is_deeply([ sort keys %table ], [ sort keys %allowed ],
          'all directives are documented');


# Defaults: three locations that differ in one directive, which is left out,
# written as documented, and another one.

my %rows = (
    consent => { bare => 1, other => 'consent enforce;' },
    consent_request_cookies => { other => 'consent_request_cookies pass;' },
    consent_expire => { other => 'consent_expire off;' },
    consent_block => { other => 'consent_block remove;' },
    consent_inline => { other => 'consent_inline off;' },
    consent_csp => { other => 'consent_csp off;' },
    consent_uninspectable => { other => 'consent_uninspectable pass;',
                               ask => [ 'utf16' ] },
    consent_cache => { other => 'consent_cache off;' },
    consent_types => { other => 'consent_types text/plain;',
                       ask => [ 'page', 'xhtml', 'text' ] },
    consent_buffer => { more => 'consent_block remove;',
                        other => 'consent_buffer 1k;' },
    consent_markup => { other => 'consent_markup mine;' },
    consent_unclassified => {
        other => 'consent_unclassified cookie=performance '
                 . 'third_party=performance;' },
    consent_use => { other => 'consent_use explicit;' },
    consent_implied => { more => 'consent_use implied;',
                         other => 'consent_implied accept;' },
    consent_default => { other => 'consent_default performance;' },
    consent_signal => { more => 'consent_default performance;',
                        other => 'consent_signal gpc deny=performance;' },
    consent_banner => { other => 'consent_banner on;' },
    consent_language => { more => 'consent_banner on;',
                          other => 'consent_language de;' },
    consent_cookie => { endpoint => 1, other => 'consent_cookie choice;' },
);

my @variants = qw(one two ten);

sub variant {
    my ($name, $variant) = @_;

    return { one => '', two => $default{$name} // '',
             ten => $rows{$name}{other} }->{$variant};
}

my $locations = '';

for my $name (sort keys %rows) {
    my $row = $rows{$name};

    for my $variant (@variants) {
        $locations .= "location /$name/$variant/ { "
                      . ($row->{bare} ? '' : 'consent enforce; ')
                      . ($row->{more} // '') . ' '
                      . variant($name, $variant)
                      . ($row->{endpoint} ? ' consent_endpoint;'
                         : ' proxy_pass http://%%UPSTREAM%%/;') . " }\n";
    }
}


my $long = 'a' x 3000;
my $page = <<"HTML";
<!DOCTYPE html><html><head><title>Page</title></head><body>
<script src="https://x.stats.example/a.js" data-long="$long"></script>
<script src="https://x.stats.example/b.js"></script>
<script>load("https://x.stats.example/c.js")</script>
<img src="https://stranger.example/d.png"/>
</body></html>
HTML

my %type = (page => 'text/html', xhtml => 'application/xhtml+xml',
            text => 'text/plain', utf16 => 'text/html; charset=utf-16');

$t->upstream(sub {
    my ($request) = @_;

    return {
        headers => [
            "Content-Type: $type{ substr $request->uri, 1 }",
            'Set-Cookie: _ga=1', 'Set-Cookie: stranger=1',
            "Content-Security-Policy: script-src 'self' x.stats.example",
            'X-Cookies: ' . ($request->header('Cookie') // 'none'),
        ],
        body => $page,
    };
});

# "always", "on_deny" and "only_named" have blocks around them

$t->http_config(<<"CONF")->run;
    consent_category performance { cookie _ga; resource .stats.example; }

    consent_category always_one { cookie aone; }
    consent_category always_two { cookie atwo; $default{always} }
    consent_category always_ten { cookie aten; always on; }
    consent_category deny_one { cookie done; }
    consent_category deny_two { cookie dtwo; $default{on_deny} }
    consent_category deny_ten { cookie dten; on_deny session; }

    consent_dialect mine { script type=text/plain data-w=%c; }
    consent_dialect named_one { script type=text/plain data-w=%c; }
    consent_dialect named_two { script type=text/plain data-w=%c;
                                $default{only_named} }
    consent_dialect named_ten { script type=text/plain data-w=%c;
                                only_named on; }

    consent_source explicit { cookie explicit; parse cookies;
                              grant performance explicit; }
    consent_source implied { cookie implied; parse cookies; decided none;
                             implied implied; grant performance implied; }
    consent_text de { banner_title "Cookies hier"; }

    server {
        listen 127.0.0.1:%%PORT%%;

        # the first one is where banners lead to

        location /.consent/ { consent_endpoint; }

        $locations

        location /policy { return 200 "consent_policy \$consent_policy;"; }
        location /always {
            return 200 "\$consent_allowed_always_one
\$consent_allowed_always_two \$consent_allowed_always_ten";
        }
        location /on_deny {
            consent enforce;
            add_header Set-Cookie "done=1; Max-Age=9";
            add_header Set-Cookie "dtwo=1; Max-Age=9";
            add_header Set-Cookie "dten=1; Max-Age=9";
            return 200;
        }
        location /only_named/one/ { consent enforce; consent_markup named_one;
                                    proxy_pass http://%%UPSTREAM%%/; }
        location /only_named/two/ { consent enforce; consent_markup named_two;
                                    proxy_pass http://%%UPSTREAM%%/; }
        location /only_named/ten/ { consent enforce; consent_markup named_ten;
                                    proxy_pass http://%%UPSTREAM%%/; }
    }
CONF


# without what differs anyway: the name of the location, times, random bytes

sub shown {
    my ($uri, $variant, $method) = @_;

    my @browser = ('Host: www.site.example', 'Sec-GPC: 1', 'Accept: text/html',
                   'Cookie: _ga=1; stranger=1; explicit=1; implied=1');
    my $body = 'choice=all';
    my $response = $method eq 'GET'
        ? $t->get($uri, @browser, 'Sec-Fetch-Dest: document',
                  'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Site: none')
        : $t->http(join "\r\n", "POST $uri HTTP/1.1", @browser,
                   'Content-Type: application/x-www-form-urlencoded',
                   'Origin: http://www.site.example',
                   'Sec-Fetch-Site: same-origin', 'Connection: close',
                   'Content-Length: ' . length $body, '', $body);
    my $shown = $response->head . $response->body;

    # lines that delete cookies come in changing order

    my %deleted;

    $deleted{$1} = 1 while $shown =~ s/^Set-Cookie: (\w+)=; Max-Age=0.*\n//m;
    $shown .= join ' ', 'deleted:', sort keys %deleted;

    $shown =~ s/\b1\.\d+\.1\.[\w-]{22}\b/VALUE/g;
    $shown =~ s/^(?:Date|ETag|Expires): .*\r\n//mgi;
    $shown =~ s/Expires=[^;\r]*//g;
    $shown =~ s/\/$variant\b/\/VARIANT/g;

    return $shown;
}


for my $name (sort keys %rows, 'only_named') {
    my $row = $rows{$name} // {};
    my $differs = 0;

    ok($default{$name}, "$name: a default is documented");

    for my $ask ($row->{endpoint} ? '' : @{ $row->{ask} // [ 'page' ] }) {
        my $method = $row->{endpoint} ? 'POST' : 'GET';
        my ($one, $two, $ten) = map { shown("/$name/$_/$ask", $_, $method) }
                                    @variants;

        ok($one eq $two, "$name: the default changes nothing ($ask)")
            or diag("$one\n---\n$two");
        $differs ||= $one ne $ten;
    }

    ok($differs, "$name: another value does");
}

is($t->get('/policy')->body, $default{consent_policy}, 'consent_policy');
is($t->get('/always')->body, "0\n0 1", 'always');

my @kept = $t->get('/on_deny')->headers('Set-Cookie');

is_deeply(\@kept, [ 'dten=1' ], 'on_deny');

# each directive with a default was looked at

is_deeply([ sort keys %default ],
          [ sort keys %rows, qw(consent_policy always on_deny only_named) ],
          'no default is left out');

done_testing();
