"""Random histories of a ledger: a network, and blocks in the order in which a chain is given them.

Every history has a network and a chain of its own, so that each begins small and any one can be
repeated alone; the program that is compared is started once for each. A model judges as the history
is made, so the answers come with it.
"""
import json
import random as random_numbers

import ledger_codec as codec
from ledger_blocks import SIGNERS, USERS, Maker, Unfit
from ledger_faults import FAULTS, STATE_FAULTS
from ledger_model import Chain
from ledger_network import Network

TIME = 1_700_000_000_000
KINDS = ("fixed", "fixed", "asert", "authority", "authority")
BLOCKS_MOST = 40


def random_members(random):
    """Parameters; small limits are frequent, so that they are met."""
    kind = random.choice(KINDS)
    users = sorted(key.public.hex() for key in random.sample(USERS, random.randint(1, 5)))
    members = {
        "rules": "ledger", "version": 1, "name": f"history {random.getrandbits(60):x}",
        "time": random.choice((TIME, TIME, TIME, 0, 1, codec.TIME_END - 20000)),
        "sealing": "authority" if kind == "authority" else "work",
        "initial": random.choice((0, 1, 50, 1 << 20, 1 << 40)), "halving": random.choice((1, 3, 10, 1 << 20)),
        "block_bytes": random.choice((1024, 1200, 4096, 1 << 20)),
        "minimum_fee": random.choice((0, 0, 1, 3)), "future_limit": random.choice((0, 1, 1000, 2000)),
        "allocations": [[key, random.choice((1, 1000, 10 ** 6, 10 ** 6, 1 << 58))] for key in users]}
    members["payload_bytes"] = random.choice((0, 40, 1024, members["block_bytes"]))
    if kind == "authority":
        count = random.choice((1, 1, 2, 3, 4, 5, 6, 7))
        members["authorities"] = [key.public.hex() for key in random.sample(SIGNERS, count)]
        members["period"] = random.choice((0, 1, 1000))
        return members
    bits, limit = random.choice(((0x207FFFFF, 0x207FFFFF), (0x207FFFFF, 0x207FFFFF),
                                 (0x200FFFFF, 0x2100FFFF), (0x2100FFFF, 0x2100FFFF),
                                 (0x2000FFFF, 0x207FFFFF), (0x20123456, 0x2012345A)))
    members.update(difficulty=kind, bits=bits, limit=limit)
    if kind == "asert":
        members["spacing"] = random.choice((1000, 1000, 60000))
        members["half_life"] = members["spacing"] * random.choice((6, 6, 20, 288))
    return members


