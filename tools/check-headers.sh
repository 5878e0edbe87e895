#!/bin/sh
# Compiles each public header alone, and the sources of test/abi, in every standard that we promise
# and with each compiler that is here, with warnings as errors.
set -u

flags='-Iinclude -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
compiled=0
failed=0

compile() { # COMPILER LANGUAGE STANDARD HEADER-OR-SOURCE
    case $4 in
    *.h) # included twice: the guard is tested too
        text=$(printf '#include <%s>\n#include <%s>\nextern int after_header;' "${4#include/}" "${4#include/}") ;;
    *) text=$(cat "$4") ;;
    esac
    extra=
    [ "$2" = c ] && extra=-Wstrict-prototypes
    compiled=$((compiled + 1))
    # shellcheck disable=SC2086 # one word a flag
    if ! printf '%s\n' "$text" | $1 -x "$2" -std="$3" $flags $extra -; then
        echo "$4: not clean with $1 -std=$3"
        failed=$((failed + 1))
    fi
}

compilers=0
for pair in 'gcc g++' 'clang clang++'; do
    for compiler in $pair; do
        command -v "$compiler" >/dev/null 2>&1 || {
            echo "$compiler is not here"
            continue
        }
        compilers=$((compilers + 1))
        case $compiler in
        *++) language=c++ standards='c++11 c++14 c++17 c++20' ;;
        *) language=c standards='c99 c11 c17 c2x' ;;
        esac
        for file in include/bc/*.h test/abi/*.c test/abi/*.cpp; do
            [ -f "$file" ] || continue
            [ "$language" = c ] && [ "${file%.cpp}" != "$file" ] && continue
            for standard in $standards; do
                compile "$compiler" "$language" "$standard" "$file"
            done
        done
    done
done
echo "$compiled compiled with $compilers compilers, $failed failed"
[ "$compiled" -gt 0 ] && [ "$failed" -eq 0 ]
