"""Random histories of a running program: transactions are offered between blocks, time passes, the
program is closed and opened again. What was seen of a history's answers is compared afterwards, since
only then all accounts are known."""
import collections

import ledger_codec as codec
from ledger_blocks import TRANSACTIONS, U64_MOST, USERS, Draft, Unfit
from ledger_faults import FAULTS
from ledger_histories import History
from ledger_mempool import Policy
from ledger_node import IN_MEMORY, Node
from ledger_proofs import BLOCK, CONSISTENCY, RECORD, TRANSACTION, fault_of

ALONE = [function for name in ("payload-size", "recipient", "overflow", "minimum-fee", "key", "signature")
         for stage, function in FAULTS[name] if stage == TRANSACTIONS]
FINDS_MOST = 60
LATE = codec.TIME_END - 1


class Step:
    """A line for the program, and its answer: text, a function that says what a line should have been,
    or a verdict with a view."""

    def __init__(self, text, answer, view=None):
        self.text, self.answer, self.view = text, answer, view

    def line(self, keys):
        return self.answer if self.view is None else f"{self.answer} {self.view.line(keys)}"


class StateHistory(History):
    """`entry_bytes` is what the program's mempool counts for each beside its encoding. `seen` counts
    verdicts and what happened to the mempool."""

    def __init__(self, seed, entry_bytes):
        super().__init__(seed)
        self.options = {}
        policy, depth = self.choose_policy(entry_bytes), self.choose_depth()
        durability = self.option("tx_durability", self.random.choice((0, 0, IN_MEMORY, 2, 3)))
        for name, values in (("commit_interval_us", (0, 0, 1, 10 ** 12)), ("account_bytes", (0, 1)),
                             ("cache_bytes", (0, 1)), ("signature_bytes", (0, 1))):
            self.option(name, self.random.choice(values))
        self.node = Node(self.network, policy, depth, durability)
        self.chain = self.node.chain
        self.offered = []
        self.steps = []
        self.seen = collections.Counter()

    # ---- The program's own choices

    def option(self, name, value):
        """0 is the default."""
        if value:
            self.options[name] = value
        return value

    def choose_policy(self, entry_bytes):
        random, bytes_most = self.random, 0
        if random.random() < 0.5:
            least = entry_bytes + codec.TRANSACTION_BYTES
            bytes_most = least * random.randint(1, 7) + random.choice((-1, 0, 1, 50, 200))
        sender_most = random.choice((0, 0, 1, 2, 4))
        age_most = random.choice((0, 0, 1, 3000, 20000))
        self.option("mempool_bytes", bytes_most)
        self.option("mempool_sender_count", sender_most)
        self.option("mempool_age_us", age_most * 1000)
        return Policy(bytes_most, sender_most, age_most, entry_bytes)

    def choose_depth(self):
        if self.random.random() < 0.8:
            return None
        return self.option("max_reorg_depth", self.random.choice((1, 3)))

    # ---- Handing in

    def actions(self):
        offers = (self.next_transaction, self.next_transaction, self.next_transaction, self.replacement,
                  self.replacement, self.wrong_nonce, self.dear_transaction, self.offer_again,
                  self.foreign_transaction, self.faulty_transaction, self.large_transaction,
                  self.no_transaction)
        return (*super().actions(), *offers, *offers, *offers, self.extend_by_waiting, self.extend_by_waiting,
                self.extend_by_waiting, self.fork_with_waiting, self.wait, self.wait, self.reopen, self.prove)

    def record(self, text, answer, before):
        self.steps.append(Step(text, answer, self.node.view()))
        self.seen[f"{text.split()[0]} {answer}"] += 1
        gone = before - {w.id for w in self.node.mempool.waiting}
        if gone:
            self.seen[f"some left with: {text.split()[0]} {answer}"] += 1

    def waiting_ids(self):
        return {w.id for w in self.node.mempool.waiting}

    def hand_in(self, now, data):
        self.lines.append((now, data))
        before, tip = self.waiting_ids(), self.chain.tip
        answer = self.node.submit_block(now, data)
        self.record(f"block {now} {data.hex()}", answer, before)
        if self.waiting_ids() - before:
            self.seen["some came back"] += 1
        if tip is not self.chain.tip.parent and tip is not self.chain.tip:
            self.seen["reorganisation"] += 1

    def offer(self, data):
        now = min(LATE, max(0, self.clock + self.random.choice((0, 0, 1, 500, -500))))
        before = self.waiting_ids()
        answer = self.node.submit_transaction(now, data)
        self.record(f"tx {now} {data.hex()}", answer, before)
        self.offered.append(data)
        return answer

    def offer_signed(self, t):
        """What is not invalid may be in a block later."""
        if not self.offer(codec.encode_transaction(t)).startswith("invalid"):
            self.maker.signed_before.setdefault((t.sender, t.nonce), []).append(t)

    # ---- What may be offered

    def some_key(self):
        """Mostly of an account that holds something."""
        key = self.random.choice(USERS)
        rich = [user for user in USERS if self.account(user)[2] > 0]
        return self.random.choice(rich) if rich and self.random.random() < 0.7 else key

    def account(self, key):
        """The nonce of the account, what waits of it, and what that leaves of its balance."""
        balance, nonce = self.chain.tip.state.get(key.public)
        waiting = self.node.mempool.of(key.public)
        return nonce, waiting, balance - sum(w.spent for w in waiting)

    def some_payload(self):
        length = self.random.choice((0, 0, 0, 1, 40, 160, 161))
        return self.random.randbytes(min(length, self.network.members["payload_bytes"]))

    def some_fee(self, payload, left):
        """Mostly one that there is; rates are often equal where lengths are not."""
        length = codec.TRANSACTION_BYTES + len(payload)
        more = self.random.choice((0, 0, 1, 7, 100, length, length, 2 * length, left))
        fee = self.maker.least_fee(payload) + more
        return fee if fee <= left else self.maker.least_fee(payload)

    def next_transaction(self):
        key = self.some_key()
        nonce, waiting, left = self.account(key)
        payload = self.some_payload()
        fee = self.some_fee(payload, left)
        left = max(0, left - fee)
        amount = self.random.choice((0, 1, left // 3, left // 10, left, left + 1))
        self.offer_signed(self.maker.sign(key, nonce + len(waiting), amount, fee,
                                          self.random.choice(USERS).public, payload))

    def replacement(self):
        """Around a tenth more, and around what the balance covers."""
        mempool = self.node.mempool
        if not mempool.waiting:
            raise Unfit("nothing waits")
        old = self.random.choice(mempool.waiting)
        key = next((key for key in USERS if key.public == old.sender), None)
        if key is None:
            raise Unfit("the sender is none of ours")
        _, _, left = self.account(key)
        left += old.spent
        tenth = -(-old.fee * 11 // 10)
        payload = self.some_payload()
        fee = self.random.choice((old.fee, old.fee + 1, tenth - 1, tenth, tenth, tenth + 1, 2 * old.fee))
        fee = max(0, fee, self.maker.least_fee(payload))
        rest = max(0, left - fee)
        amount = self.random.choice((0, old.transaction.amount, rest, rest + 1))
        self.offer_signed(self.maker.sign(key, old.nonce, amount, fee, self.random.choice(USERS).public,
                                          payload))

    def wrong_nonce(self):
        key = self.some_key()
        nonce, waiting, left = self.account(key)
        nonce += self.random.choice((-1, -1, len(waiting) + 1, len(waiting) + 2))
        fee = self.some_fee(b"", left)
        if self.random.random() < 0.1:
            nonce = U64_MOST
        self.offer_signed(self.maker.sign(key, max(0, nonce), 0, fee, USERS[0].public))

    def dear_transaction(self):
        """Pays more for a byte than most, so that others may have to leave for it."""
        key = self.some_key()
        nonce, waiting, left = self.account(key)
        payload = self.some_payload()
        fee = min(max(left, 0), 10 * (codec.TRANSACTION_BYTES + len(payload)))
        fee = max(fee, self.maker.least_fee(payload))
        self.offer_signed(self.maker.sign(key, nonce + len(waiting), 0, fee, codec.ZERO, payload))

    def offer_again(self):
        if self.offered:
            self.offer(self.random.choice(self.offered))

    def foreign_transaction(self):
        """One that was made for some block."""
        made = [t for signed in self.maker.signed_before.values() for t in signed]
        if made:
            self.offer(codec.encode_transaction(self.random.choice(made)))

    def faulty_transaction(self):
        draft = Draft(self.maker, self.chain.tip)
        self.random.choice(ALONE)(draft)
        self.offer_signed(draft.signed[-1])

    def large_transaction(self):
        """As large as a block can hold, or one byte more."""
        members = self.network.members
        room = members["block_bytes"] - (0 if self.network.is_work else codec.SEAL_BYTES) \
            - codec.HEADER_BYTES - 5 - 2 * codec.TRANSACTION_BYTES
        if members["block_bytes"] > 4096 or room > members["payload_bytes"]:
            raise Unfit("payloads are limited before")
        payload = bytes(room + self.random.choice((0, 1)))
        key = self.some_key()
        nonce, waiting, _ = self.account(key)
        fee = self.maker.least_fee(payload)
        self.offer_signed(self.maker.sign(key, nonce + len(waiting), 0, fee, codec.ZERO, payload))

    def no_transaction(self):
        """A reward, or a transaction with one bit changed, a byte more or less."""
        choice = self.random.randrange(4)
        if choice == 0 or not self.offered:
            tip = self.random.choice(self.chain.tip.last(5))
            self.offer(codec.encode_transaction(tip.block.transactions[0]))
            return
        data = bytearray(self.random.choice(self.offered))
        if choice == 1:
            data += b"\0"
        elif choice == 2 and data:
            data.pop()
        elif data:
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
        self.offer(bytes(data))

    # ---- Blocks of what waits

    def extend_by_waiting(self):
        self.give_draft(self.waiting_block(self.chain.tip))

    def fork_with_waiting(self):
        """On the tip's parent, with what waits or with what the tip holds."""
        if self.chain.tip.height == 0:
            raise Unfit("nothing to fork from")
        self.give_draft(self.waiting_block(self.chain.tip.parent))

    def waiting_block(self, parent):
        """Of what waits, and of the tip's own, as much as fits and holds, some left out."""
        candidates = [t for t in self.chain.tip.block.transactions[1:] if parent is not self.chain.tip]
        candidates += [w.transaction for w in self.node.mempool.order()]
        most = self.random.choice((1, 2, 5, 100))

        def fill(draft):
            draft.signed = fitting(self.network, parent.state, candidates, most)
        return self.maker.make(parent, [(TRANSACTIONS, fill)], transactions=0)

    # ---- Time, and the program's end

    def wait(self):
        self.clock = min(LATE, self.clock + self.random.choice((0, 1, 1000, 3000, 30000)))
        before = self.waiting_ids()
        self.record(f"tick {self.clock}", self.node.tick(self.clock), before)

    def reopen(self):
        before = self.waiting_ids()
        self.record(f"reopen {self.clock}", self.node.reopen(self.clock), before)

    # ---- Proofs

    def prove(self):
        """Of blocks of the best chain, mostly in an order in which there is a proof."""
        random, chain = self.random, self.chain.tip.last(self.chain.tip.height + 1)[::-1]
        older, later = random.choice(chain), random.choice(chain)
        if random.random() < 0.8:
            older, later = sorted((older, later), key=lambda entry: entry.height)
        under = later.height
        if random.random() < 0.2:
            later, under = chain[-1], codec.U64_END - 1
        elif random.random() < 0.05:
            under = len(chain)
        there = older.height < later.height and under != len(chain)
        self.prove_record(older, later, under, there)
        self.prove_step("block", BLOCK, older, later, f"{older.height} {under}", there)
        self.prove_step("prefix", CONSISTENCY, older, later, f"{older.height} {under}", there)

    def prove_record(self, older, later, under, there):
        position = self.random.randrange(len(older.block.transactions))
        shown = older.block.transactions[position], position
        transaction_id = codec.leaf_hash(codec.encode_transaction(shown[0])).hex()
        self.prove_step("tx", TRANSACTION, older, older, transaction_id, True, *shown)
        self.prove_step("record", RECORD, older, later, f"{transaction_id} {under}", there, *shown)

    def prove_step(self, name, kind, older, later, arguments, there, *shown):
        bit = self.random.getrandbits(32)

        def judge(line):
            try:
                proof = bytes.fromhex(line)
            except ValueError:
                return "a proof in hexadecimal digits"
            fault = fault_of(proof, kind, older.block, later.block, *shown)
            if fault is not None or not proof:
                return f"a proof that holds: {fault}"
            changed = bytearray(proof)
            changed[bit // 8 % len(proof)] ^= 1 << bit % 8
            changed = fault_of(bytes(changed), kind, older.block, later.block, *shown)
            return line if changed is not None else "a proof of which every bit counts"
        self.steps.append(Step(f"prove {name} {arguments}", judge if there else "none"))
        self.seen[f"prove {name}: {'a proof' if there else 'none'}"] += 1

    # ---- The end

    def look_up(self):
        """Where transactions are that were once seen."""
        seen = {t for _, data in self.lines for t in transactions_in(data)}
        seen |= {w.transaction for w in self.node.mempool.waiting}
        ids = sorted(codec.leaf_hash(codec.encode_transaction(t)) for t in seen)
        places = self.node.places()
        for found in self.random.sample(ids, min(len(ids), FINDS_MOST)):
            self.steps.append(Step(f"find {found.hex()}", places.get(found, "none")))

    def run(self):
        super().run()
        self.look_up()
        for _ in range(3):
            self.prove()
        return self

    def keys(self):
        states = [entry.state for entry in self.chain.entries.values() if entry.state]
        return sorted({key for state in states for key in state.accounts} | {key.public for key in USERS})

    def preamble(self):
        return "".join([*(f"option {name} {value}\n" for name, value in self.options.items()),
                        *(f"key {key.hex()}\n" for key in self.keys())])

    def text(self):
        return "".join(f"{step.text}\n" for step in self.steps)

    def expected(self):
        keys = self.keys()
        return [step.line(keys) for step in self.steps]


def transactions_in(data):
    try:
        return codec.decode_block(data).transactions
    except codec.Framing:
        return []


def fitting(network, state, candidates, most):
    """Those that hold one behind the other, and fit into a block."""
    accounts = dict(state.accounts)
    room, chosen = network.members["block_bytes"] - 500, []
    for t in candidates:
        balance, nonce = accounts.get(t.sender, (0, 0))
        room_left = room - len(codec.encode_transaction(t))
        if len(chosen) < most and t.nonce == nonce and t.amount + t.fee <= balance and room_left >= 0:
            accounts[t.sender] = (balance - t.amount - t.fee, nonce + 1)
            before = accounts.get(t.recipient, (0, 0))
            accounts[t.recipient] = (before[0] + t.amount, before[1])
            room = room_left
            chosen.append(t)
    return chosen
