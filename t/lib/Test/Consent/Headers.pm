package Test::Consent::Headers;

# Copyright (C) ngx_consent_module authors

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(serve_headers headers_of headers_uri);

=head1 NAME

Test::Consent::Headers - response headers of a test's choice

=head1 SYNOPSIS

    my $t = Test::Consent->new;

    serve_headers($t);
    ...
    is_deeply(headers_of($t, Link => '/page/404', [ '</a>; rel=next' ]),
              [ '</a>; rel=next' ], 'a Link header with a 404');

=head1 FUNCTIONS

=head2 serve_headers($t, $name)

Makes the upstream answer with the headers that are in the query of the
request; where the path ends in three digits, with that status, and where it
has C</TYPE/SUBTYPE/> in it, with that type in place of text/html.

=cut

sub serve_headers {
    my ($t, $name) = @_;

    return $t->upstream(sub {
        my ($request) = @_;

        my ($path, $query) = $request->uri =~ /^([^?]*)(?:\?(.*))?$/;

        my $status = $path =~ m{/(\d{3})$} ? $1 : 200;
        my $type = $path =~ m{/((?:text|application)/[\w+]+)/} ? $1
                                                               : 'text/html';
        my @lines = split /\n/, ($query // '')
                                =~ s/%([0-9A-F]{2})/chr hex $1/ger;

        return { status => $status,
                 headers => [ "Content-Type: $type", @lines ],
                 body => "status $status" };
    }, $name);
}


=head2 headers_uri($path, @lines)

=cut

sub headers_uri {
    my ($path, @lines) = @_;

    return "$path?" . join '%0A',
        map { s/([^\w:\/])/sprintf '%%%02X', ord $1/ger } @lines;
}


=head2 headers_of($t, $name, $path, \@values, @request_headers)

The values of the headers of that name in the answer to a request for which
the upstream sends those.  A value that is a reference is a whole line.

=cut

sub headers_of {
    my ($t, $name, $path, $values, @request) = @_;

    my @lines = map { ref $_ ? $$_ : "$name: $_" } @$values;

    return [ $t->get(headers_uri($path, @lines), @request)->headers($name) ];
}


1;
