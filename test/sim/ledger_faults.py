"""Everything that can be wrong with a block, as changes to a draft (ledger_blocks.py).

FAULTS maps the name of a reason to functions with their stage. What a function makes mostly has that
reason; the model says which, and some are good blocks on purpose (a mixed-order R).
"""
import struct

import ledger_codec as codec
import ledger_ed25519 as ed25519
from ledger_blocks import (BYTES, HEADER, REWARD, SEAL, SIGNERS, TRANSACTIONS, U64_MOST, USERS, Unfit)
from ledger_model import State, median_time, recent_signers

FAULTS = {}


def fault(reason, stage):
    def register(function):
        FAULTS.setdefault(reason, []).append((stage, function))
        return function
    return register


def only(condition):
    if not condition:
        raise Unfit("not on this network")


def replace_byte(data, at, value):
    return data[:at] + bytes([value]) + data[at + 1:]


def body_start(draft):
    return codec.HEADER_BYTES + 1 + len(draft.seal)


# ---- Bytes: framing

@fault("framing", BYTES)
def cut(draft):
    draft.data = draft.data[:draft.random.randrange(1, len(draft.data))]


@fault("framing", BYTES)
def trailing(draft):
    draft.data += draft.random.randbytes(draft.random.choice((1, 2, 64, 160)))


@fault("framing", BYTES)
def header_version(draft):
    draft.data = struct.pack("<I", draft.random.choice((0, 2, 257, 1 << 31))) + draft.data[4:]


@fault("framing", HEADER)
def time_too_large(draft):
    draft.header = draft.header._replace(time=draft.random.choice((codec.TIME_END, U64_MOST)))


@fault("framing", BYTES)
def seal_length_field(draft):
    draft.data = replace_byte(draft.data, codec.HEADER_BYTES, draft.random.choice((0, 1, 63, 64, 65, 255)))


@fault("framing", BYTES)
def transaction_count(draft):
    at = body_start(draft)
    count = len(draft.signed) + 1
    count = draft.random.choice((0, count - 1, count + 1, 0xFFFFFFFF))
    draft.data = draft.data[:at] + struct.pack("<I", count) + draft.data[at + 4:]


@fault("framing", BYTES)
def transaction_field(draft):
    """A byte of the first transaction's version, kind, reserved field or payload length."""
    at = body_start(draft) + 4 + draft.random.randrange(8)
    only(at < len(draft.data))
    draft.data = replace_byte(draft.data, at, draft.data[at] ^ draft.random.randrange(1, 256))


@fault("framing", REWARD)
def reward_fee(draft):
    draft.reward = draft.reward._replace(fee=draft.random.choice((1, U64_MOST)))


@fault("framing", REWARD)
def reward_sender(draft):
    draft.reward = draft.reward._replace(sender=draft.random.choice((USERS[0].public, b"\1" + bytes(31))))


@fault("framing", REWARD)
def reward_signature(draft):
    draft.reward = draft.reward._replace(signature=bytes(63) + b"\1")


# ---- Genesis, orphan, size

@fault("genesis", BYTES)
def genesis_changed(draft):
    data = draft.network.genesis_bytes
    at = draft.random.choice((5, 30, 60, 90, len(data) - 80, draft.random.randrange(4, len(data))))
    draft.data = replace_byte(data, at, data[at] ^ 1)


@fault("genesis", HEADER)
def height_zero(draft):
    draft.header = draft.header._replace(height=0)


@fault("known", BYTES)
def genesis_itself(draft):
    draft.data = draft.network.genesis_bytes


@fault("orphan", HEADER)
def unknown_parent(draft):
    previous = draft.random.choice((codec.ZERO, draft.random.randbytes(32), draft.network.id[::-1]))
    draft.header = draft.header._replace(previous=previous)


@fault("size", REWARD)
def too_large(draft):
    """From one byte too many upwards, or exactly the limit, which is no fault."""
    size, most = block_size(draft), draft.network.members["block_bytes"]
    only(most <= 4096)
    more = most + draft.random.choice((0, 1, 1, 300)) - size
    draft.reward = draft.reward._replace(payload=draft.reward.payload + bytes(max(0, more)))


@fault("size", BYTES)
def made_too_large(draft):
    """Behind an honest header, so that the same id may come again as it should be."""
    only(draft.network.members["block_bytes"] <= 4096 and draft.reward is not None)
    reward = draft.reward._replace(payload=bytes(draft.network.members["block_bytes"]))
    draft.data = codec.encode_block(codec.Block(draft.header, draft.seal, [reward, *draft.signed]))


