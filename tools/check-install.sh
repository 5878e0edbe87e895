#!/bin/sh
# check-install.sh BUILD: installs what was built and uses it as a stranger would: pkg-config, then
# a C and a C++ program, linked with the shared and with the static libraries.
set -eu

build=$1
make=${MAKE:-make}
# The job server of the make above is closed to us.
MAKEFLAGS=$(printf '%s' "${MAKEFLAGS:-}" | sed -E 's/ ?-j[0-9]*//; s/ ?--jobserver-[a-z]+=[^ ]+//g')
export MAKEFLAGS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
system=$(uname -s)

fail() {
    echo "check-install: $*"
    exit 1
}

quietly() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        fail "failed: $*"
    }
}

# DESTDIR: nothing outside it, paths in the .pc files without it, and uninstall leaves no file.
quietly "$make" install BUILD="$build" DESTDIR="$work/stage" PREFIX=/usr LIBDIR=/usr/lib/some-abi
[ -f "$work/stage/usr/lib/some-abi/libbc.a" ] || fail "LIBDIR was not heeded"
if grep -r "$work" "$work/stage" --include='*.pc'; then
    fail "DESTDIR is in a .pc file"
fi
# shellcheck disable=SC2016 # pkg-config expands it
grep -q '^libdir=${prefix}/lib/some-abi$' "$work/stage/usr/lib/some-abi/pkgconfig/libbc.pc" ||
    fail "libdir is wrong in libbc.pc"
quietly "$make" uninstall BUILD="$build" DESTDIR="$work/stage" PREFIX=/usr LIBDIR=/usr/lib/some-abi
left=$(find "$work/stage" ! -type d)
[ -z "$left" ] || fail "uninstall left $left"

quietly "$make" install BUILD="$build" DESTDIR= PREFIX="$prefix"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}"

declared=$(awk '/define BC_VERSION_(MAJOR|MINOR|PATCH) / { print $3 }' "$prefix/include/bc/bc.h" | paste -sd. -)
version=$(pkg-config --modversion libbc)
[ "$version" = "$declared" ] || fail "libbc.pc says $version, the header $declared"

# A program for each library: the core's example, and for adapters one that takes a function's address.
cp examples/minimal.c "$work/libbc.c"
for pc in "$prefix"/lib/pkgconfig/libbc-*.pc; do
    [ -f "$pc" ] || continue
    name=$(basename "$pc" .pc)
    function=$(head -n 1 "test/abi/$name.symbols")
    cat >"$work/$name.c" <<PROGRAM
#include <bc/${name#libbc-}.h>
int main(void)
{
    void (*function)(void) = (void (*)(void))$function;
    return function == 0;
}
PROGRAM
done

flags='-Wall -Wextra -Wpedantic -Werror'
for source in "$work"/libbc*.c; do
    name=$(basename "$source" .c)
    # Shared. Only what the program uses directly is asked for.
    for language in "${CC:-cc} -std=c11" "${CXX:-c++} -x c++ -std=c++11"; do
        # shellcheck disable=SC2046,SC2086 # one word a flag
        quietly $language $flags "$source" -o "$work/$name" $(pkg-config --cflags --libs "$name")
        LD_LIBRARY_PATH=$prefix/lib DYLD_LIBRARY_PATH=$prefix/lib quietly "$work/$name"
    done
    if [ "$system" = Linux ]; then
        readelf -d "$work/$name" | grep -q "NEEDED.*\[$name\.so\.0\]" || fail "$name: no NEEDED of its soname"
    fi
done

# Static: our shared libraries are out of reach.
rm -f "$prefix"/lib/*.so* "$prefix"/lib/*.dylib
for source in "$work"/libbc*.c; do
    name=$(basename "$source" .c)
    # libcurl's private list names libraries that have no development package installed; the public
    # ones of what we require are enough when those are shared.
    private=$(pkg-config --print-requires-private "$name" libbc | sed 's/ .*//')
    for language in "${CC:-cc} -std=c11" "${CXX:-c++} -x c++ -std=c++11"; do
        # shellcheck disable=SC2046,SC2086
        quietly $language $flags "$source" -o "$work/$name" $(pkg-config --cflags --libs "$name") \
            $(pkg-config --libs $private) -pthread
        quietly "$work/$name"
    done
done
if [ "$system" = Linux ]; then
    # shellcheck disable=SC2046,SC2086
    quietly ${CC:-cc} -std=c11 $flags -static "$work/libbc.c" -o "$work/libbc" \
        $(pkg-config --static --cflags --libs libbc)
    quietly "$work/libbc"
fi
