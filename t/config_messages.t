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

$t->write_file('empty.html', " \n");
mkdir $t->dir . '/dir';

for my $case (
    [ 'consent_first_party ".a b";', '"consent_first_party"' ],
    [ 'consent_cookie $arg_x;', '"consent_cookie" takes no variable' ],
    [ 'consent_cookie c path=x;', '"x" in "consent_cookie".*begin with' ],
    [ 'consent_cookie c path=/ path=/;', '"consent_cookie".*duplicate' ],
    [ 'consent_unclassified cookie=pass cookie=pass;',
      '"consent_unclassified".*duplicate' ],
    [ 'consent_source one { }', 'source "one": it names no cookie' ],
    [ 'consent_source one { cookie c; }', 'source "one": it does not say' ],
    [ 'consent_source one { cookie c; parse json; shape ""; }',
      '"" in "shape": the regular expression is empty' ],

    (map { [ "consent_types $_;", 'type "[^"]*" in "consent_types", write a '
             . 'MIME type such as "text/html", without parameters, or "\*"' ] }
     '""', 'html', 'text/', '/html', '"text/html; charset=utf-8"',
     '"text/ html"', 'text/*', '$host', 'a/b/c', 'text/html html',
     'a' x 128 . '/html', 'text/' . 'a' x 128),

    (map { [ "consent_language $_;", 'language "[^"]*" in "consent_language", '
             . 'write a tag such as "de" or "pt-BR", or a variable' ] }
     '""', '-', 'de-', 'd', 'q-de', '"de fr"', 'de_DE', 'zzzzzzzzz', '12',
     'de--AT', 'de-zzzzzzzzz'),
    [ 'consent_language fr;', 'no texts for the language "fr" in '
      . '"consent_language", but for: en; include "languages.conf" at' ],
    [ 'consent_text de { } consent_language fr-CA;',
      'the language "fr-CA" in.*but for: en, de; include' ],
    [ 'consent_language enx;', 'no texts for the language "enx"' ],
    [ 'consent_text zzzzzzzzz { }', 'language "zzzzzzzzz" in "consent_text", '
      . 'write a tag' ],
    [ 'consent_text de { lang de_DE; }', 'value "de_DE" of text "lang", write '
      . 'a tag such as' ],
    [ 'consent_text de { dir left; }', 'value "left" of text "dir", it must '
      . 'be "ltr" or "rtl"' ],

    (map { [ $_, '"" in "\w+", it is empty: write what visitors are to read' ] }
     'consent_category one { title ""; }', 'consent_category one { about ""; }',
     'consent_text de { accept_all ""; }',
     'consent_text de { title performance ""; }'),
    [ 'consent_category one { title " "; }', '" " in "title", it is empty' ],
    (map { [ $_, 'text "[^"]*" in "\w+", it takes no variables' ] }
     'consent_category one { title "Of $host"; }',
     'consent_category one { about "${host}"; }',
     'consent_text de { intro "Of $host"; }',
     'consent_text de { about performance $host; }'),

    (map { [ "consent_category one { max_age $_; }",
             qq{"$_" in "max_age", it must be a time from 1s to 50y} ] }
     '51y', '99999999999999d'),
    (map { [ "consent_cookie c max_age=$_;",
             qq{"max_age=$_" in "consent_cookie" must be a time from 1s to 50y} ] }
     '51y', '99999999999999d'),
    [ 'consent_cookie ' . 'a' x 129 . ';',
      'of a cookie in "consent_cookie", use 1 to 128 letters' ],

    [ 'consent_category one { inline " "; }',
      '"inline": pattern " " has nothing but spaces, write' ],
    [ 'consent_category one { resource $host; }', '"resource": pattern '
      . '"\$host" has a variable, write the host itself' ],
    [ 'consent_category one { resource www.$host/a; }', 'has a variable' ],

    [ 'consent_category one { declare "" purpose=x; }',
      '"" in "declare", it is empty: write a pattern' ],
    [ 'consent_category one { declare a purpose="x"; }', 'parameter '
      . '"purpose="x"" in "declare".*quotes stand around the whole' ],
    [ 'consent_category one { declare a purpose="x y"; }', 'parameter '
      . '"purpose="x" in "declare".*quotes stand around the whole' ],
    [ 'consent_category one { declare a purpose=x; declare a purpose=y; }',
      '"declare" of "a" is given in .*:\d+ already: remove one' ],

    [ 'consent_template page none.html;', 'file ".*/none.html" of '
      . '"consent_template" failed; begin with a copy of' ],
    [ 'consent_template page empty.html;', 'file ".*/empty.html" of '
      . '"consent_template" is empty; begin with a copy of' ],
    [ 'consent_template page dir;', 'file ".*/dir" of "consent_template" is '
      . 'not a regular file; begin with' ],
    [ 'server { location / { consent_status catalogue=none; } }',
      'file ".*/none" of "consent_status" failed; name a file with '
      . 'consent_category blocks, such as' ],
    [ 'server { location / { consent_status catalogue=dir; } }',
      'file ".*/dir" of "consent_status" is not a regular file; name a file' ],
) {
    my ($emerg, $line) = emerg('http', $case->[0]);

    like($emerg, qr/$case->[1]/, "$case->[0]: the message");
    like($emerg, qr/:$line$/, "$case->[0]: the line");
}


# what looks alike and is right

for my $line (
    'consent_types * ;', 'consent_types text/html image/svg+xml;',
    'consent_types application/vnd.example.page-1;',
    'consent_language en;', 'consent_language EN-gb;',
    'consent_language $arg_l; consent_text de { }',
    'consent_language de-AT; consent_text de { }',
    'consent_text x-own { } consent_language x-own;',
    'consent_text zh-Hant-TW { } consent_text sl-rozaj-biske-1994 { }',
    'consent_text de { lang de-CH; dir rtl; intro "5 $ a day, $5"; }',
    'consent_category one { title "A$"; resource /$a; cookie $a; max_age 50y; }',
    'consent_category one { inline "$(\'#a\')" "a b"; }',
    'consent_category one { declare a purpose=x; declare b purpose=x; }'
        . 'consent_category two { declare a purpose=x; }',
    'consent_cookie ' . 'a' x 128 . ' max_age=50y;',
) {
    my ($emerg) = emerg('http', $line);

    is($emerg, 'accepted', "right: $line");
}

done_testing();
