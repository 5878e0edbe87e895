"""Makes blocks of a ledger for tests: valid ones, and ones with a chosen fault and no other.

A block is drafted in stages (transactions, reward, header, seal, bytes); a fault changes what its
stage made, and the stages behind it go on as if all were well, so that the fault is the first thing
that is wrong. Keys are made once for a process.
"""
import ledger_codec as codec
import ledger_ed25519 as ed25519
from ledger_model import Entry, Fault, State, connect, expected_bits, median_time, recent_signers

U64_MOST = codec.U64_END - 1
TRIES = 20000

USERS = [ed25519.Key(codec.sha256(b"user %d" % number)) for number in range(8)]
SIGNERS = [ed25519.Key(codec.sha256(b"authority %d" % number)) for number in range(7)]
SIGNER_OF = {key.public: key for key in SIGNERS}


class Unfit(Exception):
    """What was asked for cannot be made here: a signer on a network of work, a target too hard."""


class Draft:
    def __init__(self, maker, parent):
        self.maker, self.network, self.random = maker, maker.network, maker.random
        self.parent = parent
        self.signed = []
        self.reward = None
        self.header = None
        self.signer = None
        self.seal = b""
        self.data = b""
        self.honest = None

    def block(self):
        return codec.Block(self.header, self.seal, ([self.reward] if self.reward else []) + self.signed)


