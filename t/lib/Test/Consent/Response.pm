package Test::Consent::Response;

# Copyright (C) ngx_consent_module authors
#
# A response as it was received: header fields in order, repeated ones kept.

use strict;
use warnings;


sub new {
    my ($class, $head, $body) = @_;

    my $self = bless {
        head => $head,
        status => 0,
        version => '',
        fields => [],
        body => $body // '',
        chunks => [],
        complete => 0,
    }, $class;

    my ($first, @lines) = split /\r?\n/, $head;

    if (defined $first && $first =~ m{^HTTP/([\d.]+) (\d{3})}) {
        $self->{version} = $1;
        $self->{status} = $2;
        $self->{complete} = $head =~ /\r?\n\r?\n\z/ ? 1 : 0;
    }

    for my $line (@lines) {
        if ($line =~ /^([^:]+):[ \t]*(.*?)[ \t]*$/) {
            push @{ $self->{fields} }, [ $1, $2 ];
        }
    }

    return $self;
}


sub status   { $_[0]{status} }
sub version  { $_[0]{version} }
sub head     { $_[0]{head} }
sub body     { $_[0]{body} }
sub complete { $_[0]{complete} }
sub chunks   { $_[0]{chunks} }
sub trailers { $_[0]{trailers} }


# all values of a field, in order; without a name all fields as [name, value]

sub headers {
    my ($self, $name) = @_;

    return @{ $self->{fields} } unless defined $name;

    return map { $_->[1] } grep { lc $_->[0] eq lc $name } @{ $self->{fields} };
}


sub header {
    my ($self, $name) = @_;

    return ($self->headers($name))[0];
}


1;
