#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# A module that compresses must come after ours in the chain of filters: with
# its load_module line in the wrong place nginx does not start.

use strict;
use warnings;

use Test::More;
use Test::Consent;

use File::Basename qw(dirname);

my $t = Test::Consent->new;

# the sources for which our module was built

my $tree = dirname($t->module) . '/nginx';

if (!-f "$tree/objs/Makefile") {
    plan skip_all => "no build tree of nginx at $tree";
}


# a module that has the name of another one and does nothing

sub build {
    my ($name) = @_;

    my $dir = $t->dir;

    $t->write_file("$name.c", <<"C");
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

static ngx_http_module_t  context;

ngx_module_t  $name = {
    NGX_MODULE_V1, &context, NULL, NGX_HTTP_MODULE,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NGX_MODULE_V1_PADDING
};

ngx_module_t  *ngx_modules[] = { &$name, NULL };
char          *ngx_module_names[] = { "$name", NULL };
char          *ngx_module_order[] = {
    "$name", "ngx_http_postpone_filter_module", NULL
};
C

    my ($includes) = Test::Consent::slurp("$tree/objs/Makefile")
                     =~ /^ALL_INCS = (.*?[^\\])\n/ms;

    $includes =~ s/\\\n//g;

    return system("cd '$tree' && cc -shared -fPIC -w $includes "
                  . "-o '$dir/$name.so' '$dir/$name.c'") == 0;
}


sub test_order {
    my ($text) = @_;

    $text =~ s/OURS/'load_module ' . $t->module . ';'/e;

    return $t->test_config(<<"CONF");
$text
events { }
http {
    %%HTTP%%
}
CONF
}

for my $name ('ngx_http_brotli_filter_module', 'ngx_http_zstd_filter_module') {

    ok(build($name), "$name is built") or next;

    my $theirs = 'load_module ' . $t->dir . "/$name.so;";

    my ($exit, $output) = test_order("$theirs OURS");

    is($exit, 0, "$name before ours") or diag($output);

    ($exit, $output) = test_order("OURS $theirs");

    isnt($exit, 0, "$name after ours");
    like($output, qr/\[emerg\].*\Q$name\E.*load_module/s,
         'the message names it');
    like($output, qr/above|before/, 'and says where to move the line');
}

done_testing();
