#!/usr/bin/python3
"""All trees of up to 6 blocks behind genesis, in all orders in which parents come before children,
and orders in which some do not: the tip is the block with most work, among equals the one that came
first (under authority the one with the smallest id), and the state is that of its branch.

Orders with orphans are many (16,807 for 6 blocks): all up to 4 blocks, and a sample (BC_TEST_SCALE in
percent) above. `bcctl replay` is compared with the model and with the rule as it is said here.
"""
import argparse
import itertools
import json
import random as random_numbers
import sys
import tempfile
import time

import ledger_codec as codec
from ledger_blocks import SIGNERS, TRANSACTIONS, USERS, Maker
from ledger_model import Chain
from ledger_network import Network
from ledger_replay import SCALE, SEED, Failure, Replay

BLOCKS_MOST = 6
ALL_ORPHANS_MOST = 4
SAMPLE = 150
NOW = codec.TIME_END

COMMON = {"rules": "ledger", "version": 1, "name": "trees", "time": 1_700_000_000_000, "initial": 50,
          "halving": 1000, "allocations": [[USERS[0].public.hex(), 1_000_000]]}
WORK = dict(COMMON, sealing="work", difficulty="fixed", bits=0x207FFFFF, limit=0x207FFFFF)
NETWORKS = {
    "work": WORK,
    # Times are random, so blocks of one height differ in work.
    "work with asert": dict(WORK, difficulty="asert", bits=0x203FFFFF, spacing=1000, half_life=6000),
    # Seven signers, of whom the last three may not sign: weights of 1 and 2 mix.
    "authority": dict(COMMON, sealing="authority", period=0,
                      authorities=[key.public.hex() for key in SIGNERS]),
}


def parents_first(count):
    """Block i (from 1) stands on any earlier one; 0 is genesis. Every tree in every such order."""
    return itertools.product(*(range(number) for number in range(1, count + 1)))


def reaches_genesis(parents, number):
    for _ in parents:
        number = parents[number - 1] if number else 0
    return number == 0


def is_tree(parents):
    return all(reaches_genesis(parents, number) for number in range(1, len(parents) + 1))


def any_order(count):
    """Trees whose blocks are numbered by arrival, in whatever order that is."""
    return [parents for parents in itertools.product(range(count + 1), repeat=count)
            if is_tree(parents)]


def all_orders(random):
    orders = [order for count in range(1, BLOCKS_MOST + 1) for order in parents_first(count)]
    for count in range(2, BLOCKS_MOST + 1):
        late = [order for order in any_order(count)
                if any(parent > number for number, parent in enumerate(order, 1))]
        if count > ALL_ORPHANS_MOST:
            late = random.sample(late, min(len(late), max(1, SAMPLE * SCALE // 100)))
        orders += late
    return orders


class Tree:
    """The blocks of one order, each with a transfer that no other has."""

    def __init__(self, network, random, parents):
        self.maker = Maker(network, random)
        self.parents = parents
        self.drafts = {}
        self.entries = {0: self.maker.genesis}
        waiting = list(range(1, len(parents) + 1))
        while waiting:
            number = next(n for n in waiting if parents[n - 1] in self.entries)
            waiting.remove(number)
            self._make(number, self.entries[parents[number - 1]])

    def _make(self, number, parent):
        transfer = self.maker.sign(USERS[0], parent.height, number, number % 3, USERS[number].public)
        self.drafts[number] = self._block(parent, [transfer])
        self.entries[number] = self.maker.entry(self.drafts[number])

    def _block(self, parent, transactions):
        def change(draft):
            draft.signed = list(transactions)
        return self.maker.make(parent, [(TRANSACTIONS, change)], transactions=0)

    def expected_tips(self):
        """By the rule: which block is the tip after each arrival."""
        is_work = self.maker.network.is_work
        stored, tip = {0}, 0
        for number, parent in enumerate(self.parents, 1):
            if parent in stored:
                stored.add(number)
                ours, best = self.entries[number], self.entries[tip]
                if ours.work > best.work or (ours.work == best.work and not is_work
                                             and ours.id < best.id):
                    tip = number
            yield tip

    def probes(self, tip):
        """Blocks on the tip: one spends an account and 1 more, the other just all that there is."""
        parent = self.entries[tip]
        owners = [(key, *parent.state.get(key.public)) for key in USERS]
        owners = [owner for owner in owners if owner[1] > 0]
        key, balance, nonce = self.maker.random.choice(owners)
        nobody = bytes(31) + b"\1"
        yield self._block(parent, [self.maker.sign(key, nonce, balance + 1, 0, nobody)]), "invalid balance"
        yield self._block(parent, [self.maker.sign(key, nonce, balance, 0, nobody)
                                   for key, balance, nonce in owners]), "accepted -"


def run_order(replay, network, random, parents):
    tree = Tree(network, random, parents)
    chain = Chain(network)
    text, answers = [], []

    def give(draft):
        text.append(f"{NOW} {draft.data.hex()}\n")
        answers.append(chain.line(NOW, draft.data))
        return answers[-1]

    for number, tip in enumerate(tree.expected_tips(), 1):
        answer = give(tree.drafts[number])
        entry = tree.entries[tip]
        if answer.split()[3:] != [str(entry.height), entry.id.hex(), f"{entry.work:x}"]:
            raise Failure(f"the model breaks the rule: {answer}, and the tip is {entry.id.hex()}")
    for draft, verdict in tree.probes(tip):
        answer = give(draft)
        if not answer.startswith(verdict):
            raise Failure(f"the model breaks the rule: {answer}, not {verdict}")
    if replay:
        replay.compare(network, "".join(text), answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--model-only", action="store_true", help="compare with the rule alone")
    parser.add_argument("--program", nargs="+", help="another program than bcctl replay --network")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        replay = None if options.model_only else Replay(folder, options.program)
        for name, members in NETWORKS.items():
            random, start = random_numbers.Random(f"{options.seed}/{name}"), time.monotonic()
            network = Network(json.dumps(members).encode())
            orders = all_orders(random)
            for parents in orders:
                try:
                    run_order(replay, network, random, parents)
                except Failure as failure:
                    print(f"{name}, seed {options.seed}, blocks on {parents}: {failure}")
                    return 1
            print(f"{name}: {len(orders)} orders, {time.monotonic() - start:.1f} s, seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
