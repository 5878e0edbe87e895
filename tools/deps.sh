#!/bin/sh
# Installs what building, running and testing need, and only what is missing: with nothing missing
# no package tool is started and no network is used. Debian and Ubuntu by apt-get, macOS by brew.
set -eu

# One line a need: how to see that it is there, then the packages that bring it, the first known one
# of which is installed. Packages' names differ between releases.
#   pkg MODULE   pkg-config finds it        cmd NAME    a command
#   py MODULE    python3 imports it         deb NAME    a Debian package
#   rt KIND      clang has that sanitizer runtime
needs_debian='
deb libc6-dev               libc6-dev
cmd pkg-config              pkg-config pkgconf
pkg libsodium               libsodium-dev
pkg jansson                 libjansson-dev
pkg sqlite3                 libsqlite3-dev
pkg libcurl                 libcurl4-openssl-dev libcurl4-gnutls-dev
pkg libmicrohttpd           libmicrohttpd-dev
pkg cmocka                  libcmocka-dev
cmd python3                 python3
py flask                    python3-flask
py requests                 python3-requests
cmd curl                    curl
cmd gcc                     gcc
cmd g++                     g++
cmd clang                   clang
cmd nm                      binutils
cmd valgrind                valgrind
deb libc6-dbg               libc6-dbg
cmd clang-format            clang-format
cmd clang-tidy              clang-tidy
cmd cppcheck                cppcheck
cmd gcovr                   gcovr
rt fuzzer                   libclang-rt-dev libclang-rt-14-dev
'
needs_macos='
cmd pkg-config              pkgconf
pkg libsodium               libsodium
pkg jansson                 jansson
pkg sqlite3                 sqlite
pkg libcurl                 curl
pkg libmicrohttpd           libmicrohttpd
pkg cmocka                  cmocka
cmd python3                 python
cmd clang-format            clang-format
cmd cppcheck                cppcheck
cmd gcovr                   gcovr
'

python=/usr/bin/python3
[ -x "$python" ] || python=python3

there() { # KIND NAME
    case $1 in
    cmd) command -v "$2" >/dev/null 2>&1 ;;
    pkg) pkg-config --exists "$2" 2>/dev/null ;;
    py) "$python" -c "import $2" >/dev/null 2>&1 ;;
    deb) dpkg-query -W -f '${Status}' "$2" 2>/dev/null | grep -q 'install ok installed' ;;
    rt) clang_has_runtime "$2" ;;
    esac
}

clang_has_runtime() { # KIND
    path=$(clang -print-file-name="libclang_rt.$1-$(uname -m).a" 2>/dev/null) || return 1
    [ -f "$path" ] || {
        path=$(clang -print-file-name="libclang_rt.$1.a" 2>/dev/null)
        [ -f "$path" ]
    }
}

# Prints the needs, of the list given, that are not met.
missing_of() {
    printf '%s\n' "$1" | while read -r kind name packages; do
        if [ -n "$kind" ] && ! there "$kind" "$name"; then
            printf '%s %s %s\n' "$kind" "$name" "$packages"
        fi
    done
}

# Prints the first package of each line of needs that apt knows.
known_packages() {
    printf '%s\n' "$1" | while read -r kind name packages; do
        known=
        for package in $packages; do
            if apt-cache show "$package" >/dev/null 2>&1; then
                known=$package
                break
            fi
        done
        if [ -n "$known" ]; then
            printf '%s\n' "$known"
        else
            echo "deps: apt knows no package for $name ($packages)" >&2
        fi
    done
}

install_debian() {
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        as_root=sudo
        if ! command -v sudo >/dev/null 2>&1; then
            echo "deps: not root and no sudo; missing:" >&2
            printf '%s\n' "$1" >&2
            exit 1
        fi
    fi
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 update -q ||
        echo "deps: apt-get update failed, going on with the lists that are there" >&2
    packages=$(known_packages "$1")
    # shellcheck disable=SC2086 # one word a package
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -q -y \
        --no-install-recommends $packages </dev/null
}

install_macos() {
    # shellcheck disable=SC2046 # one word a formula
    brew install $(printf '%s\n' "$1" | while read -r kind name formula; do echo "$formula"; done)
}

if [ "$(uname -s)" = Darwin ]; then
    for formula in curl sqlite; do
        PKG_CONFIG_PATH="${PKG_CONFIG_PATH:-}:$(brew --prefix)/opt/$formula/lib/pkgconfig"
    done
    export PKG_CONFIG_PATH
    needs=$needs_macos
    install_missing=install_macos
elif command -v apt-get >/dev/null 2>&1; then
    needs=$needs_debian
    install_missing=install_debian
else
    echo "deps: neither apt-get nor brew here; install by your own means:" >&2
    missing_of "$needs_debian" >&2
    exit 1
fi

missing=$(missing_of "$needs")
if [ -z "$missing" ]; then
    exit 0
fi
$install_missing "$missing"
still=$(missing_of "$needs")
if [ -n "$still" ]; then
    echo "deps: still missing, some targets will not work:" >&2
    printf '%s\n' "$still" >&2
    # What `make run` and the unit tests need must be there; the rest only narrows the checks.
    if printf '%s\n' "$still" | grep -Eq '^(pkg|cmd pkg-config|cmd python3)'; then
        exit 1
    fi
fi
