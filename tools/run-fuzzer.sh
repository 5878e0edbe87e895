#!/bin/sh
# run-fuzzer.sh BUILD NAME SECONDS: one fuzzer for a bounded time. New inputs gather in
# BUILD/corpus/NAME; what made it crash is kept in BUILD/crashes.
set -eu
build=$1 name=$2 seconds=$3
mkdir -p "$build/corpus/$name" "$build/crashes"
dictionary=test/fuzz/$name.dict
set -- "$build/corpus/$name"
[ -d "test/fuzz/corpus/$name" ] && set -- "$@" "test/fuzz/corpus/$name"
[ -f "$dictionary" ] && set -- "-dict=$dictionary" "$@"
exec "$build/bin/$name" -seed="${BC_TEST_SEED:-1}" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$build/crashes/$name-" "$@"
