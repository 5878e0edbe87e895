#!/usr/bin/python3
"""Random histories of ledgers: `bcctl replay` says of each block what the model says.

1,000 histories by default (with BC_TEST_SCALE in percent), begun at BC_TEST_SEED. One history alone:
    test/sim/run_ledger_histories.py --seed 1 --first 17 --count 1 --keep FOLDER
leaves network.json, blocks.txt and answers.txt (the model's) in FOLDER.
"""
import argparse
import collections
import pathlib
import sys
import tempfile
import time

from ledger_histories import History
from ledger_replay import SCALE, SEED, Failure, Replay

HISTORIES = 1000
EVERY_REASON_FROM = 1000
REASONS = """framing genesis size height median bits-negative bits-zero bits-overflow bits-over-limit
    bits-unexpected target seal-length period index weight recent seal-signature content reward-place
    payload-size recipient overflow minimum-fee key signature reward-nonce reward-payload
    reward-overflow reward-amount reward-recipient nonce balance""".split()
VERDICTS = {("accepted", "-"), ("branch", "-"), ("branch", "reorg-depth"), ("known", "known"),
            ("orphan", "orphan"), ("not-yet", "clock"), *(("invalid", reason) for reason in REASONS)}


def keep(history, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "network.json").write_bytes(history.network.canonical)
    (folder / "blocks.txt").write_text(history.text())
    (folder / "answers.txt").write_text("".join(f"{answer}\n" for answer in history.answers))


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--first", type=int, default=0, help="number of the first history")
    parser.add_argument("--count", type=int, default=max(1, HISTORIES * SCALE // 100))
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for what is compared")
    parser.add_argument("--model-only", action="store_true", help="compare with nothing")
    parser.add_argument("--program", nargs="+", help="another program than bcctl replay --network")
    return parser.parse_args()


def main():
    options = read_options()
    seen, lines, start = collections.Counter(), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        replay = Replay(folder, options.program)
        for number in range(options.first, options.first + options.count):
            history = History(f"{options.seed}/{number}").run()
            if options.keep:
                keep(history, options.keep)
            try:
                if not options.model_only:
                    replay.compare(history.network, history.text(), history.answers)
            except Failure as failure:
                print(f"history {number} of seed {options.seed}: {failure}\nrepeat: {sys.argv[0]} "
                      f"--seed {options.seed} --first {number} --count 1 --keep FOLDER")
                return 1
            lines += len(history.answers)
            seen.update(tuple(answer.split()[:2]) for answer in history.answers)
    for verdict in sorted(seen):
        print(f"{seen[verdict]:8} {' '.join(verdict)}")
    seconds = time.monotonic() - start
    print(f"{options.count} histories, {lines} blocks, {seconds:.1f} s, seed {options.seed}")
    missing = VERDICTS - set(seen)
    if options.count >= EVERY_REASON_FROM and missing:
        print(f"never seen: {sorted(missing)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
