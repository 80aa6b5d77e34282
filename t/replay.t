#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors

# The replay harness: its golden replays, and that its judge can fail.  See
# t/replay/test/main.mjs, which does it all and speaks TAP.  Arguments behind
# "::" of prove are passed on.

use warnings;
use strict;

use Cwd qw(abs_path);
use File::Basename qw(dirname);


my $dir = dirname(abs_path(__FILE__));

exec 'node', "$dir/replay/test/main.mjs", @ARGV
    or print "Bail out!  cannot run node: $!\n";

exit 1;
