package Test::Consent::Encode;

# Copyright (C) ngx_consent_module authors
#
# Bodies in the content codings that the module reads.

use strict;
use warnings;

use Exporter 'import';
use File::Temp ();

use Compress::Zlib ();
use Compress::Raw::Zlib ();

our @EXPORT_OK = qw(codings encode flushed header);


=head2 codings()

The names of what can be made here and read by the module under test:
C<gzip>, C<zlib>, C<raw> (two kinds of deflate), C<br>, C<zstd>.

=cut

sub codings {
    return ('gzip', 'zlib', 'raw', grep { available($_) } qw(br zstd));
}


my %symbol = (br => 'BrotliDecoderDecompressStream',
              zstd => 'ZSTD_decompressStream');
my %tool = (br => 'brotli', zstd => 'zstd');


sub available {
    my ($coding) = @_;

    my $module = $ENV{TEST_NGINX_MODULE} || 'build/ngx_http_consent_module.so';

    open my $fh, '<:raw', $module or die "$module: $!\n";

    my $bytes = do { local $/; <$fh> };

    return index($bytes, $symbol{$coding}) >= 0
           && !system("command -v $tool{$coding} >/dev/null 2>&1");
}


=head2 header($coding)

What Content-Encoding says.

=cut

sub header {
    my ($coding) = @_;

    return { zlib => 'deflate', raw => 'deflate' }->{$coding} // $coding;
}


=head2 encode($coding, $text, @options)

The options are those of the command for C<br> and C<zstd>.

=cut

sub encode {
    my ($coding, $text, @options) = @_;

    return Compress::Zlib::memGzip($text) if $coding eq 'gzip';
    return Compress::Zlib::compress($text) if $coding eq 'zlib';

    if ($coding eq 'raw') {
        return scalar flushed(-Compress::Raw::Zlib::MAX_WBITS(), $text);
    }

    return pipe_through($text, $tool{$coding}, '-c', @options);
}


=head2 flushed($bits, @texts)

A list of pieces made by zlib with a flush after each text, and the end.  In
scalar context, all of it.

=cut

sub flushed {
    my ($bits, @texts) = @_;

    my $z = Compress::Raw::Zlib::Deflate->new(-WindowBits => $bits,
                                              -AppendOutput => 1);
    my @pieces;

    for my $text (@texts) {
        my $piece = '';

        $z->deflate($text, $piece);
        $z->flush($piece, Compress::Raw::Zlib::Z_SYNC_FLUSH()) if @texts > 1;
        push @pieces, $piece;
    }

    my $end = '';

    $z->flush($end, Compress::Raw::Zlib::Z_FINISH());
    push @pieces, $end;

    return wantarray ? @pieces : join '', @pieces;
}


# by a file: what writes to a pipe and reads from another one may get stuck

sub pipe_through {
    my ($text, @command) = @_;

    my $file = File::Temp->new;

    binmode $file;
    print $file $text;
    close $file;

    open my $fh, '-|', @command, $file->filename or die "$command[0]: $!\n";
    binmode $fh;

    my $out = do { local $/; <$fh> };

    # in an upstream the status is not to be had: it waits for no children

    close $fh;

    die "$command[0] failed\n" if !defined $out || $out eq '';

    return $out;
}


1;