def block_size(draft):
    seal = b"" if draft.network.is_work else bytes(codec.SEAL_BYTES)
    header = draft.network.genesis.header
    return len(codec.encode_block(codec.Block(header, seal, [draft.reward, *draft.signed])))


# ---- Header

@fault("height", HEADER)
def wrong_height(draft):
    height = draft.header.height
    height = draft.random.choice((height - 1, height + 1, height << 1, U64_MOST, height + (1 << 32)))
    draft.header = draft.header._replace(height=height & U64_MOST)


@fault("median", HEADER)
def not_after_median(draft):
    median = median_time(draft.parent)
    draft.header = draft.header._replace(
        time=max(0, median - draft.random.choice((0, 0, 1, 1000, median))))


def with_bits(*choices):
    def change(draft):
        only(draft.network.is_work)
        draft.header = draft.header._replace(bits=draft.random.choice(choices) & 0xFFFFFFFF)
    return change


fault("bits-negative", HEADER)(with_bits(0x01FEDCBA, 0x20FFFFFF, 0x04923456, 0xFFFFFFFF))
fault("bits-zero", HEADER)(with_bits(0, 0x01003456, 0x00923456, 0x20000000, 0x20800000, 0xFF000000))
fault("bits-overflow", HEADER)(with_bits(0x22000100, 0x21010000, 0x23000001, 0xFF123456, 0x217FFFFF))


@fault("bits-over-limit", HEADER)
def above_the_limit(draft):
    only(draft.network.is_work)
    limit = draft.network.limit
    target = min(draft.random.choice((limit + (limit >> 7) + 256, limit * 2, 0xFFFF << 240)), 0xFFFF << 240)
    bits = codec.compact(target)
    only(codec.target_of(bits) > limit)
    draft.header = draft.header._replace(bits=bits)


@fault("bits-unexpected", HEADER)
def other_bits(draft):
    """Easier, harder, or the same target written in another way."""
    only(draft.network.is_work)
    bits = draft.header.bits
    choices = [bits - 1, bits + 1, bits - (bits & 0xFF)]
    if bits & 0x7F8000 == 0:
        choices.append(bits - (1 << 24) + (bits & 0xFFFF) * 0xFF)
    if bits & 0xFF == 0:
        choices.append((bits >> 24) + 1 << 24 | (bits & 0xFFFFFF) >> 8)
    draft.header = draft.header._replace(bits=draft.random.choice(choices) & 0xFFFFFFFF)


@fault("period", HEADER)
def too_soon(draft):
    only(not draft.network.is_work)
    time = draft.parent.time + draft.network.members["period"] - draft.random.choice((1, 1, 2, 100))
    draft.header = draft.header._replace(time=max(0, time))


@fault("index", HEADER)
def no_such_signer(draft):
    only(not draft.network.is_work)
    n = len(draft.network.authorities)
    draft.maker.set_signer(draft, draft.random.choice((n, n + 1, 255, 1 << 32, U64_MOST)))


@fault("weight", HEADER)
def other_weight(draft):
    only(not draft.network.is_work)
    bits = draft.random.choice((3 - draft.header.bits, 0, 3, 0xFFFFFFFF))
    draft.header = draft.header._replace(bits=bits)


@fault("recent", HEADER)
def signer_again(draft):
    only(not draft.network.is_work)
    recent = recent_signers(draft.network, draft.parent)
    only(recent)
    draft.maker.set_signer(draft, draft.random.choice(recent))


# ---- Seal

@fault("target", SEAL)
def misses_the_target(draft):
    only(draft.network.is_work and codec.expand(draft.header.bits)[1] is None)
    only(codec.target_of(draft.header.bits) < 0xF0 << 248)
    draft.header = draft.maker.mine(draft.header, wanted=False)


@fault("seal-length", SEAL)
def other_seal_length(draft):
    draft.seal = draft.random.randbytes(64) if draft.network.is_work else b""


