#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# Configurations that are accepted, and mistakes: each one stops nginx -t
# with the file, the line and what to write instead.

use strict;
use warnings;

use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $policy = <<'CONF';
    consent_category necessary { always on; cookie sid; }
    consent_category performance { cookie _ga; resource .stats.example; }
CONF


sub key_file {
    my ($name, $text, $mode) = @_;

    $t->write_file($name, $text);
    chmod $mode, $t->dir . "/$name";
}

key_file('good.key', 'a' x 32 . "\n", 0600);
key_file('old.key', 'b' x 32, 0400);
key_file('group.key', 'c' x 32, 0640);
key_file('world.key', 'd' x 32, 0644);
key_file('short.key', 'e' x 8, 0600);
key_file('empty.key', '', 0600);
key_file('long.key', 'f' x 5000, 0600);
mkdir $t->dir . '/dir.key';


# accepted

sub good {
    my ($name, $text) = @_;

    my ($exit, $output) = $t->test_http_config($text);

    is($exit, 0, "good: $name") or diag($output);
    unlike($output, qr/\[emerg\]/, "good: $name: no emerg");

    return $output;
}

good('nothing at all', '');
good('a policy', $policy);

good('everything in one place', <<'CONF');
    consent_policy        3;
    consent_first_party   .examplecdn.net static.example.net;
    consent_unclassified  cookie=performance third_party=pass;
    consent               enforce;
    consent_use           own;
    consent_default       performance functional;
    consent_cookie        choice path=/ max_age=90d samesite=strict
                          domain=example.org httponly;
    consent_key           good.key old.key;
    consent_request_cookies  strip;
    consent_block         remove;
    consent_inline        off;
    consent_types         text/html text/vnd.example;
    consent_buffer        32k;
    consent_uninspectable pass;

    consent_category necessary {
        always  on;
        title   "Strictly necessary";
        about   "Needed; \"really\".";
        cookie  PHPSESSID JSESSIONID ~^csrf;
    }

    consent_category performance {
        title     "Performance";
        cookie    _ga _ga_* *_stat ~^_hj ~*^UTM;
        resource  .google-analytics.com www.googletagmanager.com/gtag/
                  /assets/ga.js ~^https://stats\. host.example:8443/x;
        inline    "gtag('config'" ~hj\(\s*'init;
        on_deny   session;
        max_age   395d;
    }

    consent_category functional { on_deny drop; }

    server {
        listen               127.0.0.1:%%PORT%%;
        consent_first_party  other.example;
        consent_unclassified third_party=functional;

        location / {
            consent              $arg_mode;
            consent_default      $arg_default;
            consent_unclassified cookie=pass;
        }
    }
CONF

good('blocks of one name merge', <<'CONF');
    consent_category performance { cookie _ga; title "Performance"; }
    consent_category performance { cookie _gid; about "Counts."; }
    consent_category performance { cookie _ga; }
CONF

good('a rule overrides a default', <<'CONF');
    consent_category performance defaults { cookie _ga; resource .a.example; }
    consent_category marketing { cookie _ga; resource .a.example; }
CONF

good('names before their category', <<'CONF');
    consent_default       performance;
    consent_unclassified  cookie=performance;
    consent_category performance { }
CONF

good('as many categories as there may be',
     join '', map { "consent_category c$_ { }\n" } 1 .. 64);

$t->write_file('rules.conf', "cookie _ga;\nresource .stats.example;\n");
$t->write_file('one/a.conf', "cookie _a;\n");
$t->write_file('one/b.conf', "cookie _b;\n");

good('include in a block', <<'CONF');
    consent_category performance {
        include  rules.conf;
        include  one/*.conf;
    }
CONF

# a file includes what is beside it, wherever it is

$t->write_file('away/outer.conf',
               "consent_category one { include inner.conf;\n"
               . "include part/*.conf; include rules.conf; }\n");
$t->write_file('away/inner.conf', "cookie _inner;\n");
$t->write_file('away/part/a.conf', "cookie _part;\n");

good('include of what is beside a file', 'include away/outer.conf;');

$t->write_file('away/wrong.conf', "consent_category one { include bad.conf; }");
$t->write_file('away/bad.conf', "cookie ~(;\n");
$t->write_file('bad.conf', "cookie _fine;\n");

$t->write_file('away/none.conf', "consent_category one { include no.conf; }");

good('keys of owner and group', <<"CONF");
    $policy
    consent_key  group.key;
CONF

my $server = 'server { listen 127.0.0.1:%%PORT%%; consent enforce; }';

like(good('no key', "$policy $server"),
     qr/\[warn\].*consent_key/s, 'no key: a warning');
like(good('no category', $server),
     qr/\[warn\].*consent_category/s, 'no category: a warning');
unlike(good('key and category', "$policy $server consent_key good.key;"),
       qr/\[warn\]/, 'key and category: no warning');


# Mistakes: what is wrong is on the line with the mark, or in the file that is
# named; the message matches all of the regular expressions.

sub bad {
    my ($name, $text, @wanted) = @_;

    my ($exit, $output) = $t->test_http_config($text);

    isnt($exit, 0, "bad: $name");

    my @lines = $t->lines('test.conf');
    my ($line) = grep { $lines[$_] =~ /# HERE/ } 0 .. $#lines;
    my ($emerg) = $output =~ /^(.*\[emerg\].*)$/m;

    $emerg //= '';

    if (defined $line) {
        push @wanted, 'test\.conf:' . ($line + 1) . '\b';
    }

    my @missing = grep { $emerg !~ $_ } @wanted;

    is("@missing", '', "bad: $name: the message") or diag($output);
}

bad('unknown category in consent_default', <<"CONF", '"perf"');
    $policy
    consent_default  perf;  # HERE
CONF

bad('unknown category in consent_default of a location', <<"CONF", '"perf"');
    $policy
    server {
        listen  127.0.0.1:%%PORT%%;

        location /x {
            consent_default  performance perf;  # HERE
        }
    }
CONF

bad('unknown category in consent_unclassified', <<"CONF", '"perf"');
    $policy
    consent_unclassified  cookie=perf;  # HERE
CONF

bad('unknown category in a variable name', <<"CONF", 'perf');
    $policy
    server {
        listen  127.0.0.1:%%PORT%%;
        return  200  \$consent_allowed_perf;
    }
CONF

for my $rule ('cookie _ga', 'cookie _ga_*', 'cookie *_ga', 'cookie ~^_ga',
              'resource .a.example', 'resource a.example/x', 'resource /x.js',
              'resource ~^https://a', 'inline gtag', 'inline ~gtag')
{
    bad("the same pattern twice: $rule", <<"CONF",
    consent_category one { $rule; }
    consent_category two { $rule; }  # HERE
CONF
        '"one"', '"two"', 'test\.conf:15');
}

bad('the same host in another case', <<'CONF', '"one"');
    consent_category one { resource .A.example; }
    consent_category two { resource .a.EXAMPLE; }  # HERE
CONF

bad('the same pattern in two defaults', <<'CONF', '"one"');
    consent_category one defaults { cookie _ga; }
    consent_category two defaults { cookie _ga; }  # HERE
CONF

for my $rule ('cookie ~^(a', 'cookie ~*[', 'resource ~^https://(',
              'inline ~(?<x')
{
    bad("bad regex: $rule", <<"CONF", 'regular expression|regex');
    consent_category one { $rule; }  # HERE
CONF
}

for my $rule ('cookie ""', 'resource ""', 'inline ""', 'cookie ~',
              'cookie *', 'cookie a=b', 'cookie "a;b"', 'cookie a*b',
              'resource https://a.example/', 'resource "a b.example"',
              'resource .', 'resource a.example:99999')
{
    bad("malformed pattern: $rule", <<"CONF");
    consent_category one { $rule; }  # HERE
CONF
}

$t->write_file('broken.conf', "\ncookie ~(;\n");

bad('a mistake in an included file', <<'CONF', 'broken\.conf:2');
    consent_category one { include  broken.conf; }
CONF

bad('no such include', <<'CONF', 'missing\.conf');
    consent_category one {
        include  missing.conf;  # HERE
    }
CONF

bad('what is beside a file comes first', 'include away/wrong.conf;',
    'away/bad\.conf:1');

bad('no such include beside a file', 'include away/none.conf;', 'no\.conf');

bad('unknown directive in a block', <<'CONF', 'cookies');
    consent_category one {
        cookies  a;  # HERE
    }
CONF

bad('a directive of a block outside', <<'CONF', '"resource"');
    resource  a.example;  # HERE
CONF

bad('a directive of http in a block', <<'CONF', '"consent_default"');
    consent_category one {
        consent_default  none;  # HERE
    }
CONF

bad('a category in a server', <<'CONF', '"consent_category"');
    server {
        consent_category one { }  # HERE
    }
CONF

bad('a category without a name', 'consent_category { }  # HERE');
bad('a category with a bad name', 'consent_category a-b { }  # HERE');
bad('another word than defaults', 'consent_category a default { }  # HERE',
    'defaults');
bad('65 categories', join('', map { "consent_category c$_ { }\n" } 1 .. 64)
    . 'consent_category c65 { }  # HERE', '64');

bad('always: neither on nor off', <<'CONF', 'on', 'off');
    consent_category one {
        always  yes;  # HERE
    }
CONF

bad('always: on and off', <<'CONF', '"always"|always');
    consent_category one { always on; }
    consent_category one { always off; }  # HERE
CONF

bad('on_deny', <<'CONF', 'drop', 'session');
    consent_category one {
        on_deny  keep;  # HERE
    }
CONF

bad('max_age', <<'CONF', 'max_age');
    consent_category one {
        max_age  long;  # HERE
    }
CONF

bad('a title twice', <<'CONF', 'title');
    consent_category one { title A; }
    consent_category one { title B; }  # HERE
CONF

bad('cookie without a pattern', <<'CONF', 'number of arguments');
    consent_category one {
        cookie;  # HERE
    }
CONF

bad('consent_policy', 'consent_policy x;  # HERE', 'consent_policy');
bad('consent_policy: negative', 'consent_policy -1;  # HERE');
bad('consent_policy twice', <<'CONF', 'duplicate');
    consent_policy 1;
    consent_policy 2;  # HERE
CONF

bad('consent', 'consent on;  # HERE', 'report', 'enforce', 'off');
bad('consent twice', <<'CONF', 'duplicate');
    consent report;
    consent enforce;  # HERE
CONF

bad('consent_use', 'consent_use onetrust;  # HERE', 'onetrust', 'own');
bad('consent_default: none and more', <<"CONF", 'none');
    $policy
    consent_default  none performance;  # HERE
CONF

bad('consent_block', 'consent_block hide;  # HERE', 'mark', 'remove');
bad('consent_inline', 'consent_inline no;  # HERE', 'on', 'off');
bad('consent_request_cookies', 'consent_request_cookies no;  # HERE',
    'strip', 'pass');
bad('consent_uninspectable', 'consent_uninspectable no;  # HERE', 'block',
    'pass');
bad('consent_buffer', 'consent_buffer big;  # HERE', 'consent_buffer');
bad('consent_buffer: too small', 'consent_buffer 16;  # HERE', '1k');
bad('consent_unclassified', 'consent_unclassified pass;  # HERE', 'cookie=',
    'third_party=');
bad('consent_unclassified twice',
    'consent_unclassified cookie=pass cookie=pass;  # HERE', 'duplicate');
bad('consent_first_party: a URL',
    'consent_first_party https://a.example/;  # HERE', 'a\.example');

bad('consent_cookie: name', 'consent_cookie "a b";  # HERE', 'a b');
bad('consent_cookie: an attribute', 'consent_cookie c secure=maybe;  # HERE',
    'secure');
bad('consent_cookie: max_age', 'consent_cookie c max_age=x;  # HERE',
    'max_age');
bad('consent_cookie: samesite', 'consent_cookie c samesite=x;  # HERE',
    'samesite');
bad('consent_cookie: path', 'consent_cookie c path=x;  # HERE', 'path');
bad('consent_cookie: header injection',
    'consent_cookie c "path=/; domain=x";  # HERE', 'path');

for my $case ([ 'missing', 'missing' ], [ 'readable by all', 'world' ],
              [ 'too short', 'short' ], [ 'empty', 'empty' ],
              [ 'too long', 'long' ], [ 'a directory', 'dir' ])
{
    my ($name, $file) = @$case;

    bad("consent_key: $name", "consent_key good.key $file.key;  # HERE",
        "$file\\.key");
}

bad('consent_key: what to do', 'consent_key world.key;  # HERE', 'chmod');
bad('consent_key: the same twice', 'consent_key good.key good.key;  # HERE',
    'good\.key');

done_testing();
