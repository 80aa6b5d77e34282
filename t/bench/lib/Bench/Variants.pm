package Bench::Variants;

# Copyright (C) ngx_consent_module authors
#
# What is compared with what, and what must be reached.

use strict;
use warnings;

use Bench::Rules;

use constant RULES => 10_000;


sub replace {
    my ($n) = @_;

    return 'sub_filter_once off;',
           map { "sub_filter '//$_/' '//blocked.invalid/';" }
               Bench::Rules::hosts($n);
}


# A variant is plain proxy_pass and
#
#   title    what the table calls it
#   server   lines of configuration
#   rules    the module with so many rules; 0: with those for cookies only
#   zone     it counts and keeps its inventory in a zone
#   accept   the visitor has accepted everything, otherwise nothing
#   other    with the other build of the module
#
# and the check demands of its responses
#
#   body     "same" as the origin's (if not given), "marked" by the module,
#            "replaced" by sub_filter
#   gzip     they are compressed
#   cookies  so many Set-Cookie, if not all three of the origin

our %VARIANTS = (
    plain => {
        title => 'plain proxy_pass',
    },

    plain_b => {
        title => 'plain again',
    },

    off => {
        title => 'module loaded, off',
        rules => RULES,
    },

    no_rule => {
        title => 'no rule applies',
        rules => 0,
        server => [ 'consent enforce;' ],
        cookies => 1,
    },

    accepted => {
        title => 'everything accepted',
        rules => RULES,
        server => [ 'consent enforce;' ],
        accept => 1,
    },

    denied => {
        title => 'nothing accepted',
        rules => RULES,
        server => [ 'consent enforce;' ],
        body => 'marked',
        cookies => 1,
    },

    denied_zone => {
        title => 'nothing accepted, zone',
        rules => RULES,
        zone => 1,
        server => [ 'consent enforce;' ],
        body => 'marked',
        cookies => 1,
    },

    sub_1 => {
        title => 'sub_filter, 1 pattern',
        server => [ replace(1) ],
        body => 'replaced',
    },

    sub_10 => {
        title => 'sub_filter, 10 patterns',
        server => [ replace(10) ],
        body => 'replaced',
    },

    gzip => {
        title => 'gzip level 1',
        server => [ 'gzip on;', 'gzip_comp_level 1;' ],
        gzip => 1,
    },

    gzip_denied => {
        title => 'gzip level 1, nothing accepted',
        rules => RULES,
        server => [ 'consent enforce;', 'gzip on;', 'gzip_comp_level 1;' ],
        body => 'marked',
        gzip => 1,
        cookies => 1,
    },
);

our @VARIANTS = qw(plain plain_b off no_rule accepted denied denied_zone sub_1
    sub_10 gzip gzip_denied);


# [ variant, base, the most that the CPU time of the variant may be, in times
# that of the base, with one page: for all sizes or for each of them ]

our @PAIRS = (
    [ 'plain_b', 'plain' ],
    [ 'off', 'plain' ],
    [ 'no_rule', 'plain', 1.03 ],
    [ 'accepted', 'plain', 1.03 ],
    [ 'denied', 'plain',
      { '5k' => 1.25, '50k' => 1.70, '300k' => 1.65, '2m' => 1.70 } ],
    [ 'sub_1', 'plain' ],
    [ 'sub_10', 'plain' ],
    [ 'gzip', 'plain' ],
    [ 'denied', 'sub_1', 1.10 ],
    [ 'denied', 'sub_10',
      { '5k' => 1.0, '50k' => 0.85, '300k' => 0.80, '2m' => 0.65 } ],
    [ 'gzip_denied', 'gzip', 1.10 ],
    [ 'denied_zone', 'denied', 1.01 ],
);

# another build of the module is only compared with itself

sub pairs_against_other {
    my @names = grep { defined $VARIANTS{$_}{rules} } @VARIANTS;

    for my $name (@names) {
        $VARIANTS{"other_$name"} = {
            %{ $VARIANTS{$name} },
            title => "$VARIANTS{$name}{title} (other)",
            other => 1,
        };
    }

    push @VARIANTS, map { "other_$_" } @names;

    return map { [ $_, "other_$_" ] } @names;
}


our %LIMITS = (
    engine => 0.33,             # at least; of the speed of memchr()
    growth => 1.05,             # time with 10,000 rules, in that with 10
    first_byte => 0.2,          # ms later than plain
    memory => 1.25,             # growth for each client, in that of plain
);


sub title { $VARIANTS{$_[0]}{title} }


sub limit {
    my ($pair, $way, $size) = @_;

    my $limit = $way eq 'one' ? $pair->[2] : undef;

    return ref $limit ? $limit->{$size} : $limit;
}

1;
