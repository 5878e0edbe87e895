"""Bytes of the ledger's rules: header, transaction, block; Merkle roots; compact targets and work.

Plain and slow on purpose, written from the rules alone. Integers are little-endian.
"""
import collections
import hashlib
import struct

REWARD, SIGNED = 0, 1
ZERO = bytes(32)
HEADER_BYTES = 96
SEAL_BYTES = 64
TRANSACTION_BYTES = 160
TIME_END = 1 << 53
U64_END = 1 << 64

HEADER = struct.Struct("<IIQQ32s32sQ")
TRANSACTION = struct.Struct("<BBHIQQQ32s32s")

Header = collections.namedtuple("Header", "version bits height time previous content nonce")
Transaction = collections.namedtuple(
    "Transaction", "kind nonce amount fee sender recipient payload signature")
Block = collections.namedtuple("Block", "header seal transactions")


class Framing(Exception):
    """The bytes are not what an encoder makes."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def require(condition, what):
    if not condition:
        raise Framing(what)


# ---- Header

def encode_header(header):
    return HEADER.pack(*header)


def decode_header(data):
    require(len(data) == HEADER_BYTES, "length of the header")
    header = Header(*HEADER.unpack(data))
    require(header.version == 1, "version of the header")
    require(header.time < TIME_END, "time of the header")
    return header


def header_id(header):
    return sha256(encode_header(header))


# ---- Transaction

def encode_unsigned(transaction, version=1, reserved=0):
    t = transaction
    return TRANSACTION.pack(version, t.kind, reserved, len(t.payload), t.nonce, t.amount, t.fee,
                            t.sender, t.recipient) + t.payload


def encode_transaction(transaction):
    return encode_unsigned(transaction) + transaction.signature


def decode_transaction(data):
    """Reads one transaction at the beginning; returns it and how many bytes it took."""
    require(len(data) >= TRANSACTION_BYTES, "length of a transaction")
    version, kind, reserved, length, nonce, amount, fee, sender, recipient = \
        TRANSACTION.unpack_from(data)
    require(version == 1, "version of a transaction")
    require(kind in (REWARD, SIGNED), "kind of a transaction")
    require(reserved == 0, "reserved field")
    end = TRANSACTION_BYTES + length
    require(length <= len(data) - TRANSACTION_BYTES, "length of a payload")
    transaction = Transaction(kind, nonce, amount, fee, sender, recipient,
                              data[TRANSACTION.size:TRANSACTION.size + length],
                              data[end - SEAL_BYTES:end])
    if kind == REWARD:
        require(fee == 0, "fee of a reward")
        require(sender == ZERO, "sender of a reward")
        require(transaction.signature == bytes(SEAL_BYTES), "signature of a reward")
    return transaction, end


def signed_hash(network_id, transaction):
    return sha256(b"libbc ledger transaction 1", network_id, encode_unsigned(transaction))


def seal_hash(network_id, header):
    return sha256(b"libbc ledger seal 1", network_id, encode_header(header))


# ---- Block

def encode_block(block):
    return b"".join([encode_header(block.header), bytes([len(block.seal)]), block.seal,
                     struct.pack("<I", len(block.transactions)),
                     *map(encode_transaction, block.transactions)])


def decode_block(data):
    header = decode_header(data[:HEADER_BYTES])
    require(len(data) > HEADER_BYTES, "no seal length")
    seal_length = data[HEADER_BYTES]
    require(seal_length in (0, SEAL_BYTES), "seal length")
    at = HEADER_BYTES + 1 + seal_length
    require(len(data) >= at + 4, "no transaction count")
    seal = data[HEADER_BYTES + 1:at]
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    require(count <= (len(data) - at) // TRANSACTION_BYTES, "transaction count")
    transactions = []
    for _ in range(count):
        transaction, length = decode_transaction(data[at:])
        transactions.append(transaction)
        at += length
    require(at == len(data), "trailing bytes")
    return Block(header, seal, transactions)


# ---- Merkle tree hashes (RFC 6962, section 2.1)

def leaf_hash(data):
    return sha256(b"\0", data)


def tree_hash(leaves):
    """MTH over hashes of leaves, by the RFC's recursion."""
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1", tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def content_of(transactions, earlier_headers):
    """earlier_headers: leaf hashes of the headers of all earlier blocks, genesis first."""
    leaves = [leaf_hash(encode_transaction(transaction)) for transaction in transactions]
    return sha256(b"\2", struct.pack("<I", len(leaves)), tree_hash(leaves),
                  tree_hash(earlier_headers))


# ---- Compact targets, as Bitcoin's arith_uint256::SetCompact and GetCompact

def expand(bits):
    """(target, fault): fault is None, "bits-negative", "bits-zero" or "bits-overflow"."""
    size, word = bits >> 24, bits & 0x7FFFFF
    value = word >> 8 * (3 - size) if size <= 3 else word << 8 * (size - 3)
    if value != 0 and bits & 0x800000:
        return None, "bits-negative"
    if value == 0:
        return None, "bits-zero"
    if value >> 256:
        return None, "bits-overflow"
    return value, None


def compact(target):
    size = (target.bit_length() + 7) // 8
    word = target << 8 * (3 - size) if size <= 3 else target >> 8 * (size - 3)
    if word & 0x800000:
        word >>= 8
        size += 1
    return size << 24 | word


def target_of(bits):
    target, fault = expand(bits)
    assert fault is None, fault
    return target


def work_of_target(target):
    return (1 << 256) // (target + 1)


# ---- aserti3-2d (Bitcoin Cash, 2020-11-15), in unlimited integers

def asert(target, seconds_late, half_life, limit):
    """The target that follows `target` when blocks came late by so much (negative: early)."""
    exponent = abs(seconds_late) * 65536 // half_life
    if seconds_late < 0:
        exponent = -exponent
    shifts, fraction = exponent >> 16, exponent & 0xFFFF
    factor = 65536 + ((195766423245049 * fraction + 971821376 * fraction ** 2
                       + 5127 * fraction ** 3 + (1 << 47)) >> 48)
    following = target * factor
    shifts -= 16
    following = following << shifts if shifts > 0 else following >> -shifts
    return max(1, min(following, limit))
