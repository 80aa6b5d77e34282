#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# The shipped catalogue through nginx: whether it is right about well-known
# cookies, hosts and scripts (t/catalogue/*.txt, written without it), and
# whether it can be had in parts, overridden and made again.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;
use Test::Consent;

my $t = Test::Consent->new;

my $repo = $t->repo;
my $conf = "$repo/conf";
my $catalogue = "$conf/catalogue";
my $data = "$repo/t/catalogue";

my @categories = qw(necessary functional performance targeting unknown);
my @refused = @categories[1 .. 4];


sub slurp {
    my ($file) = @_;

    open my $fh, '<:raw', $file or die "$file: $!\n";
    local $/;

    return <$fh>;
}


# [ category, the rest ], one a line

sub table {
    my ($name) = @_;

    return map { [ split ' ', $_, 2 ] } grep { !/^(?:#|$)/ }
           split /\n/, slurp("$data/$name.txt");
}


sub words {
    my ($name) = @_;

    return map { my ($category, $list) = @$_;
                 map { [ $category, $_ ] } split ' ', $list }
           table($name);
}


# what is expected and what there is, in words; all cases in one test

sub compare {
    my ($name, $cases, $found, $allowed) = @_;

    my (@wrong, %known);

    for my $case (@$cases) {
        my ($wanted, $what) = @$case;
        my $is = $found->{$what} // 'nothing';

        $known{$what}++;

        if (!grep { $is eq $_ } @{ $allowed->{$wanted} // [ $wanted ] }) {
            push @wrong, "$what: $is, not $wanted";
        }
    }

    is(scalar(keys %known), scalar @$cases, "$name: none is there twice")
        or diag(join ' ', sort grep { $known{$_} > 1 } keys %known);

    is(scalar @wrong, 0, "$name: all " . @$cases . ' are right')
        or diag(join "\n", @wrong);
}


my @cookies = words('cookies');
my @hosts = words('hosts');

# the consent cookies of the presets are essentials too; a name of a file that
# is a pattern stands for names like it, and one left out is not read

my %listed = map { $_->[1] => 1 } @cookies;

push @cookies, map { [ 'necessary', $_ ] }
    grep { !$listed{$_}++ }
    grep { !/^!/ }
    map { s/^mtm_\*$/mtm_consent/r =~ s/\*/x/r }
    map { map { split } slurp($_) =~ /^\s+cookie\s+([^;]+);/mg }
    glob "$conf/sources/*.conf";

my @scripts = table('inline');

my @lines = map { "Set-Cookie: $_->[1]=1; Path=/" } @cookies;

$t->upstream(sub {
    return { headers => [ 'Content-Type: text/plain', @lines ], body => '' };
});

$t->write_file('html/hosts.html', join '', map {
    "<img alt=\"$_\" src=\"https://$hosts[$_][1]\">\n"
} 0 .. $#hosts);

# a class, which no rule is about, tells them apart

$t->write_file('html/inline.html', join '', map {
    "<script class=\"s$_\">$scripts[$_][1]</script>\n"
} 0 .. $#scripts);

my $locations = join '', map {
    my $refused = $_;
    my $accepted = join ' ', grep { $_ ne $refused } @refused;

    "location = /no-$refused { consent_default $accepted;"
    . " proxy_pass http://%%UPSTREAM%%; }\n"
    . "location /inline/no-$refused/ { consent_default $accepted;"
    . " alias %%TESTDIR%%/html/; }\n"
} @refused;

my $http = <<"CONF";
    include  $conf/consent.conf;

    consent_category      unknown { }
    consent_unclassified  cookie=unknown third_party=unknown;
    consent               enforce;
    proxy_buffer_size     128k;
    proxy_buffers         8 128k;
    proxy_busy_buffers_size 256k;
CONF

$t->http_config(<<"CONF")->run;
$http
    server {
        listen  127.0.0.1:%%PORT%%;
        root    %%TESTDIR%%/html;

        consent_buffer  64k;

        $locations
    }
CONF


# well-known cookies

my %found = map { $_->[1] => 'necessary' } @cookies;

for my $refused (@refused) {
    my %passed = map { /^([^=]*)=/ ? ($1 => 1) : () }
                 $t->get("/no-$refused")->headers('Set-Cookie');

    $passed{$_} or $found{$_} = $refused for map { $_->[1] } @cookies;
}

compare('cookies', \@cookies, \%found, { none => [ 'unknown' ] });


# well-known hosts; the category is that of the attribute of a blocked tag

sub marks {
    my ($page, $pattern) = @_;

    my %marks;

    for (split /\n/, $t->get($page)->body) {
        my ($n) = $_ =~ $pattern or next;

        $marks{$n} = /\bdata-consent="(\w+)"/ ? $1 : 'necessary';
    }

    return %marks;
}

my %marks = marks('/hosts.html', qr/alt="(\d+)"/);

%found = map { $hosts[$_][1] => $marks{$_} } keys %marks;

compare('hosts', \@hosts, \%found, { open => [ 'necessary', 'unknown' ] });


# snippets

my %refusers;

for my $refused (@refused) {
    %marks = marks("/inline/no-$refused/inline.html", qr/class="s(\d+)"/);

    $marks{$_} eq $refused and push @{ $refusers{$_} }, $refused
        for keys %marks;
}

is(scalar keys %marks, scalar @scripts, 'scripts: the page is whole');

%found = map { $scripts[$_][1] => join '+', sort @{ $refusers{$_} // [] } }
         keys %marks;

compare('scripts', \@scripts, \%found, { open => [ '' ] });


# how much there is, and in what form

my %files = map { m{([^/]+)\.conf$} => slurp($_) }
            grep { !/overrides/ } glob "$catalogue/*.conf";

my %rules;

for my $name (sort keys %files) {
    my ($kind) = $name =~ /-(\w+)$/;
    my @own = $files{$name} =~ /^(?:cookie|resource|inline) (.*?);  # \S.*$/mg;
    my @given = grep { !/^(?:#.*)?$/ } split /\n/, $files{$name};

    is(scalar @own, scalar @given, "$name: a rule and where it is from a line");

    # the quotes are not a part of it

    my @bare = map { s/^(["'])(.*)\1$/$2/r =~ s/\\(["'\\])/$1/gr } @own;

    is_deeply(\@bare, [ sort @bare ], "$name: sorted");

    push @{ $rules{$kind} }, @bare;
}

cmp_ok(scalar @{ $rules{cookies} }, '>=', 1500, 'cookie patterns');
cmp_ok(scalar @{ $rules{hosts} }, '>=', 2500, 'hosts');
cmp_ok(scalar @{ $rules{inline} }, '>=', 100, 'signatures of scripts');

for my $kind (sort keys %rules) {
    my %times;

    $times{$_}++ for @{ $rules{$kind} };

    is_deeply([ grep { $times{$_} > 1 } sort keys %times ], [],
              "$kind: none in two categories");
}

is_deeply([ grep { !/^~/ && /[*].*[*]|[^*][*][^*]/ } @{ $rules{cookies} } ],
          [], 'cookies: no literal star');

# each costs something for every cookie without another rule

is(scalar(grep { /^~/ } @{ $rules{cookies} }), 2,
   'cookies: no regular expressions but two');
is(scalar(() = $files{'necessary-cookies'} =~ /^cookie "?~/mg), 2,
   'both for essentials');

is_deeply([ grep { /^~/ } @{ $rules{hosts} } ], [],
          'hosts: no regular expression');

# short ones are third parties' in the sources: these were decided by hand

my %short = map { $_ => 1 } qw(_ga _cb gpv i00 IDE NID YSC RUL FLC GPS MR SM
    OTZ AEC fr uvc xtc anj dpm m-b xb BX ccc _px gpp
    _ga_* _gat* _hj* _pk_* _ym_* _lo_* _ce.* AMP_* QSI_* dtPC* fsr.* gpv_*
    cto_* lpv* awpv* fbm_* cky-* SESS* NSC_* BNI_* TS01*
    csrf* CSRF* xsrf* XSRF* *csrf *xsrf rc::* gig_* pum-* pys_* amp_*);

is_deeply([ grep { my $literal = s/\*//r;
                   !$short{$_} && !/^~/
                   && (/\*/ ? length $literal < 5 : length $literal < 4) }
            @{ $rules{cookies} } ], [],
          'cookies: no short pattern but those decided by hand');


# a rule for all names below a suffix of the Public Suffix List would block
# other people's sites

SKIP: {
    my $list = '/usr/share/publicsuffix/public_suffix_list.dat';

    skip 'no Public Suffix List in text', 1 unless -f $list;

    my %suffix = map { s/\s.*//r => 1 } grep { !m{^(?://|$)} }
                 split /\n/, slurp($list);

    # what somebody rents out, where all tenants are of one kind

    my %kind = map { $_ => 1 } qw(.myshopify.com .firebaseapp.com
        .supabase.co .ladesk.com .square.site);

    is_deeply([ grep { !$kind{$_} && /^\.([^\/]+)/
                       && ($suffix{$1} || $suffix{'*.' . ($1 =~ s/^[^.]+\.//r)})
                     } @{ $rules{hosts} } ], [],
              'hosts: no public suffix');
}


# a part only, in categories of one's own, and overridden

sub config {
    my ($name, $text) = @_;

    my ($exit, $output) = $t->test_http_config($text);

    is($exit, 0, $name) or diag($output);
}

config('a part in a category of another name', <<"CONF");
    consent_category statistics defaults {
        title    "Statistics";
        include  $catalogue/performance-*.conf;
    }
    consent_category marketing {
        include  $catalogue/targeting-cookies.conf;
    }
CONF

config('two parts in one category', <<"CONF");
    consent_category all_others {
        include  $catalogue/functional-*.conf;
        include  $catalogue/performance-*.conf;
        include  $catalogue/targeting-*.conf;
    }
CONF

config('the catalogue twice', <<"CONF");
    include  $conf/consent.conf;
    include  $conf/consent.conf;
CONF

config('the overrides by themselves', "include $catalogue/overrides.conf;");

my $own = Test::Consent->new;

$own->write_file('html/page.html', <<'HTML');
<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=A">
<iframe src="https://www.youtube.com/embed/1"></iframe>
HTML

$own->http_config(<<"CONF")->run;
    include  $conf/consent.conf;

    consent_category necessary { resource .youtube.com; cookie _ga; }
    consent_category targeting { resource fonts.googleapis.com; title "Ads"; }

    server {
        listen   127.0.0.1:%%PORT%%;
        root     %%TESTDIR%%/html;
        consent  enforce;
        add_header  Set-Cookie  "_ga=1";
        add_header  Set-Cookie  "_gid=1";
    }
CONF

my $r = $own->get('/page.html');

like($r->body, qr/<link data-consent="targeting"/, 'an own rule refuses');
like($r->body, qr{<iframe src="https://www\.youtube\.com}, 'another allows');
is_deeply([ grep { !/^consent=/ } $r->headers('Set-Cookie') ], [ '_ga=1' ],
          'the same for cookies');


# memory: what the catalogue adds to a worker

SKIP: {
    skip 'a sanitizer keeps memory back', 1
        if Test::Consent::nginx_build() =~ /-fsanitize/;

    my $without = Test::Consent->new;

    $without->http_config(<<'CONF')->run;
    consent_category necessary { always on; cookie a; }

    server { listen 127.0.0.1:%%PORT%%; consent enforce; }
CONF

    my $rss = sub {
        my ($worker) = $_[0]->workers;

        return slurp("/proc/$worker/status") =~ /^VmRSS:\s*(\d+)/m ? $1 : 0;
    };

    my $added = $rss->($own) - $rss->($without);

    cmp_ok($added, '<', 30 * 1024, "kilobytes more: $added");
}


# made again

SKIP: {
    my $packages = "$repo/build/catalogue";

    skip 'npm packages are missing: make build/catalogue/fetched', 1
        unless -f "$packages/fetched";

    my $dir = tempdir(CLEANUP => 1);
    my @command = ('node', "$repo/tools/catalogue/generate.mjs", $packages,
                   "$catalogue/overrides.conf", $dir);
    my $output = qx(@command 2>&1);

    is($?, 0, 'made again') or diag($output);

    my %again = map { m{([^/]+)\.conf$} => slurp($_) } glob "$dir/*.conf";

    is_deeply([ sort keys %again ], [ sort keys %files ], 'the same files');

    is_deeply([ grep { $again{$_} ne ($files{$_} // '') } sort keys %again ],
              [], 'the same bytes: if not, "make catalogue"');

    like($output, qr/conflicts of cookies.*conflicts of hosts/s,
         'conflicts are printed');
}


# lists in the syntax of Adblock Plus

my $said = $t->dir . '/said';
my $rules = qx(perl $catalogue/easyprivacy.pl $data/list.txt 2>$said);

is($rules . slurp($said), <<'RULES', 'a list of somebody else');
resource .count.example;
resource .pixel.example;
resource ".quote.example/a;b";
resource .some.example/b.gif;
resource .some.example/collect?;
resource .star.example/x/;
resource .stats.example;
resource .upper.example;
easyprivacy.pl: not taken: 4 a path with a wildcard
easyprivacy.pl: not taken: 1 covered by another
easyprivacy.pl: not taken: 2 for elements of pages
easyprivacy.pl: not taken: 3 not a whole host name
easyprivacy.pl: not taken: 3 not of a host
easyprivacy.pl: not taken: 2 of a host with an exception
easyprivacy.pl: not taken: 1 option domain
easyprivacy.pl: not taken: 1 option popup
easyprivacy.pl: not taken: 1 option ~third-party
RULES

$t->write_file('list.conf', $rules);
$t->write_file('known.conf', <<'CONF');
# resource .count.example;
resource .upper.example;  # the same
resource stats.example;   # the host itself
resource .pixel.example .some.example/b.gif;
resource ".quote.example/a;b";
CONF

my $known = $t->dir . '/known.conf';

is(qx(perl $catalogue/easyprivacy.pl $data/list.txt $known 2>$said), <<'RULES',
resource .count.example;
resource .some.example/collect?;
resource .star.example/x/;
RULES
   'a list without what is known');
like(slurp($said), qr/: 5 known already/, 'that is counted');

config('its rules', 'consent_category one { include list.conf; }');

$_->stop for $own;

done_testing();
