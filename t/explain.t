#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The command consent-explain: what it reads of configuration files, what it
# prints, and what it says about mistakes.  The presets are tested with it in
# t/sources.t.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

my $tool = abs_path(dirname(abs_path(__FILE__)) . '/../build/consent-explain');
my $dir = tempdir('consent-explain-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);


sub file {
    my ($name, $text) = @_;

    open my $fh, '>:raw', "$dir/$name" or die "$dir/$name: $!\n";
    print $fh $text;
    close $fh;

    return "$dir/$name";
}


sub ask {
    my (@arguments) = @_;

    open my $fh, '-|', "exec $tool " . join(' ', map { "'$_'" } @arguments)
                       . ' </dev/null 2>&1' or die "$tool: $!\n";

    my $output = do { local $/; <$fh> } // '';

    close $fh;

    return ($? >> 8, $output);
}

mkdir "$dir/$_" or die "$dir/$_: $!\n" for 'sites', 'consent';

file('consent/more.conf', "decided has(a);  # a remark; with { marks }\n");
file('consent/source.conf', <<'CONF');
consent_source one defaults {
    cookie     c;
    parse      json;
    include    more.conf;
    grant      performance "a=\"x y\"";
}
CONF

my $main = file('nginx.conf', <<'CONF');
events { worker_connections 16; }
http {
    include consent/source.conf;
    include sites/*.conf;

    consent_category necessary   { always on; cookie c; }
    consent_category performance { title 'A "title"; {'; }

    consent_source one { grant necessary a; }
    consent_source two { cookie d; parse list ","; grant performance x;
                         deny  performance y; }

    server {
        location / { consent_use own one two; }
    }
}
CONF

my ($exit, $output) = ask('--cookie', 'c={"a":"x y","b":{"c":null}}', $main);

is($exit, 0, 'a configuration');
is($output, <<'TEXT', 'what it is made of');
source one: an explicit decision
  cookie    c
  token     a = "x y", unknown
  token     b = "1", yes
  token     b.c = null
  decided   yes: has(a)
              has(a) is yes, the value is "x y"
  grant     necessary unknown: a
              a is unknown, the value is "x y"
  grant     performance yes: a="x y"
              a="x y" is yes, the value is "x y"
source two: no decision, no cookie
decided by one, explicitly: accepted are the "always" ones and performance
TEXT

is((ask('--brief', '--cookie', 'Cookie: c={a:1}; d=y,x', $main))[1],
   "explicit necessary denied performance\n", 'one line, a denial');
is((ask('--brief', '--use', 'two', '--cookie', 'd=x', $main))[1],
   "explicit performance\n", 'another choice of sources');
is((ask('--brief', '--cookie', 'c=[', $main))[1],
   "none - (malformed)\n", 'no decision');
like((ask('--cookie', "d=\x1b[31m", $main))[1],
     qr/token     \\x1b\[31m = "1"/, 'control characters are shown');

my $implied = file('implied.conf', <<'CONF');
consent_source s { cookie c; parse kv & =; decided x; implied y;
                   grant targeting t; }
CONF

like((ask('--cookie', 'c=y=1&t=1', $implied))[1],
     qr/implied by s, which counts as no decision.*would be targeting/,
     'an implied decision');
like((ask('--implied', '--cookie', 'c=y=1&t=1', $implied))[1],
     qr/decided by s, implied: accepted are the "always" ones and targeting/,
     'which counts');


# mistakes

for my $case (
    [ "consent_source s {\n  cookie c;\n  parse xml;\n}",
      qr/wrong\.conf:3: invalid "xml" in "parse"/ ],
    [ "consent_source s { cookie c; parse json;\n grant nobody x; }",
      qr/wrong\.conf:2: source "s": unknown category "nobody"/ ],
    [ "consent_source s { cookie c; decided 'a b'; }",
      qr/wrong\.conf:1: invalid expression "a b".*at character 3/ ],
    [ 'consent_source s { cookie c;', qr/expected "}"/ ],
    [ 'consent_source s { cookie "c; }', qr/a quote is not closed/ ],
    [ 'http { } }', qr/unexpected "}"/ ],
    [ 'http { }', qr/there is no consent_source in these files/ ],
    [ 'consent_source s { cookie c; parse json; } consent_use t;',
      qr/there is no source "t" in these files/ ],
    [ 'include wrong.conf;', qr/too many includes in one another/ ],
) {
    my ($text, $message) = @$case;

    ($exit, $output) = ask('--cookie', '', file('wrong.conf', $text));

    is($exit, 2, "wrong: $text");
    like($output, $message, 'which it says');
}

like((ask("$dir/nothing.conf"))[1], qr/cannot read ".*nothing\.conf"/,
     'no such file');
is((ask())[0], 2, 'no file');
like((ask('--help'))[1], qr/^usage: consent-explain/, 'help');

done_testing();
