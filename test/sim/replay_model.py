#!/usr/bin/python3
"""The model's answer to `bcctl replay --network FILE.json`: lines `NOW_MS BLOCK_HEX` from standard
input, and for each `STATUS REASON BLOCK_ID TIP_HEIGHT TIP_ID TIP_WORK`."""
import pathlib
import sys

from ledger_model import Chain
from ledger_network import Network, Refused


def main(arguments):
    if len(arguments) != 1:
        print("usage: replay_model.py NETWORK.json", file=sys.stderr)
        return 2
    try:
        network = Network(pathlib.Path(arguments[0]).read_bytes())
    except (OSError, Refused) as problem:
        print(f"replay_model.py: {arguments[0]}: {problem}", file=sys.stderr)
        return 2
    if network.members["host_rules"]:
        print(f"replay_model.py: {arguments[0]}: it needs a host's rules", file=sys.stderr)
        return 2
    chain = Chain(network)
    for line in sys.stdin:
        now, block = line.split()
        print(chain.line(int(now), bytes.fromhex(block)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
