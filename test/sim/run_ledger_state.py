#!/usr/bin/python3
"""Random histories of ledgers with transactions offered between blocks, and the program opened again:
the tip, every account and the waiting transactions are after each step what the model says.

1,000 histories by default (with BC_TEST_SCALE in percent, or BC_TEST_HISTORIES), begun at BC_TEST_SEED.
One history alone:
    test/sim/run_ledger_state.py --seed 1 --first 17 --count 1 --keep FOLDER
leaves network.json, steps.txt and answers.txt (the model's) in FOLDER.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import sys
import tempfile
import time

from ledger_blocks import USERS, Maker
from ledger_codec import TRANSACTION_BYTES, encode_transaction
from ledger_network import Network
from ledger_replay import SCALE, SEED, Failure, Replay
from ledger_state_histories import StateHistory
from nodes import BUILD

FILTER = BUILD / "test" / "sim" / "ledger_filter"
HISTORIES = int(os.environ.get("BC_TEST_HISTORIES", max(1, 1000 * SCALE // 100)))
EVERYTHING_FROM = 500
BATCH = 25
EXPECTED = [
    *(f"tx {verdict}" for verdict in (
        "accepted -", "known known", "refused size", "refused nonce", "refused replacement",
        "refused balance", "refused sender-limit", "refused mempool-full", "invalid framing",
        "invalid reward-place", "invalid payload-size", "invalid recipient", "invalid overflow",
        "invalid minimum-fee", "invalid key", "invalid signature")),
    *(f"some left with: {what}" for what in (
        "tx accepted -", "block accepted -", "tick ticked -", "reopen opened -")),
    *(f"prove {what}" for what in (
        "tx: a proof", "record: a proof", "record: none", "block: a proof", "block: none",
        "prefix: a proof", "prefix: none")),
    "block accepted -", "block branch -", "block orphan orphan", "reopen opened -", "tick ticked -",
    "some came back", "reorganisation"]


def keep(history, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "network.json").write_bytes(history.network.canonical)
    (folder / "steps.txt").write_text(history.preamble() + history.text())
    (folder / "answers.txt").write_text("".join(f"{'a proof' if callable(answer) else answer}\n"
                                                for answer in history.expected()))


def read_options():
    parser = argparse.ArgumentParser(description=" ".join(__doc__.split("\n\n", maxsplit=1)[0].split()))
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--first", type=int, default=0, help="number of the first history")
    parser.add_argument("--count", type=int, default=HISTORIES)
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for what is compared")
    parser.add_argument("--model-only", action="store_true", help="compare with nothing")
    parser.add_argument("--program", nargs="+", default=[str(FILTER)], help="another program than ours")
    return parser.parse_args()


def measure_entries(program, random):
    """What the mempool of the program counts for a transaction beside its encoding: the same for any."""
    network = Network(json.dumps({
        "rules": "ledger", "version": 1, "name": "measure", "time": 0, "sealing": "work",
        "difficulty": "fixed", "bits": 0x207FFFFF, "limit": 0x207FFFFF, "initial": 0, "halving": 1,
        "allocations": [[USERS[0].public.hex(), 1000]]}).encode())
    maker, text = Maker(network, random), ""
    for nonce, payload in enumerate((b"", bytes(100))):
        t = maker.sign(USERS[0], nonce, 1, 0, USERS[1].public, payload)
        text += f"tx 1 {encode_transaction(t).hex()}\nbytes\n"
    with tempfile.TemporaryDirectory() as folder:
        answers = Replay(folder, program).answers(network, text)
    first, both = int(answers[1].split()[0]), int(answers[3].split()[0])
    if both - first != first + 100:
        raise Failure(f"the mempool counts {first} bytes for one transaction, {both} for two")
    return first - TRANSACTION_BYTES


def run_batch(options, entry_bytes, first, count):
    """(what was seen, steps, the failure or None)"""
    seen, steps = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        replay = Replay(folder, options.program)
        for number in range(first, first + count):
            history = StateHistory(f"{options.seed}/{number}", entry_bytes).run()
            if options.keep:
                keep(history, options.keep)
            try:
                if not options.model_only:
                    replay.compare(history.network, history.text(), history.expected(), history.preamble())
            except Failure as failure:
                return seen, steps, (f"history {number} of seed {options.seed}: {failure}\nrepeat: "
                                     f"{sys.argv[0]} --seed {options.seed} --first {number} --count 1 "
                                     "--keep FOLDER")
            steps += len(history.steps)
            seen.update(history.seen)
    return seen, steps, None


def main():
    options = read_options()
    seen, steps, start = collections.Counter(), 0, time.monotonic()
    entry_bytes = 400 if options.model_only else measure_entries(options.program, None)
    end = options.first + options.count
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        batches = [pool.submit(run_batch, options, entry_bytes, first, min(BATCH, end - first))
                   for first in range(options.first, end, BATCH)]
        for batch in batches:
            batch_seen, batch_steps, failure = batch.result()
            if failure:
                pool.shutdown(cancel_futures=True)
                print(failure)
                return 1
            seen.update(batch_seen)
            steps += batch_steps
    for what in sorted(seen):
        print(f"{seen[what]:8} {what}")
    seconds = time.monotonic() - start
    print(f"{options.count} histories, {steps} steps, {seconds:.1f} s, seed {options.seed}")
    missing = [what for what in EXPECTED if what not in seen]
    if options.count >= EVERYTHING_FROM and missing:
        print(f"never seen: {missing}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
