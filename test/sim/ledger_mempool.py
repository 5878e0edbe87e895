"""A plain model of the waiting transactions, by fee: policy of a program, none of the network's.

Written from the words in src/chain/fee_policy.h and the rules ("Mempool"): lists, sorted anew whenever
something is asked. Clocks are in milliseconds.
"""
import fractions

import ledger_codec as codec


SENDER_MOST = 256
AGE_MOST = 14 * 86400 * 1000


class Policy:
    """Zero is the program's default; that of bytes_most is more than a history makes. Each counts
    entry_bytes beside its encoding."""

    def __init__(self, bytes_most=0, sender_most=0, age_most=0, entry_bytes=0):
        self.bytes_most = bytes_most
        self.sender_most = sender_most or SENDER_MOST
        self.age_most = age_most or AGE_MOST
        self.entry_bytes = entry_bytes


class Waiting:
    def __init__(self, transaction, since):
        data = codec.encode_transaction(transaction)
        self.transaction = transaction
        self.id = codec.leaf_hash(data)
        self.sender, self.nonce = transaction.sender, transaction.nonce
        self.fee = transaction.fee
        self.spent = transaction.amount + transaction.fee
        self.length = len(data)
        self.rate = fractions.Fraction(transaction.fee, len(data))
        self.since = since


class Mempool:
    """`waiting` is in order of arrival."""

    def __init__(self, policy):
        self.policy = policy
        self.waiting = []

    def of(self, sender):
        return sorted((w for w in self.waiting if w.sender == sender), key=lambda w: w.nonce)

    def has(self, transaction_id):
        return any(w.id == transaction_id for w in self.waiting)

    def bytes(self, waiting):
        return sum(w.length + self.policy.entry_bytes for w in waiting)

    def order(self):
        """As they would be mined: again and again the best of what every sender has next."""
        queues = [self.of(sender) for sender in {w.sender for w in self.waiting}]
        arrival = {w: number for number, w in enumerate(self.waiting)}
        ordered = []
        while queues:
            best = max(queues, key=lambda queue: (queue[0].rate, -arrival[queue[0]]))
            ordered.append(best.pop(0))
            queues = [queue for queue in queues if queue]
        return ordered

    # ---- Coming in

    def offer(self, transaction, state, now):
        """Adds it; or the reason why not."""
        new = Waiting(transaction, now)
        balance, nonce = state.get(new.sender)
        others = self.of(new.sender)
        if self.has(new.id):
            return "known"
        if not nonce <= new.nonce <= nonce + len(others) or new.nonce == codec.U64_END - 1:
            return "nonce"
        replaced = [w for w in others if w.nonce == new.nonce]
        if replaced and not (new.fee > replaced[0].fee and 10 * new.fee >= 11 * replaced[0].fee):
            return "replacement"
        if sum(w.spent for w in others if w not in replaced) + new.spent > balance:
            return "balance"
        if not replaced and len(others) >= self.policy.sender_most:
            return "sender-limit"
        return None if self._add(new, [w for w in self.waiting if w not in replaced]) else "mempool-full"

    def _add(self, new, kept):
        """Behind these, of which the cheapest leave where there is no room; or changes nothing."""
        while self.policy.bytes_most and self.bytes([*kept, new]) > self.policy.bytes_most:
            if not kept:
                return False
            cheapest = min(reversed(kept), key=lambda w: w.rate)
            if cheapest.rate >= new.rate or (cheapest.sender == new.sender and cheapest.nonce < new.nonce):
                return False
            kept = without(kept, cheapest)
        self.waiting = [*kept, new]
        return True

    # ---- The tip moves

    def move(self, disconnected, connected, state, now):
        """Signed transactions of the blocks that left the best chain and that came to it, lowest first;
        the state behind the new tip."""
        mined = {codec.leaf_hash(codec.encode_transaction(t)) for t in connected}
        self.waiting = [w for w in self.waiting if w.id not in mined]
        for transaction in disconnected:
            back = Waiting(transaction, now)
            used = back.nonce < state.get(back.sender)[1]
            if not used and all(w.nonce != back.nonce for w in self.of(back.sender)):
                self._add(back, self.waiting)
        self.look_again(state)

    def look_again(self, state):
        """Nonces that are used, a gap and what is behind it, what the balance does not cover, too many."""
        for sender in {w.sender for w in self.waiting}:
            left, nonce = state.get(sender)
            self.waiting = [w for w in self.waiting if w.sender != sender or w.nonce >= nonce]
            for number, w in enumerate(self.of(sender)):
                if w.nonce != nonce + number or w.spent > left or number >= self.policy.sender_most:
                    self.waiting = without(self.waiting, w)
                    break
                left -= w.spent

    # ---- Time passes

    def expire(self, now):
        for w in list(self.waiting):
            if now - w.since >= self.policy.age_most:
                self.waiting = without(self.waiting, w)


def without(waiting, gone):
    """Without that one and what its sender has behind it."""
    return [w for w in waiting if w.sender != gone.sender or w.nonce < gone.nonce]
