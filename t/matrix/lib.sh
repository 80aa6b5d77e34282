# Copyright (C) ngx_consent_module authors
#
# What the scripts of this folder share; bash.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# what takes long to fetch or build is kept here, outside of the tree

cache=${CONSENT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/ngx_consent_module}

keyring=/usr/share/keyrings/debian-archive-keyring.gpg


# Packages that cannot be had are no failure of the module: say so, go on.

skipped()
{
    echo "$1: skipped: $2"
}


fail()
{
    echo "$(basename "$0"): $*" >&2
    exit 1
}


# the Debian release of this machine, or nothing

own_suite()
{
    (
        ID='' VERSION_CODENAME=''

        [ ! -f /etc/os-release ] || . /etc/os-release

        [ "$ID" != debian ] || echo "$VERSION_CODENAME"
    )
}


# The mirror from which this machine gets Debian.  apt reads its own sources,
# in whatever format they are.

mirror()
{
    local own

    own=$(own_suite)

    [ -n "$own" ] || return 0

    apt-get indextargets --no-release-info \
        --format '$(IDENTIFIER) $(COMPONENT) $(RELEASE) $(REPO_URI)' \
        2>/dev/null \
        | awk -v own="$own" '
              $1 == "Packages" && $2 == "main" \
                  && $3 ~ "^(" own "|stable|testing|unstable|sid)$" \
                  && !uri { uri = $4 }
              END { sub("/$", "", uri); print uri }'
}


# how this machine reaches it: proxies and the like

acquire_settings()
{
    apt-config dump | grep -E '^Acquire::(http|https|Retries)' || true

    # a mirror that stands still is good enough for tests

    echo 'Acquire::Check-Valid-Until "false";'
}


# File descriptor 9 holds the lock until the script ends.  Whatever runs tests
# closes it: what they might leave behind must not hold the lock.

lock()
{
    mkdir -p "$(dirname "$1")"
    exec 9>"$1"
    flock 9
}


# reads what prove printed, prints "files passed failed skipped"

count_files()
{
    awk '
        /^(t|build\/t)\/[^ ]+ \.+ / {
            if (/ skipped: /) { skipped++ }
            else if (/ ok$/)  { passed++ }
        }
        /^Files=[0-9]+,/ { files = substr($1, 7) + 0 }
        END {
            printf "%d %d %d %d\n", files, passed,
                   files - passed - skipped, skipped
        }'
}


# the table has one line for each call

table_line()
{
    printf '%-12s %-10s %6s %7s %7s %8s  %s\n' "$@"
}


table_head()
{
    table_line "$1" nginx files passed failed skipped result
}
