#!/usr/bin/python3
"""Makes test/vectors/ledger_encoding.txt with --write, and else shows that it is what is made.

Transactions and blocks of the ledger's rules, packed and hashed from the rules alone and sharing no
code with the library. One line a case:
    tx BYTES ID MESSAGE JSON
    block BYTES ID ROOT HISTORY JSON
        MESSAGE: what the sender signs. ROOT: of the tree of transactions. HISTORY: the root of earlier
        headers that went into the header's content. JSON: the view, without white space.
The network id is SHA-256("libbc test network"); the key n has 32 bytes of value n as its seed.
"""
import hashlib
import json
import pathlib
import struct
import sys

import run_ed25519_edge_cases as ed25519

PATH = pathlib.Path(__file__).with_name("ledger_encoding.txt")
ZERO = bytes(32)


def sha256(data):
    return hashlib.sha256(data).digest()


NETWORK = sha256(b"libbc test network")


def sign(seed, message):
    """RFC 8032, section 5.1.6. Returns (public key, signature)."""
    digest = hashlib.sha512(seed).digest()
    secret = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    key = ed25519.encode(ed25519.multiply(secret % ed25519.L, ed25519.BASE))
    nonce = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % ed25519.L
    r = ed25519.encode(ed25519.multiply(nonce, ed25519.BASE))
    challenge = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little")
    return key, r + ((nonce + challenge * secret) % ed25519.L).to_bytes(32, "little")


def key_of(number):
    return bytes([number]) * 32


def tree(leaves):
    """RFC 6962, section 2.1, over what the leaves hold."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return sha256(b"\1" + tree(leaves[:split]) + tree(leaves[split:]))


def shown(value):
    return value if value < 2**53 else str(value)


class Transaction:
    def __init__(self, kind, nonce, amount, fee, sender, recipient, payload):
        """The sender is the number of a key; 0 for a reward."""
        public = sign(key_of(sender), b"")[0] if sender else ZERO
        body = struct.pack("<BBHIQQQ", 1, kind, 0, len(payload), nonce, amount, fee) + \
            public + recipient + payload
        self.message = sha256(b"libbc ledger transaction 1" + NETWORK + body)
        signature = sign(key_of(sender), self.message)[1] if sender else bytes(64)
        self.bytes = body + signature
        self.id = sha256(b"\0" + self.bytes)
        self.view = {
            "version": 1, "kind": ["reward", "signed"][kind], "nonce": shown(nonce),
            "amount": shown(amount), "fee": shown(fee), "sender": public.hex(),
            "recipient": recipient.hex(), "payload": payload.hex(), "signature": signature.hex(),
            "id": self.id.hex(),
        }


class Block:
    def __init__(self, bits, height, time, previous, nonce, signer, transactions):
        self.root = tree([transaction.bytes for transaction in transactions])
        self.history = sha256(b"history %d" % height)
        content = sha256(b"\2" + struct.pack("<I", len(transactions)) + self.root + self.history)
        header = struct.pack("<IIQQ", 1, bits, height, time) + previous + content + \
            struct.pack("<Q", nonce)
        assert len(header) == 96
        message = sha256(b"libbc ledger seal 1" + NETWORK + header)
        seal = sign(key_of(signer), message)[1] if signer else b""
        self.bytes = header + bytes([len(seal)]) + seal + struct.pack("<I", len(transactions)) + \
            b"".join(transaction.bytes for transaction in transactions)
        self.id = sha256(header)
        self.view = {
            "version": 1, "bits": bits, "height": shown(height), "time": time,
            "previous": previous.hex(), "content": content.hex(), "nonce": shown(nonce),
            "seal": seal.hex(), "id": self.id.hex(),
            "transactions": [transaction.view for transaction in transactions],
        }


def compact(view):
    return json.dumps(view, separators=(",", ":"))


def make():
    top = 2**64 - 1
    account = sign(key_of(2), b"")[0]
    reward = Transaction(0, 7, 50, 0, 0, account, b"")
    signed = [
        Transaction(1, 0, 10, 1, 1, account, b""),
        Transaction(1, 1, 0, 0, 1, ZERO, b"\x00"),
        Transaction(1, 2**53 - 1, 2**53, 2**53 + 1, 2, key_of(255), bytes(range(256)) + b"tail"),
        Transaction(1, top, top, top, 3, b"\xff" * 32, "caf\u00e9".encode()),
        Transaction(1, 2, 2**63, 2**63 - 1, 4, account, b"x" * 63),
    ]
    rewards = [reward, Transaction(0, 0, 0, 0, 0, ZERO, b'{"name":"genesis"}'),
               Transaction(0, top, top, 0, 0, account, b"")]
    lines = [f"tx {t.bytes.hex()} {t.id.hex()} {t.message.hex()} {compact(t.view)}"
             for t in signed + rewards]
    blocks = [Block(0x1d00ffff, 0, 1700000000000, ZERO, 0, 0, [rewards[1]]),
              Block(1, 0, 0, ZERO, 0, 0, []),
              Block(2**32 - 1, top, 2**53 - 1, b"\xff" * 32, top, 9, [reward]),
              Block(2, 3, 5, b"\x00" * 31 + b"\x01", 1, 1, [])]
    everything = (rewards + signed) * 2
    for count in (1, 2, 3, 4, 5, 7, 8, 9, 16):
        blocks.append(Block(0x207fffff, count, 1700000000000 + count, blocks[-1].id, 2**53 + count,
                            count % 2, everything[:count]))
    lines += [f"block {b.bytes.hex()} {b.id.hex()} {b.root.hex()} {b.history.hex()} {compact(b.view)}"
              for b in blocks]
    return "# Made by run_ledger_encoding.py, which says what the columns are.\n" + \
        "".join(line + "\n" for line in lines)


def main():
    made = make()
    if sys.argv[1:] == ["--write"]:
        PATH.write_text(made, encoding="ascii")
    elif PATH.read_text(encoding="ascii") != made:
        sys.exit(f"{PATH}: not what this script makes; run it with --write")
    return 0


if __name__ == "__main__":
    sys.exit(main())