class History:
    """`lines`: pairs (clock in milliseconds, bytes); `answers`: what the model says of each."""

    def __init__(self, seed):
        self.random = random = random_numbers.Random(seed)
        self.network = Network(json.dumps(random_members(random)).encode())
        self.chain = Chain(self.network)
        self.maker = Maker(self.network, random)
        self.made = [self.maker.genesis]
        self.clock = self.network.members["time"]
        self.lines, self.answers = [], []

    def actions(self):
        return (self.extend, self.extend, self.extend, self.fork, self.fork, self.fault, self.fault,
                self.two_faults, self.repeat, self.damage, self.orphans, self.overtake,
                self.overtake, self.bad_overtake)

    def run(self):
        actions = self.actions()
        if self.network.members["halving"] == 1 and self.random.random() < 0.2:
            self.outlive_the_subsidy()
        blocks = len(self.lines) + self.random.randint(5, BLOCKS_MOST)
        while len(self.lines) < blocks:
            try:
                self.random.choice(actions)()
            except Unfit:
                self.extend_plainly()
        self.hand_in_again()
        return self

    # ---- Handing in

    def give(self, data, time=None):
        """The clock mostly is where the block may stand, and goes back and forth."""
        random, future_limit = self.random, self.network.members["future_limit"]
        time = self.clock if time is None else time
        chance = random.random()
        if chance < 0.80:
            now = max(self.clock, time)
        elif chance < 0.90:
            now = time - future_limit
        elif chance < 0.93:
            now = time - future_limit - 1
        else:
            now = self.clock + random.choice((-1, 1)) * random.choice((1, 1000, 10 ** 6))
        now = min(max(now, 0), codec.TIME_END)
        self.clock = max(min(now, codec.TIME_END - 1), self.clock - 5000)
        self.hand_in(now, data)

    def hand_in(self, now, data):
        self.lines.append((now, data))
        self.answers.append(self.chain.line(now, data))

    def give_draft(self, draft, keep=True):
        self.give(draft.data, draft.header.time)
        if keep and self.maker.could_have_children(draft):
            self.made.append(self.maker.entry(draft))

    # ---- What may happen

    def some_parent(self):
        chance = self.random.random()
        if chance < 0.6:
            return self.chain.tip
        return self.random.choice(self.made[-5:] if chance < 0.9 else self.made)

    def extend(self):
        self.give_draft(self.maker.make(self.chain.tip))

    def extend_plainly(self):
        """Where even this is not possible the targets became too hard, or time came to its end."""
        try:
            self.extend()
        except Unfit:
            self.give(self.network.genesis_bytes)

    def outlive_the_subsidy(self):
        """More halvings than a subsidy has bits."""
        for _ in range(70):
            self.extend_plainly()

    def fork(self):
        self.give_draft(self.maker.make(self.random.choice(self.made[-6:])))

    def some_fault(self):
        return self.random.choice(FAULTS[self.random.choice(list(FAULTS))])

    def fault(self):
        fault = self.some_fault()
        draft = self.maker.make(self.some_parent(), [fault])
        self.give_draft(draft, keep=self.random.random() < 0.3)
        if self.random.random() < 0.3:
            self.give(draft.data)
        if self.random.random() < 0.3 and draft.honest != draft.data:
            self.give(draft.honest, draft.header.time)
        if self.random.random() < 0.3:
            try:
                self.give_draft(self.maker.make(self.made[-1], transactions=1))
            except Unfit:
                pass

    def two_faults(self):
        """Which of the two is named is the order of the checks."""
        draft = self.maker.make(self.some_parent(), [self.some_fault(), self.some_fault()])
        self.give_draft(draft, keep=False)

    def repeat(self):
        if self.lines:
            self.give(self.random.choice(self.lines)[1])

    def damage(self):
        """One bit of an earlier block, anywhere."""
        if self.lines:
            data = bytearray(self.random.choice(self.lines)[1])
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
            self.give(bytes(data))

    def branch(self, parent, length, fault_at=None):
        drafts = []
        for number in range(length):
            faults = [self.random.choice(STATE_FAULTS)] if number == fault_at else []
            drafts.append(self.maker.make(parent, faults, transactions=2))
            parent = self.maker.entry(drafts[-1])
            self.made.append(parent)
        return drafts

    def orphans(self):
        drafts = self.branch(self.some_parent(), self.random.randint(2, 4))
        shuffled = self.random.sample(drafts, len(drafts))
        for draft in shuffled + (drafts if self.random.random() < 0.7 else []):
            self.give(draft.data, draft.header.time)

    def overtake(self, fault=False):
        """A branch from some depth, as long as it needs to be, or nearly."""
        depth = min(self.random.choice((1, 1, 2, 3, 5, 8, 12, 40)), self.chain.tip.height)
        parent = self.chain.tip
        for _ in range(depth):
            parent = parent.parent
        length = max(1, min(depth + self.random.choice((-1, 0, 1, 1, 1, 2)), 15))
        fault_at = self.random.randrange(length) if fault else None
        for draft in self.branch(parent, length, fault_at):
            self.give(draft.data, draft.header.time)

    def bad_overtake(self):
        """Somewhere on the branch is a block that fails when it is connected."""
        self.overtake(fault=True)

    def hand_in_again(self):
        """At the end, with a clock that no block is ahead of: some of all that came."""
        for _, data in self.lines[:]:
            if self.random.random() < 0.2:
                self.hand_in(codec.TIME_END, data)

    def text(self):
        return "".join(f"{now} {data.hex()}\n" for now, data in self.lines)
