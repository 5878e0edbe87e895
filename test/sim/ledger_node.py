"""A plain model of a running program: a chain, its waiting transactions, what it keeps when it is
closed. Its lines are those of ledger_filter.c."""
import ledger_codec as codec
from ledger_mempool import Mempool
from ledger_model import Chain, Fault

IN_MEMORY = 1


class Node:
    def __init__(self, network, policy, max_reorg_depth=None, durability=0):
        self.network = network
        self.chain = Chain(network, max_reorg_depth)
        self.mempool = Mempool(policy)
        self.durability = durability
        self.now = 0

    def see(self, now):
        """Ages are measured by a clock that never goes back."""
        self.now = max(self.now, now)

    def submit_block(self, now, data):
        self.see(now)
        before = self.chain.tip
        status, reason, _ = self.chain.submit(now, data)
        if self.chain.tip is not before:
            left, came = branches(before, self.chain.tip)
            self.mempool.move(signed_of(left), signed_of(came), self.chain.tip.state, self.now)
        return f"{status} {reason}"

    def submit_transaction(self, now, data):
        self.see(now)
        status, reason = self._judge_transaction(data)
        return f"{status} {reason}"

    def _judge_transaction(self, data):
        try:
            transaction, length = codec.decode_transaction(data)
            codec.require(length == len(data), "trailing bytes")
        except codec.Framing:
            return "invalid", "framing"
        if transaction.kind == codec.REWARD:
            return "invalid", "reward-place"
        try:
            self.chain.check_signed(transaction)
        except Fault as fault:
            return "invalid", fault.reason
        if not self.fits_block(transaction):
            return "refused", "size"
        reason = self.mempool.offer(transaction, self.chain.tip.state, self.now)
        if reason is None:
            return "accepted", "-"
        return ("known" if reason == "known" else "refused"), reason

    def fits_block(self, transaction):
        """Whether a block could hold it, beside the least reward that there is."""
        reward = self.network.genesis.transactions[0]._replace(payload=b"")
        seal = b"" if self.network.is_work else bytes(codec.SEAL_BYTES)
        block = codec.Block(self.network.genesis.header, seal, [reward, transaction])
        return len(codec.encode_block(block)) <= self.network.members["block_bytes"]

    def tick(self, now):
        self.see(now)
        self.mempool.expire(self.now)
        return "ticked -"

    def reopen(self, now):
        """What was invalid is forgotten; what waits has waited since now."""
        self.see(now)
        self.chain.invalid = {}
        if self.durability == IN_MEMORY:
            self.mempool.waiting = []
        for waiting in self.mempool.waiting:
            waiting.since = self.now
        return "opened -"

    # ---- What is seen from outside

    def view(self):
        return View(self.chain.tip, self.mempool.order())

    def places(self):
        """Where each transaction is that a block of the best chain holds, or that waits, by its id."""
        found = {w.id: "waits" for w in self.mempool.waiting}
        for entry in self.chain.tip.last(self.chain.tip.height + 1):
            for position, transaction in enumerate(entry.block.transactions):
                found[codec.leaf_hash(codec.encode_transaction(transaction))] = \
                    f"{entry.height} {entry.id.hex()} {position}"
        return found


class View:
    """The tip, and what waits, as it would be mined."""

    def __init__(self, tip, waiting):
        self.tip, self.waiting = tip, waiting

    def line(self, keys):
        """With balance, nonce and the nonce to sign the next one with of these accounts."""
        tip, words = self.tip, []
        for key in keys:
            balance, nonce = tip.state.get(key)
            words.append(f"{balance}:{nonce}:{nonce + sum(w.sender == key for w in self.waiting)}")
        return " ".join([str(tip.height), tip.id.hex(), f"{tip.work:x}", "accounts", *words,
                         "mempool", *(w.id.hex() for w in self.waiting)])


def branches(old, new):
    """Blocks that leave the best chain and that come to it, each lowest first."""
    olds, news = (list(reversed(tip.last(tip.height + 1))) for tip in (old, new))
    shared = sum(one is other for one, other in zip(olds, news))
    return olds[shared:], news[shared:]


def signed_of(entries):
    return [t for entry in entries for t in entry.block.transactions[1:]]
