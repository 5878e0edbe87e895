#!/bin/sh
# Walks the article with curl: mines, sends a transaction, and lets two nodes settle who is right.
#
#     sh examples/tutorial.sh                    starts two nodes of its own, in a temporary folder
#     sh examples/tutorial.sh URL URL            uses two nodes that run already
#
# BCNODE names the program (build/bin/bcnode, or the one that is installed).
set -eu

stop() {
    echo "tutorial.sh: $1" >&2
    exit 1
}

folder=
nodes=
clean_up() {
    for process in $nodes; do
        kill "$process" 2>/dev/null || :
        wait "$process" 2>/dev/null || :
    done
    [ -z "$folder" ] || rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

find_bcnode() {
    built=$(dirname "$0")/../build/bin/bcnode
    if [ -n "${BCNODE:-}" ]; then
        echo "$BCNODE"
    elif [ -x "$built" ]; then
        echo "$built"
    else
        command -v bcnode || stop "there is no bcnode: build it, or say where it is in BCNODE"
    fi
}

# start NAME: runs a node on a free port and sets url. It says where it listens when it is ready.
start() {
    mkfifo "$folder/$1.url"
    "$bcnode" -p 0 --data "$folder/$1" >"$folder/$1.url" 2>"$folder/$1.log" &
    nodes="$nodes $!"
    read -r line <"$folder/$1.url" || stop "bcnode did not start: $(cat "$folder/$1.log")"
    url=${line##* }
    url=${url%/}
}

# ask EXPECTED ARGUMENT...: shows a curl command, runs it, shows the answer, which has to hold EXPECTED.
ask() {
    expected=$1
    shift
    printf '\n$ curl'
    for argument; do
        case $argument in
        *[!A-Za-z0-9:/._-]*) printf " '%s'" "$argument" ;;
        *) printf ' %s' "$argument" ;;
        esac
    done
    printf '\n'
    answer=$(curl -fsS --noproxy '*' --max-time 60 "$@") || stop "curl failed"
    printf '%s\n' "$answer"
    case $answer in
    *"$expected"*) ;;
    *) stop "the answer does not hold: $expected" ;;
    esac
}

# length URL: how many blocks a node has.
length() {
    curl -fsS --noproxy '*' --max-time 60 "$1/chain" |
        tr -d ' \n' | sed 's/.*"length":\([0-9]*\).*/\1/'
}

case $# in
0)
    bcnode=$(find_bcnode)
    folder=$(mktemp -d)
    start one
    one=$url
    start two
    two=$url
    ;;
2)
    one=${1%/}
    two=${2%/}
    ;;
*) stop "usage: tutorial.sh [URL URL]" ;;
esac

echo "Two nodes: $one and $two. Each has a chain of its own."

echo
echo "== Mining: the first node finds a proof and gets a coin."
ask 'New Block Forged' "$one/mine"

echo
echo "== A transaction waits for the next block."
ask 'Transaction will be added to Block' -X POST -H 'Content-Type: application/json' -d '{
 "sender": "d4ee26eee15148ee92c6cd394edd974e",
 "recipient": "someone-other-address",
 "amount": 5
}' "$one/transactions/new"
ask 'someone-other-address' "$one/mine"

echo
echo "== The whole chain of the first node."
ask '"chain"' "$one/chain"

echo
echo "== The second node gets a longer chain."
blocks=$(length "$one")
mined=0
while [ "$(length "$two")" -le "$blocks" ]; do
    [ "$mined" -lt 100 ] || stop "the first node's chain is too long for a demonstration"
    ask 'New Block Forged' "$two/mine"
    mined=$((mined + 1))
done

echo
echo "== The first node learns of the second, and resolves: the longest valid chain wins."
ask 'New nodes have been added' -X POST -H 'Content-Type: application/json' \
    -d "{\"nodes\": [\"$two\"]}" "$one/nodes/register"
ask 'Our chain was replaced' "$one/nodes/resolve"
ask 'Our chain is authoritative' "$one/nodes/resolve"

echo
echo "== Both have the same chain now."
[ "$(curl -fsS --noproxy '*' "$one/chain")" = "$(curl -fsS --noproxy '*' "$two/chain")" ] ||
    stop "the two chains differ"
echo "$(length "$one") blocks."

# The article's own program loses it, and the two URLs may be such nodes.
if [ $# -eq 0 ]; then
    echo
    echo "== The transaction of the chain that gave way was not lost: it is in the next block."
    ask 'someone-other-address' "$one/mine"
fi
