#!/usr/bin/perl

# Copyright (C) ngx_consent_module authors
#
# consent_status: what requests did, by category and kind, in each format; and
# that the figures are those of the variables.

use strict;
use warnings;

use JSON::PP;
use Test::More;
use Test::Consent;
use Test::Consent::Exposition;

my $t = Test::Consent->new;

my $page = <<'HTML' . ('<p>Text.' x 300);
<!DOCTYPE html><title>Page</title>
<script src="https://a.stats.example/x.js"></script>
<script>track('init');</script>
<img src="https://b.stats.example/p.gif"><img src="/own.png">
<iframe src="https://video.example/e"></iframe>
<iframe srcdoc="<img src=https://b.stats.example/q.gif>"></iframe>
<link rel="stylesheet" href="https://a.stats.example/x.css">
<style>p { background: url(https://a.stats.example/y.png) }</style>
<svg><image href="https://a.stats.example/z.png"/></svg>
<video src="https://video.example/v.mp4"></video>
<object data="https://video.example/o"></object>
<img src="https://cdn.unknown.example/1.png?secret=1">
<img src="https://cdn.unknown.example/2.png">
<script src="https://cdn.unknown.example/3.js"></script>
<script src="https://;}evil{.example/"></script>
HTML

my %pages = (
    '/page' => {
        headers => [ 'Content-Type: text/html',
                     'Link: <https://a.stats.example/l.js>; rel=preload',
                     'Set-Cookie: _ga=1; Max-Age=99', 'Set-Cookie: lang=de',
                     'Set-Cookie: long=1; Max-Age=99999',
                     'Set-Cookie: odd{};=1',
                     'Set-Cookie: shop_id=5; Max-Age=86400; HttpOnly; Secure; '
                     . 'SameSite=Lax; Path=/; Domain=localhost',
                     "Set-Cookie: caf\xc3\xa9=1; Expires=Thu, 01 Jan 1970 "
                     . '00:00:00 GMT' ],
        body => $page,
    },
    '/plain' => { headers => [ 'Content-Type: text/html' ],
                  body => '<p>nothing' },
    '/odd' => { headers => [ 'Content-Type: text/html',
                             'Content-Encoding: compress' ],
                body => 'x' },
    '/utf16' => { headers => [ 'Content-Type: text/html; charset=utf-16' ],
                  body => "x" },
    '/part' => { headers => [ 'Content-Type: text/html',
                              'Content-Range: bytes 0-1/9' ],
                 body => "xx" },
    '/long' => { headers => [ 'Content-Type: text/html' ],
                 body => '<script>' . ('var a = 1;' x 300)
                         . 'track(1);' . '</script><img alt="'
                         . ('x' x 2000) . '" src=/y>' },
    '/file' => { headers => [ 'Content-Type: text/plain' ], body => 'x' },
);

$t->upstream(sub {
    my ($request) = @_;

    return $pages{ $request->uri =~ s/\?.*//r =~ s{^/report}{}r };
});

$t->http_config(<<'CONF')->run;
    consent_zone zone=consent:1m;

    consent_category necessary   { always on; cookie sid; }
    consent_category performance { title '"A" & <b>'; cookie _ga;
                                   resource .stats.example;
                                   inline track( neverseen;
                                   max_age 1h; cookie long; cookie ~^unused; }
    consent_category functional  { cookie lang; on_deny session;
                                   resource video.example; }

    log_format  figures  '$uri $consent_cookies_blocked '
                         '$consent_cookies_hidden $consent_cookies_expired '
                         '$consent_resources_blocked $consent_unclassified';
    access_log  %%TESTDIR%%/figures.log  figures;

    server {
        listen             127.0.0.1:%%PORT%%;
        proxy_set_header   Host  $host;
        consent_buffer     1k;

        location / {
            consent     enforce;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /report {
            consent     report;
            proxy_pass  http://%%UPSTREAM%%;
        }

        location /off {
            consent     off;
            return      200 off;
        }

        location = /stats {
            consent         enforce;
            consent_status;
        }

        location /.consent/ {
            consent           enforce;
            consent_endpoint;
        }
    }
CONF


sub metrics {
    return Test::Consent::Exposition->parse(
        $t->get('/stats?format=prometheus')->body);
}


# waits until so many requests were counted: that comes after the response

sub counted {
    my ($n) = @_;

    my $metrics;

    Test::Consent::wait_for(sub {
        $metrics = metrics();
        return $metrics->sum('consent_requests_total') >= $n;
    });

    return $metrics;
}


# formats

my $r = $t->get('/stats');
is($r->status, 200, 'without a format');
is($r->header('Content-Type'), 'text/plain; version=0.0.4; charset=utf-8',
   'Prometheus, which names its type');
is($r->header('Cache-Control'), 'no-store', 'never cached');
is($r->header('ETag'), undef, 'no page of the site');

like($t->get('/stats', 'Accept: text/html,*/*')->header('Content-Type'),
     qr{^text/html}, 'a browser gets a page');
is($t->get('/stats?format=json')->header('Content-Type'), 'application/json',
   'JSON');
is($t->get('/stats?format=yaml')->status, 400, 'no such format');
like($t->get('/stats?format=yaml')->body, qr/\?format=config/,
     'which there are');
is($t->request('POST', '/stats', 'Content-Length: 0')->status, 405,
   'nothing to be posted');
is($t->head('/stats')->status, 200, 'HEAD');
is($t->head('/stats')->body, '', 'without a body');

my $metrics = metrics();
ok($metrics, 'valid before anything was counted');
is($metrics->sum('consent_requests_total'), 0,
   'requests for the status are not counted');


# one visitor who has not decided

my @cookies = ('Cookie: sid=1; _ga=2; lang=x; first=1; second=2');

$t->get('/page?secret=2', @cookies);
$metrics = counted(1);

is($metrics->value('consent_requests_total', mode => 'enforce',
                   state => 'none'), 1, 'a request, nothing accepted');
is($metrics->value('consent_decisions_total', source => 'none',
                   kind => 'default'), 1, 'no decision');

my %cookies = map { $_->{labels}{action} . ' ' . $_->{labels}{category}
                    => $_->{value} }
              grep { $_->{value} } $metrics->samples('consent_cookies_total');

is_deeply(\%cookies, { 'blocked performance' => 2, 'hidden performance' => 1,
                       'hidden functional' => 1,
                       'expired performance' => 1 }, 'cookies');

my %resources = map { $_->{labels}{element} . ' ' . $_->{labels}{category}
                      => $_->{value} }
                grep { $_->{value} }
                $metrics->samples('consent_resources_blocked_total');

is_deeply(\%resources, {
    'script performance' => 1, 'inline performance' => 1,
    'image performance' => 2, 'frame functional' => 1,
    'link performance' => 1, 'style performance' => 1, 'svg performance' => 1,
    'media functional' => 1, 'object functional' => 1,
    'header performance' => 1 }, 'resources by element');

is($metrics->value('consent_documents_total', outcome => 'filtered'), 1,
   'a page in which something was blocked');
is($metrics->value('consent_unclassified_total', kind => 'request_cookie'),
   2, 'unknown cookies of the request');
is($metrics->value('consent_unclassified_total', kind => 'response_cookie'),
   3, 'of the response');
is($metrics->value('consent_unclassified_total', kind => 'resource'), 4,
   'unknown resources');

my ($figures) = grep { m{^/page} } $t->lines('figures.log');
my (undef, @variables) = split / /, $figures;

is($metrics->sum('consent_cookies_total', action => 'blocked'),
   $variables[0], 'blocked, as the variable says');
is($metrics->sum('consent_cookies_total', action => 'hidden'), $variables[1],
   'hidden');
is($metrics->sum('consent_cookies_total', action => 'expired'),
   $variables[2], 'expired');
is($metrics->sum('consent_resources_blocked_total'), $variables[3],
   'resources');
is($metrics->sum('consent_unclassified_total'), $variables[4],
   'unclassified');


# the same in report mode

my %before = map { $_ => $metrics->sum($_) } $metrics->names;

$t->get('/report/page?secret=2', @cookies);
$metrics = counted(2);

is($metrics->value('consent_requests_total', mode => 'report',
                   state => 'none'), 1, 'report mode is told apart');

for my $name (qw(consent_cookies_total consent_resources_blocked_total
                 consent_unclassified_total consent_documents_total))
{
    is($metrics->sum($name), 2 * $before{$name}, "report: the same $name");
}


# others

my $own = $t->consent_cookie(name => 'consent',
                             categories => [ 'performance', 'functional' ]);
my $some = $t->consent_cookie(name => 'consent',
                              categories => [ 'functional' ]);

$t->get('/page', "Cookie: $own");
$t->get('/page', "Cookie: $some");
$t->get('/plain');
$t->get($_) for '/odd', '/utf16', '/part', '/report/odd', '/file', '/off';
$t->get('/long');
$t->get('/plain', 'Cookie: consent=forged');

$metrics = counted(12);

is($metrics->sum('consent_requests_total'), 12, 'none where it is off');
is($metrics->value('consent_requests_total', mode => 'enforce',
                   state => 'all'), 1, 'all accepted');
is($metrics->value('consent_requests_total', mode => 'enforce',
                   state => 'partial'), 1, 'some');
is($metrics->value('consent_decisions_total', source => 'own',
                   kind => 'explicit'), 2, 'by the cookie of the module');
is($metrics->sum('consent_decisions_total', source => 'own',
                 kind => 'default'), 0, 'which decides nothing by default');
is($metrics->sum('consent_decisions_total'), 12, 'one for each request');
is($metrics->value('consent_cookies_rejected_total', reason => 'malformed'),
   1, 'a cookie that is no decision');
is($metrics->value('consent_cookies_total', category => 'performance',
                   action => 'shortened'), 1, 'shortened where accepted');

my %documents = map { "$_->{labels}{outcome} $_->{labels}{reason}"
                      => $_->{value} }
                grep { $_->{value} }
                $metrics->samples('consent_documents_total');

is_deeply(\%documents, {
    'filtered ' => 4, 'unchanged ' => 2, 'unread ' => 1,
    'blocked encoding' => 1, 'blocked charset' => 1, 'blocked range' => 1,
    'passed encoding' => 1 }, 'pages by what became of them');

is($metrics->value('consent_buffer_overflows_total', part => 'script'), 1,
   'a long script');
is($metrics->value('consent_buffer_overflows_total', part => 'tag'), 1,
   'a long tag');
is($metrics->value('consent_scripts_late_total'), 1, 'found out late');


# the endpoint

$t->get('/.consent/');
$t->get('/.consent/state');
$t->http("POST /.consent/ HTTP/1.1\r\nHost: localhost\r\n"
         . "Sec-Fetch-Site: same-origin\r\nConnection: close\r\n"
         . "Content-Type: application/x-www-form-urlencoded\r\n"
         . "Content-Length: 10\r\n\r\nchoice=all");
$t->http("POST /.consent/ HTTP/1.1\r\nHost: localhost\r\n"
         . "Sec-Fetch-Site: cross-site\r\nConnection: close\r\n"
         . "Content-Type: application/x-www-form-urlencoded\r\n"
         . "Content-Length: 10\r\n\r\nchoice=all");

$metrics = counted(16);

my %results = map { $_->{labels}{result} => $_->{value} }
              grep { $_->{value} }
              $metrics->samples('consent_endpoint_requests_total');

is_deeply(\%results, { page => 1, state => 1, choice => 1, cross_site => 1 },
          'what the endpoint did');


# JSON

my $json = decode_json($t->get('/stats?format=json')->body);

is($json->{categories}[1]{title}, '"A" & <b>', 'JSON: text is text');
is($json->{categories}[1]{cookies}{blocked},
   $metrics->value('consent_cookies_total', category => 'performance',
                   action => 'blocked'), 'the same figures');

my %unknown = map { $_->{name} => $_ } @{ $json->{inventory}{cookies} };
my %hosts = map { $_->{name} => $_ } @{ $json->{inventory}{third_parties} };

is_deeply([ sort keys %unknown ],
          [ '', "caf\x{e9}", 'first', 'second', 'shop_id' ],
          'unknown cookies');
is_deeply([ @{ $unknown{first} }{qw(sent set path)} ], [ 2, 0, '' ],
          'sent by browsers');
is_deeply($unknown{shop_id}{attributes},
          [ qw(persistent secure httponly domain samesite=lax) ],
          'attributes of a cookie');
is($unknown{shop_id}{max_age}, 86400, 'how long it lives');
is($unknown{shop_id}{set}, 4, 'how often it was set');
is($unknown{shop_id}{path}, '/page', 'by which page, without the query');
is_deeply($unknown{"caf\x{e9}"}{attributes}, [ 'deleted' ],
          'a line that deletes');

is($hosts{'cdn.unknown.example'}{pages}, 3, 'pages with a third party');
is_deeply($hosts{'cdn.unknown.example'}{elements}, [ 'script', 'image' ],
          'as what it was loaded');
ok($hosts{';}evil{.example'}, 'a host with odd characters');
ok(!(grep { /stats|video|localhost/ } keys %hosts), 'and no others');

my $everything = join '', map { $t->get("/stats?format=$_")->body }
                          qw(prometheus json html config);

unlike($everything, qr/secret/, 'no queries anywhere');
unlike($everything, qr/127\.0\.0\.1/, 'no addresses');
unlike($everything, qr/shop_id=|=5/, 'no values');

my @unused = map { "$_->{kind} $_->{pattern}" } @{ $json->{unused_rules} };

is_deeply(\@unused, [ 'inline neverseen', 'cookie ~^unused' ],
          'rules that never matched');
is($metrics->value('consent_rules', category => 'performance',
                   kind => 'cookie', state => 'used'), 2, 'and those that did');


# the page

my $html = $t->get('/stats?format=html');

unlike($html->body, qr/<script|<img|<link|javascript:| on\w+=/i,
       'the page: nothing but text and style');
like($html->header('Content-Security-Policy'), qr/^default-src 'none'/,
     'and it may not be more');
like($html->body, qr/&#34;A&#34; &#38; &#60;b&#62;/, 'titles are escaped');
like($html->body, qr/;\}evil\{\.example/, 'names of others are shown');


# rules for the unknown

my $rules = $t->get('/stats?format=config')->body;

like($rules, qr/^ +cookie +first;  # sent 2, set 0; nothing/m,
     'config: a rule for a cookie');
like($rules, qr{^ +resource +cdn\.unknown\.example;  # 3 pages, /page;}m,
     'for a host');
like($rules, qr{^ +cookie +"~\^caf\\\\xc3\\\\xa9\$";}m,
     'of odd names in codes');

$t->write_file('rules.conf', $rules);

my ($status, $output) = $t->test_http_config(<<'CONF');
    include %%TESTDIR%%/rules.conf;
    consent_category necessary   { always on; }
    consent_category performance { cookie _ga; }
CONF

is($status, 0, 'nginx takes what it was told') or diag($output);

$t->http_config(<<'CONF');
    consent_zone zone=consent:1m;
    include %%TESTDIR%%/rules.conf;
    consent_category necessary   { always on; cookie sid; }
    consent_category performance { cookie _ga long; resource .stats.example; }
    consent_category functional  { cookie lang; resource video.example; }

    server {
        listen             127.0.0.1:%%PORT%%;
        proxy_set_header   Host  $host;
        location / { consent enforce; proxy_pass http://%%UPSTREAM%%; }
        location = /stats { consent_status; }
    }
CONF

ok($t->reload, 'and uses it');

my $known = metrics();
$t->get('/page', @cookies);
$metrics = counted($known->sum('consent_requests_total') + 1);

is($metrics->sum('consent_unclassified_total'),
   $known->sum('consent_unclassified_total'), 'nothing is unknown then');


# the dashboard asks for nothing that there is not

open my $fh, '<', $t->repo . '/conf/examples/grafana.json' or die;
my $dashboard = decode_json(do { local $/; <$fh> });
my @asked = map { $_->{expr} } map { @{ $_->{targets} } }
            @{ $dashboard->{panels} };
my %labels = map { my $name = $_;
                   map { ("$name $_" => 1) }
                   map { keys %{ $_->{labels} } } $metrics->samples($name) }
             $metrics->names;

cmp_ok(scalar @asked, '>', 10, 'a dashboard');

for my $expr (@asked) {
    my ($by) = $expr =~ /by \(([\w, ]+)\)/;
    my @names = $expr =~ /(consent_\w+)/g;

    is_deeply([ grep { my $name = $_;
                       !grep { $_ eq $name } $metrics->names } @names ], [],
              "metrics of: $expr");
    is_deeply([ grep { !$labels{"$names[0] $_"} } split /, /, $by // '' ],
              [], 'their labels');
}


# no zone

($status, $output) = $t->test_http_config(<<'CONF');
    server {
        listen   127.0.0.1:%%PORT%%;
        location = /stats { consent_status; }
    }
CONF

is($status, 1, 'a status without a zone');
like($output, qr/"consent_status" in .*test\.conf:\d+ .*consent_zone/,
     'is refused, with what is missing');

for my $bad ('consent', 'zone=consent', 'zone=:1m', 'zone=consent:1k',
             'zone=consent:x', 'name=consent:1m')
{
    ($status, $output) = $t->test_http_config("    consent_zone $bad;");

    is($status, 1, "consent_zone $bad");
    like($output, qr/\[emerg\].*zone.* in .*test\.conf:\d+/, 'says where');
}

($status, $output) = $t->test_http_config(
    "    consent_zone zone=a:1m;\n    consent_zone zone=b:1m;");
like($output, qr/"consent_zone" directive is duplicate/, 'one zone only');

done_testing();
