#!/bin/sh
# The examples do what they say: tutorial.sh with nodes of its own and with running ones, two_nodes,
# minimal.
set -eu
cd "$(dirname "$0")/../.."
bin=${BC_BUILD:-build}/bin
export BCNODE="$bin/bcnode"
folder=$(mktemp -d)
node=
# shellcheck disable=SC2086 # several processes
trap '[ -z "$node" ] || kill $node 2>/dev/null || :; rm -rf "$folder"' EXIT

fail() {
    echo "FAILED: $1"
    cat "$folder/out" "$folder/err"
    exit 1
}

# runs STATUS NAME COMMAND...: runs it and looks at its exit status.
runs() {
    expected=$1 name=$2
    shift 2
    status=0
    "$@" >"$folder/out" 2>"$folder/err" </dev/null || status=$?
    [ "$status" -eq "$expected" ] || fail "$name: exit status $status, not $expected"
    echo "passed: $name"
}

# says TEXT: the output of the last command has it.
says() {
    grep -qF -- "$1" "$folder/out" || fail "it does not say: $1"
}

runs 0 minimal "$bin/minimal"
says 'The chain is valid.'
says '"sender": "ann"'
says '"proof": 35293'

runs 0 two_nodes "$bin/two_nodes"
says 'bob keeps its chain: yes'
says 'ann keeps its chain: no'
says 'ann has 1 waiting record'
says 'ann and bob agree'

runs 0 'tutorial.sh with nodes of its own' sh examples/tutorial.sh
says '"proof": 35293'
says '"proof": 35089'
says 'New nodes have been added'
says 'Our chain was replaced'
says 'Our chain is authoritative'
says '4 blocks.'

urls=
for name in one two; do
    mkfifo "$folder/$name"
    "$BCNODE" -p 0 --data "$folder/data-$name" >"$folder/$name" 2>"$folder/log-$name" &
    node="$node $!"
    read -r line <"$folder/$name"
    urls="$urls ${line##* }"
done
# shellcheck disable=SC2086 # two URLs
runs 0 'tutorial.sh with running nodes' sh examples/tutorial.sh $urls
says 'Our chain was replaced'
# shellcheck disable=SC2086
runs 0 'tutorial.sh with nodes that have a history' sh examples/tutorial.sh $urls
# shellcheck disable=SC2086 # two processes
kill $node
# shellcheck disable=SC2086
wait $node
node=
# shellcheck disable=SC2086
runs 1 'tutorial.sh without nodes' sh examples/tutorial.sh $urls
runs 1 'tutorial.sh without a bcnode' env BCNODE=/nonexistent/bcnode sh examples/tutorial.sh
runs 1 'tutorial.sh with one URL' sh examples/tutorial.sh http://127.0.0.1:1