@fault("seal-signature", SEAL)
def other_seal(draft):
    only(not draft.network.is_work)
    header, network_id, random = draft.header, draft.network.id, draft.random
    other = random.choice([key for key in SIGNERS if key is not draft.signer])
    choice = random.randrange(5)
    if choice == 0:
        draft.seal = other.sign(codec.seal_hash(network_id, header))
    elif choice == 1:
        draft.seal = draft.signer.sign(codec.seal_hash(bytes(32), header))
    elif choice == 2:
        draft.seal = draft.signer.sign(codec.seal_hash(network_id, header._replace(time=header.time ^ 1)))
    else:
        draft.seal = unusual_signature(draft.signer, codec.seal_hash(network_id, header), random)


def unusual_signature(key, message, random):
    """Mixed-order R (good), S + L, R of small order, one bit changed."""
    choice = random.randrange(5)
    if choice <= 1:
        return ed25519.sign_with_torsion(key, message, random.randrange(3), random.randrange(1, 8))
    if choice == 2:
        return ed25519.sign_with_encoding(key, message, random.choice(ed25519.small_order_encodings()))
    signature = key.sign(message)
    if choice == 3:
        s = ed25519.plain.number(signature[32:]) + ed25519.L
        return signature[:32] + s.to_bytes(32, "little")
    at = random.randrange(64)
    return replace_byte(signature, at, signature[at] ^ 1 << random.randrange(8))


# ---- Content and the place of the reward

@fault("content", BYTES)
def other_body(draft):
    """Another body behind an honest header: a recipient changed, a transaction left out or twice."""
    t = list(draft.block().transactions)
    only(t)
    choice = draft.random.randrange(4)
    if choice == 0:
        t[0] = t[0]._replace(recipient=draft.random.randbytes(32))
    elif choice == 1:
        t.pop()
    elif choice == 2:
        t.append(t[-1])
    else:
        t.reverse()
    draft.data = codec.encode_block(codec.Block(draft.header, draft.seal, t))


@fault("content", HEADER)
def other_content(draft):
    """Nonsense, or the commitment to another history."""
    headers = draft.random.choice((draft.parent.headers[:-1], draft.parent.headers * 2, []))
    content = codec.content_of(draft.block().transactions, headers)
    draft.header = draft.header._replace(content=content)


def recommit(draft, transactions):
    """Makes the body these transactions, with the header's commitment to them."""
    draft.reward, draft.signed = None, transactions
    draft.header = draft.header._replace(content=codec.content_of(transactions, draft.parent.headers))


@fault("reward-place", HEADER)
def reward_elsewhere(draft):
    only(draft.reward is not None)
    reward, signed = draft.reward, draft.signed
    recommit(draft, draft.random.choice(([], signed, [*signed, reward], [reward, reward, *signed],
                                         [reward, *signed, reward])))


# ---- Transactions by themselves

def add_transaction(draft, t):
    draft.signed.insert(draft.random.randint(0, len(draft.signed)), t)


def candidate(draft):
    """Key, nonce and balance of a sender, as they are behind the draft's transactions."""
    state = State(dict((draft.parent.state or State({})).accounts))
    for t in draft.signed:
        balance, nonce = state.get(t.sender)
        state.put(t.sender, balance - t.amount - t.fee, nonce + 1)
        state.credit(t.recipient, t.amount)
    key = draft.random.choice(USERS)
    balance, nonce = state.get(key.public)
    return key, nonce, balance


@fault("payload-size", TRANSACTIONS)
def payload_too_large(draft):
    most = draft.network.members["payload_bytes"]
    only(most <= 2048)
    key, nonce, _ = candidate(draft)
    payload = bytes(most + draft.random.choice((0, 1, 1, 2)))
    draft.signed.append(draft.maker.sign(key, nonce, 0, draft.maker.least_fee(payload), codec.ZERO, payload))


