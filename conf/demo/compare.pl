#!/usr/bin/perl

# Reads the answers that run.sh got and prints, side by side, what each
# visitor gets.  Nothing here is known beforehand: cookies come from the
# Set-Cookie lines, resources and inline scripts from the HTML.
#
#     compare.pl FOLDER PAGE ...
#
# FOLDER holds site.PAGE.head and site.PAGE.body (from the site itself), for
# each state STATE.PAGE.head, STATE.PAGE.body and STATE.seen.body (the cookies
# that reached the site), and jar (the cookies that were sent).

use strict;
use warnings;

my ($dir, @pages) = @ARGV;

my @states = qw/none functional all/;

my %title = (
    none        => 'all refused',
    functional  => 'functional only',
    all         => 'everything',
);

my $LABEL  = 48;
my $COLUMN = 17;

my $tty = -t STDOUT && !defined $ENV{NO_COLOR}
          && ($ENV{TERM} // 'dumb') ne 'dumb';


sub slurp {
    my ($name) = @_;

    open my $file, '<:raw', "$dir/$name" or die "demo: $dir/$name: $!\n";
    local $/;

    return scalar <$file> // '';
}


# printing

sub paint {
    my ($code, $text) = @_;

    return $tty ? "\e[${code}m$text\e[0m" : $text;
}


sub cell {
    my ($text) = @_;

    my $padded = sprintf "%-${COLUMN}s", $text;

    return paint('33', $padded) if $text =~ /^(?:blocked|removed|hidden)/;
    return paint('2', $padded) if $text eq '-';
    return $padded;
}


sub heading {
    my ($text, @cells) = @_;

    my $line = sprintf "%-${LABEL}s" . "%-${COLUMN}s" x @cells, $text, @cells;

    $line =~ s/ +$//;

    print "\n", paint('1', $line), "\n";
}


sub row {
    my ($label, @cells) = @_;

    if (length $label > $LABEL - 3) {
        $label = substr($label, 0, $LABEL - 5) . '..';
    }

    my $line = sprintf("%-${LABEL}s", "  $label")
               . join '', map { cell($_) } @cells;

    $line =~ s/ +$//;

    print "$line\n";
}


# reading

sub attributes {
    my ($text) = @_;

    my %attr;

    while ($text =~ m{([^\s=>/"']+)
                      (?: \s*=\s* (?: "([^"]*)" | '([^']*)' | ([^\s>]+) ) )?
                     }gx)
    {
        my ($name, $value) = (lc $1, $2 // $3 // $4 // '');

        $value =~ s/&amp;/&/g;
        $attr{$name} //= $value;
    }

    return \%attr;
}


sub address {
    my ($url) = @_;

    return $url =~ m{^(?:https?:)?//([^/?#]+[^?#]*)} ? $1 : undef;
}


sub is_script {
    my ($attr) = @_;

    return 1 if !defined $attr->{type} || $attr->{type} eq '';
    return $attr->{type} =~ m{^(?:module|(?:text|application)/javascript)$}i;
}


# counts of one page: {kind}{label} -> number of live tags, in order

sub inspect {
    my ($html, $seen) = @_;

    my $noscript = 0;

    while ($html =~ m{<!--.*?-->
                      | <(/?)(noscript)\s*>
                      | <(script)\b ((?:"[^"]*"|'[^']*'|[^>])*)>(.*?)</script\s*>
                      | <(iframe|img|link)\b ((?:"[^"]*"|'[^']*'|[^>])*)>
                     }gisx)
    {
        if (defined $2) {
            $noscript = $1 eq '';
            next;
        }

        my $name = lc($3 // $6 // '');

        next if $name eq '';

        my $attr = attributes($4 // $7);
        my $text = $5 // '';

        $seen->{blocked}++ if defined $attr->{'data-consent'};

        my $url = $name eq 'link' ? $attr->{href} : $attr->{src};

        if (defined $url) {
            next if $name eq 'script' && !is_script($attr);
            next if $name eq 'link' && ($attr->{rel} // '') eq 'canonical';

            my $address = address($url);

            if (!defined $address) {
                $seen->{$url =~ m{^/\.consent/} ? 'instead' : 'own'}++;
                next;
            }

            my $what = $noscript ? "$name*" : $name;

            note($seen, 'resource', sprintf '%-8s %s', $what, $address);

        } elsif ($name eq 'script' && is_script($attr)
                 && $text =~ m{^\s*/\*\s*(.*?)\s*\*/})
        {
            note($seen, 'inline', $1);
        }
    }
}


sub note {
    my ($seen, $kind, $label) = @_;

    if (!$seen->{$kind}{$label}++) {
        push @{ $seen->{"$kind order"} }, $label;
    }
}


sub lifetime {
    my ($line) = @_;

    return 'set, session' if $line !~ /;\s*Max-Age=(-?\d+)/i;
    return 'removed' if $1 <= 0;

    my $days = int($1 / 86400);

    return "set, $days day" . ($days == 1 ? '' : 's');
}


sub cookies {
    my ($head, $set) = @_;

    while ($head =~ /^Set-Cookie:\s*([^=\r\n]+)=([^\r\n]*)/gim) {
        $set->{$1} //= lifetime($2);
    }
}


sub names {
    my ($cookies) = @_;

    return map { /^\s*([^=]*?)\s*=/ ? $1 : () } split /;/, $cookies;
}


sub parts {
    my ($got, $all, $whole, $none) = @_;

    return $whole if $got == $all;
    return $none if $got == 0;
    return "$whole $got of $all";
}


my (%site, %seen, %set, %same, @cookies);

for my $page (@pages) {
    my $original = slurp("site.$page.body");

    inspect($original, \%site);

    for my $name (slurp("site.$page.head") =~ /^Set-Cookie:\s*([^=\r\n]+)=/gim)
    {
        push @cookies, $name unless grep { $_ eq $name } @cookies;
    }

    for my $state (@states) {
        my $head = slurp("$state.$page.head");
        my $body = slurp("$state.$page.body");

        my ($status) = $head =~ m{^HTTP/\S+ (\d+)};

        if ($status ne '200') {
            die "demo: $page.html for \"$title{$state}\" was answered with "
                . "$status\n";
        }

        inspect($body, $seen{$state} //= {});
        cookies($head, $set{$state} //= {});

        $same{$state} += $body eq $original;
    }
}

print paint('1', 'What a visitor gets from the pages of Exampleton'), "\n";
printf "%d pages, each asked for three times through the module\n",
    scalar @pages;

heading('Cookies that the site sets', map { $title{$_} } @states);

for my $name (@cookies) {
    row($name, map { $set{$_}{$name} // 'removed' } @states);
}

heading('Third parties in the HTML', map { $title{$_} } @states);

for my $label (@{ $site{'resource order'} }) {
    my $all = $site{resource}{$label};

    row($label, map { parts($seen{$_}{resource}{$label} // 0, $all,
                            'fetched', 'blocked') } @states);
}

print "  * within noscript: fetched by browsers without scripts\n"
    if grep { /\*/ } @{ $site{'resource order'} };

heading('Inline scripts', map { $title{$_} } @states);

for my $label (@{ $site{'inline order'} }) {
    my $all = $site{inline}{$label};

    row($label, map { parts($seen{$_}{inline}{$label} // 0, $all,
                            'runs', 'blocked') } @states);
}

heading('Cookies of an earlier visit, seen by the site',
        map { $title{$_} } @states);

my %reaches;

for my $state (@states) {
    $reaches{$state}{$_} = 1 for names(slurp("$state.seen.body"));
}

for my $name (names(slurp('jar'))) {
    row($name, map { $reaches{$_}{$name} ? 'seen' : 'hidden' } @states);
}

heading('In all', map { $title{$_} } @states);

row('cookies set',
    map { scalar(grep { $_ ne 'removed' } values %{ $set{$_} }) } @states);

my $tags = 0;

$tags += $_ for values %{ $site{resource} };

row('third-party tags that fetch',
    map { my $n = 0; $n += $_ for values %{ $seen{$_}{resource} };
          "$n of $tags" } @states);

row('tags blocked', map { $seen{$_}{blocked} // 0 } @states);

row('frames that say what is not shown',
    map { $seen{$_}{instead} // 0 } @states);

row("the site's own files in the HTML",
    map { ($seen{$_}{own} // 0) . " of $site{own}" } @states);

row("pages byte for byte as the site sent them",
    map { $same{$_} . ' of ' . @pages } @states);
