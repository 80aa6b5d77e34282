#!/bin/bash
#
# The demo: "make demo" builds what is needed and calls this.  It serves a
# made-up site through the module on 127.0.0.1, asks for every page as three
# visitors, prints what each of them gets, and keeps serving until Ctrl-C.
#
# PORT=8080  ONESHOT=1 (stop after printing)  NGINX_BINARY=/usr/sbin/nginx

set -eu
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$here/../.." && pwd)/build

port=${PORT:-8080}
oneshot=${ONESHOT:-}
nginx=${NGINX_BINARY:-/usr/sbin/nginx}
module=$build/ngx_http_consent_module.so
tool=$build/consent-cookie

pages="index parking news contact accessibility"
states="none functional all"

# what a browser holds after a visit at which it had accepted everything

jar="session=demo-0000; language=en; _ga=GA1.1.0.0; _gid=GA1.1.0.0;\
 _hjSessionUser_0=demo; _fbp=fb.0.0.0"

dir=
pid=


fail()
{
    echo "demo: $*" >&2
    exit 1
}


cleanup()
{
    trap - EXIT INT TERM HUP

    if [ -n "$pid" ]; then
        kill -QUIT "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    fi

    if [ -n "$dir" ]; then
        rm -rf "$dir"
    fi
}


stop()
{
    if [ -t 1 ]; then
        echo
    fi

    echo "demo: stopped"
    exit 0
}


answers()
{
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null
}


check()
{
    case $port in
    '' | *[!0-9]*)
        fail "PORT=$port is not a number" ;;
    esac

    if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
        fail "PORT=$port is not a port; say for example: make demo PORT=8081"
    fi

    if [ "$port" -lt 1024 ] && [ "$(id -u)" != 0 ]; then
        fail "only root may use port $port; say: make demo PORT=8081"
    fi

    for command in curl openssl perl; do
        if ! command -v "$command" >/dev/null; then
            fail "$command is missing; say: make deps"
        fi
    done

    if ! command -v "$nginx" >/dev/null; then
        fail "there is no $nginx; say: make deps"
    fi

    if [ ! -f "$module" ] || [ ! -x "$tool" ]; then
        fail "the module is not built; say: make"
    fi

    if answers; then
        fail "port $port is in use; say: make demo PORT=$((port + 1))"
    fi
}


# the value of the module's cookie for one who accepted these categories

cookie()
{
    "$tool" make --key "$dir/consent.key" --policy "$policy" \
        ${1:+--accept "$1"}
}


prepare()
{
    local conf

    # below /tmp even for root, whose workers run as another user, and with
    # a path short enough for a socket

    dir=$(mktemp -d /tmp/consent-demo.XXXXXX)
    chmod 755 "$dir"
    mkdir "$dir/tmp" "$dir/demo" "$dir/got"

    cp -r "$here/site" "$dir/site"
    cp "$here/panel.html" "$dir/demo/"
    cp "$here/../examples/policy.conf" "$here/../examples/log_format.conf" \
        "$here/../examples/gpc.json" "$dir/"
    cp -r "$here/../languages" "$dir/"
    chmod -R u+rwX,go+rX "$dir/site" "$dir/demo"

    (umask 027 && openssl rand -base64 32 >"$dir/consent.key")

    policy=$(sed -n 's/^consent_policy *\([0-9]*\);.*/\1/p' "$dir/policy.conf")

    none=$(cookie "")
    functional=$(cookie functional)
    all=$(cookie functional,performance,targeting)

    conf=$(cat "$here/nginx.conf.in")
    conf=${conf//@MODULE@/"$module"}
    conf=${conf//@DIR@/"$dir"}
    conf=${conf//@PORT@/"$port"}

    printf '%s\n' "$conf" >"$dir/nginx.conf"
}


start()
{
    local tries=0

    "$nginx" -p "$dir/" -c nginx.conf -e error.log 2>"$dir/stderr" &
    pid=$!

    until answers; do
        tries=$((tries + 1))

        if ! kill -0 "$pid" 2>/dev/null || [ "$tries" -gt 200 ]; then
            cat "$dir/stderr" >&2
            fail "nginx did not start"
        fi

        sleep 0.05
    done
}


fetch()
{
    local name=$1

    shift
    curl -sS --max-time 20 -H 'Accept: text/html,*/*' \
        -D "$dir/got/$name.head" -o "$dir/got/$name.body" "$@" \
        || fail "the request for $name failed, see $dir/error.log"
}


# every page: from the site itself, and through the module as three visitors

visit()
{
    local page state value

    for page in $pages; do
        fetch "site.$page" --unix-socket "$dir/site.sock" \
            "http://127.0.0.1/$page.html"

        for state in $states; do
            case $state in
            none)       value="consent=$none" ;;
            functional) value="consent=$functional" ;;
            all)        value="consent=$all" ;;
            esac

            fetch "$state.$page" -b "$value" \
                "http://127.0.0.1:$port/$page.html"
        done
    done

    printf '%s' "$jar" >"$dir/got/jar"

    for state in $states; do
        case $state in
        none)       value="consent=$none; $jar" ;;
        functional) value="consent=$functional; $jar" ;;
        all)        value="consent=$all; $jar" ;;
        esac

        fetch "$state.seen" -b "$value" "http://127.0.0.1:$port/cookies-seen"
    done
}


addresses()
{
    local url=http://127.0.0.1:$port

    echo
    echo "Open in a browser${1:+ ($1)}"

    cat <<END
  $url/                   the site, which asks on the first visit
  $url/news.html          a film that needs consent, and what stands in its place
  $url/.consent/          choose, see and change your mind
  $url/.consent/cookies   the list of cookies
  $url/demo/              what this browser has accepted
END
}


files()
{
    cat <<END

Files, until the demo ends
  $dir/access.log   what was done, one JSON object per request
  $dir/event.log    the choices, as proof of consent
  $dir/error.log    what went wrong
  $dir/nginx.conf   the configuration
END
}


check

trap cleanup EXIT
trap stop INT TERM HUP

prepare
start
visit

# shellcheck disable=SC2086
perl "$here/compare.pl" "$dir/got" $pages

if [ -n "$oneshot" ] && [ "$oneshot" != 0 ]; then
    addresses "while \"make demo\" runs without ONESHOT"
    exit 0
fi

addresses
files

echo
echo "Serving until Ctrl-C."

wait "$pid" || fail "nginx ended, its last words: $(tail -n 3 "$dir/error.log")"