@fault("recipient", TRANSACTIONS)
def amount_for_nobody(draft):
    key, nonce, balance = candidate(draft)
    amount = draft.random.choice((1, max(1, balance // 2), U64_MOST))
    add_transaction(draft, draft.maker.sign(key, nonce, amount, draft.maker.least_fee(b""), codec.ZERO))


@fault("overflow", TRANSACTIONS)
def sum_passes_64_bits(draft):
    key, nonce, _ = candidate(draft)
    amount, fee = draft.random.choice(((U64_MOST, 1), (1, U64_MOST), (1 << 63, 1 << 63),
                                       (U64_MOST, U64_MOST), (U64_MOST - 1, 1)))
    add_transaction(draft, draft.maker.sign(key, nonce, amount, fee, USERS[0].public))


@fault("minimum-fee", TRANSACTIONS)
def fee_too_low(draft):
    only(draft.network.members["minimum_fee"] > 0)
    key, nonce, _ = candidate(draft)
    payload = bytes(min(draft.random.choice((0, 1, 20)), draft.network.members["payload_bytes"]))
    fee = draft.random.choice((0, draft.maker.least_fee(payload) - 1))
    add_transaction(draft, draft.maker.sign(key, nonce, 0, fee, USERS[0].public, payload))


@fault("key", TRANSACTIONS)
def bad_key(draft):
    key, _, _ = candidate(draft)
    t = draft.maker.sign(key, 0, 0, draft.maker.least_fee(b""), USERS[0].public)
    t = t._replace(sender=draft.random.choice([codec.ZERO, *ed25519.bad_keys(USERS[0].public)]))
    add_transaction(draft, t._replace(signature=key.sign(codec.signed_hash(draft.network.id, t))))


@fault("signature", TRANSACTIONS)
def unusual_or_bad_signature(draft):
    key, nonce, _ = candidate(draft)
    maker, random = draft.maker, draft.random
    t = maker.sign(key, nonce, 0, maker.least_fee(b""), USERS[0].public)
    choice = random.randrange(6)
    if choice == 0:
        other = random.choice([user for user in USERS if user is not key])
        t = t._replace(signature=other.sign(codec.signed_hash(draft.network.id, t)))
    elif choice == 1:
        t = t._replace(signature=key.sign(codec.signed_hash(bytes(32), t)))
    elif choice == 2:
        t = t._replace(amount=1)
    else:
        signature = unusual_signature(key, codec.signed_hash(draft.network.id, t), random)
        t = t._replace(signature=signature)
    draft.signed.append(t)


# ---- Reward

def change_reward(**change):
    def apply(draft):
        draft.reward = draft.reward._replace(
            **{name: value(draft) if callable(value) else value for name, value in change.items()})
    return apply


fault("reward-nonce", REWARD)(change_reward(
    nonce=lambda draft: U64_MOST & draft.random.choice((0, draft.reward.nonce - 1,
                                                         draft.reward.nonce + 1, U64_MOST))))
fault("reward-amount", REWARD)(change_reward(
    amount=lambda draft: draft.random.choice((draft.reward.amount + 1, abs(draft.reward.amount - 1), 0,
                                              U64_MOST)) & U64_MOST))


@fault("reward-payload", REWARD)
def reward_payload_too_large(draft):
    most = draft.network.members["payload_bytes"]
    only(most <= 2048)
    draft.reward = draft.reward._replace(payload=bytes(most + draft.random.choice((0, 1, 1, 5))))


@fault("reward-overflow", TRANSACTIONS)
def fees_pass_64_bits(draft):
    key, nonce, _ = candidate(draft)
    least = draft.maker.least_fee(b"")
    fees = draft.random.choice(((U64_MOST, max(1, least)), (1 << 63, 1 << 63), (U64_MOST, least)))
    draft.signed = [draft.maker.sign(key, nonce + i, 0, fee, USERS[0].public) for i, fee in enumerate(fees)]


@fault("reward-recipient", REWARD)
def reward_for_nobody(draft):
    draft.reward = draft.reward._replace(recipient=codec.ZERO)


# ---- State

@fault("nonce", TRANSACTIONS)
def wrong_nonce(draft):
    key, nonce, _ = candidate(draft)
    nonce = draft.random.choice((nonce + 1, max(0, nonce - 1), nonce + 2, U64_MOST))
    draft.signed.append(draft.maker.sign(key, nonce, 0, draft.maker.least_fee(b""), USERS[0].public))


@fault("nonce", TRANSACTIONS)
def transaction_twice(draft):
    only(draft.signed)
    draft.signed.append(draft.random.choice(draft.signed))


@fault("balance", TRANSACTIONS)
def more_than_there_is(draft):
    """By one, by much, or by what only the block's own reward would bring."""
    key, nonce, balance = candidate(draft)
    fee = draft.maker.least_fee(b"")
    more = draft.random.choice((1, 1, 1 << 62, draft.network.subsidy(draft.parent.height + 1) + 1))
    amount = max(0, balance - fee) + more
    draft.signed.append(draft.maker.sign(key, nonce, min(amount, U64_MOST - fee), fee, key.public))


STATE_FAULTS = FAULTS["nonce"] + FAULTS["balance"]
