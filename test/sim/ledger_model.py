"""A plain model of the ledger's rules: a chain that judges blocks.

Written from the rules alone, sharing no code with the library. It keeps every block, the whole state
after each, and hashes trees anew. It keeps no orphans, knows no host rules and no checkpoints, and
deletes no side branch because of its age.
"""
import ledger_codec as codec
from ledger_ed25519 import verify, good_key

WORK_MOST = (1 << 256) - 1
MEDIAN_BLOCKS = 11


class Fault(Exception):
    """A check failed. `status` and `reason` are what the verdict says."""

    def __init__(self, reason, status="invalid", remembered=True):
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.remembered = remembered and status == "invalid"


class State:
    """Balances and nonces; an account of (0, 0) is not there."""

    def __init__(self, accounts):
        self.accounts = accounts

    def get(self, key):
        return self.accounts.get(key, (0, 0))

    def put(self, key, balance, nonce):
        if (balance, nonce) == (0, 0):
            self.accounts.pop(key, None)
        else:
            self.accounts[key] = (balance, nonce)

    def credit(self, key, amount):
        balance, nonce = self.get(key)
        self.put(key, balance + amount, nonce)

    def total(self):
        return sum(balance for balance, _ in self.accounts.values())


class Entry:
    """A stored block. `state` is that behind it, None until it is connected for the first time."""

    def __init__(self, block, parent, work):
        self.block = block
        self.id = codec.header_id(block.header)
        self.parent = parent
        self.height = block.header.height
        self.time = block.header.time
        self.work = work
        self.state = None
        leaf = codec.leaf_hash(codec.encode_header(block.header))
        self.headers = (parent.headers if parent else []) + [leaf]

    def last(self, count):
        """This block and those before it, at most `count`."""
        entries, entry = [], self
        while entry is not None and len(entries) < count:
            entries.append(entry)
            entry = entry.parent
        return entries


def connect(network, state, block):
    """The state behind a block, from that of its parent; Fault for nonce and balance."""
    total = state.total()
    state = State(dict(state.accounts))
    for t in block.transactions[1:]:
        balance, nonce = state.get(t.sender)
        if t.nonce != nonce or t.nonce == codec.U64_END - 1:
            raise Fault("nonce")
        if balance < t.amount + t.fee:
            raise Fault("balance")
        state.put(t.sender, balance - t.amount - t.fee, nonce + 1)
        state.credit(t.recipient, t.amount)
    reward = block.transactions[0]
    state.credit(reward.recipient, reward.amount)
    coined = network.subsidy(block.header.height)
    assert state.total() == total + coined <= network.supply_most, "supply is not conserved"
    return state


