#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors

# Strings made by the IAB's own libraries, read by the module's core: see
# t/iab/main.mjs, which does it all and speaks TAP.  Arguments behind "::" of
# prove are passed on.

use warnings;
use strict;

use Cwd qw(abs_path);
use File::Basename qw(dirname);


my $dir = dirname(abs_path(__FILE__));

exec 'node', "$dir/iab/main.mjs", @ARGV
    or print "Bail out!  cannot run node: $!\n";

exit 1;
