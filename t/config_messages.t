#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# What nginx -t says of a wrong line: the directive, the value and what to
# write instead, with file and line, for every directive that there is.  How
# often a directive takes what is compared with the documentation.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $policy = 'consent_category performance { cookie _ga; }';


sub text {
    my ($name) = @_;

    open my $fh, '<', Test::Consent::repo() . "/$name" or die "$name: $!\n";

    return do { local $/; <$fh> };
}


# what the table of directives says: [name, where it may be, a block]

my $module = text('ngx_consent_module/ngx_http_consent_module.c');
my @directives;

while ($module =~ /\{ ngx_string\("(\w+)"\),\s*((?:NGX_\w+\s*\|?\s*)+),/g) {
    my ($name, $flags) = ($1, $2);

    push @directives, map { [ $name, $_, $flags =~ /CONF_BLOCK/ ] }
        $flags =~ /HTTP_CONSENT_(CATEGORY|DIALECT|SOURCE)_CONF/g ? $1
        : $flags =~ /MAIN_CONF|ANY_LEVEL/ ? 'http' : 'location';
}

cmp_ok(scalar @directives, '>', 50, 'there is a table of directives');


# how they are written, by name

my %syntax;

for (map { split /;/ } text('docs/directives.md')
     =~ /^    Syntax: +(.*(?:\n {14,}.*)*)/mg)
{
    push @{ $syntax{$1} }, $_ if /(\w+)/;
}


# without what is punctuation in one of the two

sub words {
    return join ' ', $_[0] =~ /[\w-]+/g;
}

my %where = (
    http => '%s', location => 'server { location / { %s } }',
    CATEGORY => 'consent_category one { %s }',
    DIALECT => 'consent_dialect one { %s }',
    SOURCE => 'consent_source one { %s }',
);


sub emerg {
    my ($place, $line) = @_;

    my ($exit, $output) = $t->test_http_config(
        "$policy\n" . sprintf $where{$place}, "\n$line # HERE\n");
    my @lines = $t->lines('test.conf');
    my ($n) = grep { $lines[$_] =~ /# HERE/ } 0 .. $#lines;
    my ($emerg) = $output =~ /\[emerg\] (.*)/;

    return ($exit ? $emerg // '' : 'accepted', $n + 1);
}


# too few, too many: the whole of it is said

for my $directive (@directives) {
    my ($name, $place, $block) = @$directive;

    next if $place eq 'SOURCE';

    my $end = $block ? ' { }' : ';';
    my $counts = 0;

    for my $arguments ('', ' a b c d e f g h') {
        my ($emerg, $line) = emerg($place, "$name$arguments$end");

        next if $emerg !~ /number of arguments/;

        $counts++;
        like($emerg, qr/in "\Q$name\E", write "\Q$name\E.*[;}]" in .*:$line$/,
             "$name$arguments: what to write");

        my ($usage) = $emerg =~ /write "(.*)" in /;

        next if $name eq 'consent_signal';      # has forms of its own

        ok((grep { words($_) eq words($usage) } @{ $syntax{$name} // [] }),
           "$name: as it is documented")
            or diag("$usage\n", @{ $syntax{$name} // [] });
    }

    ok($counts, "$name: arguments are counted");
}


# values: the directive and the value are named, and the remedy is

my %wrong = (
    consent_policy => [ 'x', 'whole number' ],
    consent_category => [ '"a b" { }', '1 to 32 letters' ],
    always => [ 'x', '"on" or "off"' ],
    on_deny => [ 'x', '"drop" or "session"' ],
    max_age => [ 'x', 'such as "395d"' ],
    declare => [ 'a x=1', '"purpose="' ],
    consent_first_party => [ '$host', 'without scheme' ],
    consent_zone => [ 'x', 'such as "zone=' ],
    consent_unclassified => [ 'x', '"cookie="' ],
    consent => [ 'x', '"report"' ],
    consent_use => [ 'x', 'consent_source' ],
    consent_source => [ '"a b" { }', '1 to 32 letters' ],
    consent_implied => [ 'x', '"deny" or "accept"' ],
    consent_default => [ 'x', 'consent_category' ],
    consent_signal => [ 'x', '"gpc deny=' ],
    consent_cookie => [ 'c x=1', '"path="' ],
    consent_key => [ 'x', 'openssl rand' ],
    consent_request_cookies => [ 'x', '"strip" or "pass"' ],
    consent_expire => [ 'x', '"on" or "off"' ],
    consent_block => [ 'x', '"mark" or "remove"' ],
    consent_csp => [ 'x', '"narrow" or "off"' ],
    consent_inline => [ 'x', '"on" or "off"' ],
    consent_uninspectable => [ 'x', '"block" or "pass"' ],
    consent_cache => [ 'x', '"private" or "vary" or "off"' ],
    consent_buffer => [ 'x', 'from 1k to 1m' ],
    consent_banner => [ 'x', '"on" or "off"' ],
    consent_template => [ 'x y', '"page"' ],
    consent_text => [ '"a b" { }', 'such as "de"' ],
    consent_dialect => [ '"a b" { }', '1 to 32 letters' ],
    consent_markup => [ 'x', 'consent_dialect' ],
    only_named => [ 'x', '"on" or "off"' ],
);

for my $name (sort keys %wrong) {
    my ($value, $remedy) = @{ $wrong{$name} };
    my ($place, $block) = map { @$_[1, 2] } grep { $_->[0] eq $name }
                                                 @directives;
    my ($emerg, $line) = emerg($place, "$name $value" . ($block ? '' : ';'));
    my ($last) = $value =~ /^"(.*?)"|(\S+)$/ ? $1 // $2 : '';

    like($emerg, qr/"\Q$name\E"/, "$name $value: the directive");
    like($emerg, qr/\Q$last\E/, "$name $value: the value")
        if $name !~ /signal|template/;
    like($emerg, qr/\Q$remedy\E/, "$name $value: the remedy");
    like($emerg, qr/:$line$/, "$name $value: the line");
}


# more of it, and what has no name of a directive of its own

for my $case (
    [ 'consent_first_party ".a b";', '"consent_first_party"' ],
    [ 'consent_cookie $arg_x;', '"consent_cookie" takes no variable' ],
    [ 'consent_cookie c path=x;', '"x" in "consent_cookie".*begin with' ],
    [ 'consent_cookie c path=/ path=/;', '"consent_cookie".*duplicate' ],
    [ 'consent_unclassified cookie=pass cookie=pass;',
      '"consent_unclassified".*duplicate' ],
    [ 'consent_source one { }', 'source "one": it names no cookie' ],
    [ 'consent_source one { cookie c; }', 'source "one": it does not say' ],
) {
    my ($emerg, $line) = emerg('http', $case->[0]);

    like($emerg, qr/$case->[1]/, "$case->[0]: the message");
    like($emerg, qr/:$line$/, "$case->[0]: the line");
}

done_testing();