def median_time(parent):
    """What the time of a child of `parent` must be above."""
    times = sorted(entry.time for entry in parent.last(MEDIAN_BLOCKS))
    return times[len(times) // 2]


def expected_bits(network, parent):
    m = network.members
    if not network.is_asert or parent.height == 0:
        return m["bits"]
    solve = parent.time - parent.parent.time
    solve = max(-6 * m["spacing"], min(solve, 6 * m["spacing"]))
    target = codec.target_of(parent.block.header.bits)
    return codec.compact(codec.asert(target, solve - m["spacing"], m["half_life"], network.limit))


def recent_signers(network, parent):
    """Indexes that may not seal a child of `parent`."""
    entries = parent.last(len(network.authorities) // 2)
    return [entry.block.header.nonce for entry in entries if entry.height > 0]


class Chain:
    def __init__(self, network, max_reorg_depth=None):
        """max_reorg_depth: None is the default of the network's sealing."""
        self.network = network
        if max_reorg_depth is None and not network.is_work:
            n = len(network.authorities)
            max_reorg_depth = 0 if n == 1 else 2 * n
        self.max_reorg_depth = max_reorg_depth
        genesis = Entry(network.genesis, None, network.work_of(network.genesis.header))
        genesis.state = State(dict(network.allocations))
        self.entries = {genesis.id: genesis}
        self.invalid = {}
        self.genesis = self.tip = genesis

    # ---- Handing in

    def submit(self, now, data):
        """(status, reason, id); the reason is "-" for none, the id None where the bytes are no block."""
        try:
            block = codec.decode_block(data)
        except codec.Framing:
            return "invalid", "framing", None
        block_id = codec.header_id(block.header)
        try:
            status, reason = self._judge(now, data, block, block_id)
        except Fault as fault:
            status, reason = fault.status, fault.reason
            if fault.remembered:
                self.invalid[block_id] = reason
        return status, reason, block_id

    def _judge(self, now, data, block, block_id):
        header = block.header
        if block_id in self.entries:
            return "known", "known"
        if block_id in self.invalid:
            return "invalid", self.invalid[block_id]
        if header.height == 0:
            raise Fault("genesis", remembered=False)
        parent = self.entries.get(header.previous)
        if parent is None:
            return "orphan", "orphan"
        if len(data) > self.network.members["block_bytes"]:
            raise Fault("size", remembered=False)
        self._check_header(now, block, parent)
        self._check_body(block, parent)
        return self._store(block, parent)

    # ---- Header

    def _check_header(self, now, block, parent):
        header = block.header
        if header.height != parent.height + 1:
            raise Fault("height")
        if header.time <= median_time(parent):
            raise Fault("median")
        if self.network.is_work:
            self._check_work(block, parent)
        else:
            self._check_authority(block, parent)
        if header.time > now + self.network.members["future_limit"]:
            raise Fault("clock", status="not-yet")

    def _check_work(self, block, parent):
        header = block.header
        target, fault = codec.expand(header.bits)
        if fault is not None:
            raise Fault(fault)
        if target > self.network.limit:
            raise Fault("bits-over-limit")
        if header.bits != expected_bits(self.network, parent):
            raise Fault("bits-unexpected")
        if int.from_bytes(codec.header_id(header), "big") > target:
            raise Fault("target", remembered=False)
        if block.seal:
            raise Fault("seal-length", remembered=False)

    def _check_authority(self, block, parent):
        header, keys = block.header, self.network.authorities
        if header.time < parent.time + self.network.members["period"]:
            raise Fault("period")
        if header.nonce >= len(keys):
            raise Fault("index")
        if header.bits != (2 if header.height % len(keys) == header.nonce else 1):
            raise Fault("weight")
        if header.nonce in recent_signers(self.network, parent):
            raise Fault("recent")
        if not block.seal:
            raise Fault("seal-length", remembered=False)
        if not verify(keys[header.nonce], codec.seal_hash(self.network.id, header), block.seal):
            raise Fault("seal-signature", remembered=False)

    # ---- Body, without any state

    def _check_body(self, block, parent):
        transactions = block.transactions
        if block.header.content != codec.content_of(transactions, parent.headers):
            raise Fault("content", remembered=False)
        kinds = [t.kind for t in transactions]
        if kinds[:1] != [codec.REWARD] or codec.REWARD in kinds[1:]:
            raise Fault("reward-place")
        for transaction in transactions[1:]:
            self.check_signed(transaction)
        self._check_reward(block)

    def check_signed(self, t):
        m = self.network.members
        if len(t.payload) > m["payload_bytes"]:
            raise Fault("payload-size")
        if t.recipient == codec.ZERO and t.amount != 0:
            raise Fault("recipient")
        if t.amount + t.fee >= codec.U64_END:
            raise Fault("overflow")
        if t.fee < m["minimum_fee"] * len(codec.encode_transaction(t)):
            raise Fault("minimum-fee")
        if not good_key(t.sender):
            raise Fault("key")
        if not verify(t.sender, codec.signed_hash(self.network.id, t), t.signature):
            raise Fault("signature")

    def _check_reward(self, block):
        reward, height = block.transactions[0], block.header.height
        if reward.nonce != height:
            raise Fault("reward-nonce")
        if len(reward.payload) > self.network.members["payload_bytes"]:
            raise Fault("reward-payload")
        due = self.network.subsidy(height) + sum(t.fee for t in block.transactions[1:])
        if due >= codec.U64_END:
            raise Fault("reward-overflow")
        if reward.amount != due:
            raise Fault("reward-amount")
        if reward.recipient == codec.ZERO and reward.amount != 0:
            raise Fault("reward-recipient")

    # ---- Choice

    def _store(self, block, parent):
        entry = Entry(block, parent, min(parent.work + self.network.work_of(block.header), WORK_MOST))
        if not self._is_better(entry):
            self.entries[entry.id] = entry
            return "branch", "-"
        if self.max_reorg_depth is not None and self._depth(entry) > self.max_reorg_depth:
            self.entries[entry.id] = entry
            return "branch", "reorg-depth"
        if not self._connect_branch(parent):
            return "orphan", "orphan"
        entry.state = connect(self.network, parent.state, block)
        self.entries[entry.id] = self.tip = entry
        return "accepted", "-"

    def _is_better(self, entry):
        if entry.work != self.tip.work:
            return entry.work > self.tip.work
        return not self.network.is_work and entry.id < self.tip.id

    def _depth(self, entry):
        """Blocks of the best chain that would be disconnected."""
        ancestors = {ancestor.id for ancestor in entry.last(entry.height + 1)}
        return next(depth for depth, ours in enumerate(self.tip.last(self.tip.height + 1))
                    if ours.id in ancestors)

    def _connect_branch(self, entry):
        """Computes the states up to a stored block; False if a block on the way fails, which is then
        deleted with all behind it, and remembered."""
        for ancestor in reversed(entry.last(entry.height + 1)):
            if ancestor.state is None:
                try:
                    ancestor.state = connect(self.network, ancestor.parent.state, ancestor.block)
                except Fault as fault:
                    self._delete(ancestor)
                    self.invalid[ancestor.id] = fault.reason
                    return False
        return True

    def _delete(self, bad):
        self.entries = {entry.id: entry for entry in self.entries.values()
                        if bad not in entry.last(entry.height + 1)}

    # ---- Views

    def balance(self, key):
        return self.tip.state.get(key)[0]

    def nonce(self, key):
        return self.tip.state.get(key)[1]

    def line(self, now, data):
        """What replay prints for a block."""
        status, reason, block_id = self.submit(now, data)
        return (f"{status} {reason} {block_id.hex() if block_id else '-'} "
                f"{self.tip.height} {self.tip.id.hex()} {self.tip.work:x}")
