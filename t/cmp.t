#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors

# Real consent platforms in Chromium: see t/browser/cmp_main.mjs, which
# speaks TAP.

use warnings;
use strict;

use Cwd qw(abs_path);
use File::Basename qw(dirname);


my $dir = dirname(abs_path(__FILE__));

exec 'node', "$dir/browser/cmp_main.mjs", @ARGV
    or print "Bail out!  cannot run node: $!\n";

exit 1;