class Maker:
    """Makes blocks for one network. Entries that it gives are its own, none of a Chain's."""

    def __init__(self, network, random):
        self.network, self.random = network, random
        self.genesis = Entry(network.genesis, None, network.work_of(network.genesis.header))
        self.genesis.state = State(dict(network.allocations))
        self.signed_before = {}
        self.step = network.members.get("spacing", 1000)

    # ---- Transactions

    def sign(self, key, nonce, amount, fee, recipient, payload=b""):
        t = codec.Transaction(codec.SIGNED, nonce, amount, fee, key.public, recipient, payload, b"")
        return t._replace(signature=key.sign(codec.signed_hash(self.network.id, t)))

    def least_fee(self, payload):
        return self.network.members["minimum_fee"] * (codec.TRANSACTION_BYTES + len(payload))

    def transfer(self, state, key=None):
        """A transaction that is valid in that state, or None."""
        random = self.random
        key = key or random.choice(USERS)
        balance, nonce = state.get(key.public)
        earlier = self.signed_before.get((key.public, nonce), [])
        if earlier and random.random() < 0.4:
            t = random.choice(earlier)
            return t if t.amount + t.fee <= balance else None
        payload = b""
        if random.random() < 0.25:
            payload = random.randbytes(min(random.choice((1, 7, 32, 33, 100)),
                                           self.network.members["payload_bytes"]))
        fee = self.least_fee(payload) + random.choice((0, 0, 1, 7))
        if fee > balance:
            return None
        amount = random.choice((0, 1, (balance - fee) // 3, (balance - fee) // 2, balance - fee))
        recipient = random.choice(USERS).public
        if random.random() < 0.1:
            recipient, amount = codec.ZERO, 0
        elif random.random() < 0.1:
            recipient = random.randbytes(32)
        t = self.sign(key, nonce, min(amount, balance - fee), fee, recipient, payload)
        self.signed_before.setdefault((key.public, nonce), []).append(t)
        return t

    def choose_transactions(self, draft, most):
        state = State(dict((draft.parent.state or State({})).accounts))
        room = self.network.members["block_bytes"] - 500
        for _ in range(most):
            t = self.transfer(state)
            size = len(codec.encode_transaction(t)) if t else 0
            if t is None or size > room:
                continue
            room -= size
            balance, nonce = state.get(t.sender)
            state.put(t.sender, balance - t.amount - t.fee, nonce + 1)
            state.credit(t.recipient, t.amount)
            draft.signed.append(t)

    def make_reward(self, draft):
        height = draft.parent.height + 1
        amount = self.network.subsidy(height) + sum(t.fee for t in draft.signed)
        payload = b"" if self.random.random() < 0.9 else b"note"[:self.network.members["payload_bytes"]]
        recipient = self.random.choice(USERS).public
        if amount == 0 and self.random.random() < 0.5:
            recipient = codec.ZERO
        draft.reward = codec.Transaction(codec.REWARD, height, min(amount, U64_MOST), 0, codec.ZERO,
                                         recipient, payload, bytes(codec.SEAL_BYTES))

    # ---- Header and seal

    def choose_time(self, parent):
        random, step = self.random, self.step
        least = median_time(parent) + 1
        if not self.network.is_work:
            least = max(least, parent.time + self.network.members["period"])
        if random.random() < 0.1:
            return least
        ahead = random.choice((-step, 0, 1, step // 2, step, step, step + 1, 2 * step, 7 * step))
        return max(least, parent.time + ahead)

    def choose_signer(self, parent):
        n = len(self.network.authorities)
        recent = recent_signers(self.network, parent)
        allowed = [index for index in range(n) if index not in recent]
        in_turn = (parent.height + 1) % n
        if in_turn in allowed and self.random.random() < 0.6:
            return in_turn
        return self.random.choice(allowed)

    def set_signer(self, draft, index):
        """Index, weight and key of whoever seals; of an index that is none, the first key seals."""
        keys = self.network.authorities
        weight = 2 if draft.header.height % len(keys) == index else 1
        draft.header = draft.header._replace(nonce=index, bits=weight)
        draft.signer = SIGNER_OF[keys[index if index < len(keys) else 0]]

    def make_header(self, draft):
        parent = draft.parent
        block = draft.block()
        content = codec.content_of(block.transactions, parent.headers)
        bits = expected_bits(self.network, parent) if self.network.is_work else 0
        draft.header = codec.Header(1, bits, parent.height + 1, self.choose_time(parent), parent.id,
                                    content, 0)
        if not self.network.is_work:
            self.set_signer(draft, self.choose_signer(parent))

    def make_seal(self, draft):
        if self.network.is_work:
            draft.header = self.mine(draft.header)
        else:
            draft.seal = draft.signer.sign(codec.seal_hash(self.network.id, draft.header))

    def mine(self, header, wanted=True):
        """A nonce whose id meets the target, or (wanted False) does not."""
        target, fault = codec.expand(header.bits)
        if fault is not None:
            return header
        base, start = codec.encode_header(header)[:88], self.random.getrandbits(60)
        for nonce in range(start, start + TRIES):
            found = int.from_bytes(codec.sha256(base, nonce.to_bytes(8, "little")), "big") <= target
            if found == wanted:
                return header._replace(nonce=nonce)
        raise Unfit("no nonce was found")

    # ---- All together

    def make(self, parent, faults=(), transactions=3):
        """Drafts a block on an entry. A fault is (stage, function of the draft). Unfit if it cannot."""
        draft = Draft(self, parent)
        for stage, build in enumerate((
                lambda: self.choose_transactions(draft, self.random.randint(0, transactions)),
                lambda: self.make_reward(draft), lambda: self.make_header(draft),
                lambda: self.make_seal(draft),
                lambda: setattr(draft, "data", codec.encode_block(draft.block())))):
            build()
            if stage == SEAL:
                draft.honest = codec.encode_block(draft.block())
            for wanted, change in faults:
                if wanted == stage:
                    change(draft)
        return draft

    def could_have_children(self, draft):
        """Whether a child can be made that has no fault but its parent's."""
        header = draft.header
        return (header.height == draft.parent.height + 1 and header.time < codec.TIME_END
                and (not self.network.is_work or codec.expand(header.bits)[1] is None))

    def entry(self, draft):
        """The draft as a parent of others; its state is None where the rules give it none."""
        if not self.could_have_children(draft):
            raise Unfit("what is to be the parent")
        entry = Entry(draft.block(), draft.parent, draft.parent.work + self.network.work_of(draft.header))
        if draft.parent.state is not None and draft.reward is not None:
            try:
                entry.state = connect(self.network, draft.parent.state, entry.block)
            except (Fault, AssertionError):
                entry.state = None
        return entry


TRANSACTIONS, REWARD, HEADER, SEAL, BYTES = range(5)
