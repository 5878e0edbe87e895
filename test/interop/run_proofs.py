#!/usr/bin/python3
"""Merkle proofs that Python writes from the rules (docs/ledger-rules.md), read by bcctl verify-proof, and
those that bcctl prove makes."""
import hashlib
import json
import os
import random
import re
import struct
import sys
import tempfile

from nodes import BCCTL, Nodes, check, main, run

RANDOM = random.Random(int(os.environ.get("BC_TEST_SEED", "1")))
TRANSACTION, BLOCK, CONSISTENCY, RECORD = 1, 2, 3, 4


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# ---- RFC 9162, as it stands there ----

def leaf(data):
    return sha256(b"\0", data)


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


def tree(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\1", tree(leaves[:k]), tree(leaves[k:]))


def inclusion(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return inclusion(m, leaves[:k]) + [tree(leaves[k:])]
    return inclusion(m - k, leaves[k:]) + [tree(leaves[:k])]


def consistency(m, leaves, whole=True):
    if m == len(leaves):
        return [] if whole else [tree(leaves)]
    k = split(len(leaves))
    if m <= k:
        return consistency(m, leaves[:k], whole) + [tree(leaves[k:])]
    return consistency(m - k, leaves[k:], False) + [tree(leaves[:k])]


def path(nodes):
    return bytes([len(nodes)]) + b"".join(nodes)


# ---- A history ----

class Block:
    def __init__(self, chain):
        height = len(chain)
        self.height = height
        self.txs = [transaction(height, at == 0) for at in range(RANDOM.randint(1, 7))]
        self.txs_root = tree([leaf(tx) for tx in self.txs])
        self.history = [leaf(block.header) for block in chain]
        content = sha256(b"\2", struct.pack("<I", len(self.txs)), self.txs_root, tree(self.history))
        previous = chain[-1].id if chain else bytes(32)
        self.header = struct.pack("<IIQQ32s32sQ", 1, 2, height, 1700000000000 + height, previous, content, 0)
        self.id = sha256(self.header)
        self.sealed = self.header + (b"\0" if height == 0 else b"\x40" + RANDOM.randbytes(64))

    def committed(self):
        return struct.pack("<I", len(self.txs)) + self.txs_root


def transaction(height, reward):
    payload = RANDOM.randbytes(RANDOM.randint(0, 20))
    fixed = struct.pack("<BBHIQQQ", 1, 0 if reward else 1, 0, len(payload), height, RANDOM.getrandbits(64),
                        0 if reward else 5)
    sender = bytes(32) if reward else RANDOM.randbytes(32)
    signature = bytes(64) if reward else RANDOM.randbytes(64)
    return fixed + sender + RANDOM.randbytes(32) + payload + signature


def proof(kind, older, later, position):
    out = bytes([1, kind]) + older.sealed
    if kind in (TRANSACTION, RECORD):
        out += struct.pack("<II", position, len(older.txs)) + tree(older.history)
        out += path(inclusion(position, [leaf(tx) for tx in older.txs])) + older.txs[position]
    if kind != TRANSACTION:
        out += later.sealed + later.committed() + path(inclusion(older.height, later.history))
    if kind == CONSISTENCY:
        out += older.committed() + tree(older.history)
        out += path(consistency(older.height, later.history) if older.height else [])
    return out


def make_chain(length):
    chain = []
    while len(chain) < length:
        chain.append(Block(chain))
    return chain


CHAIN = make_chain(40)


def trust(kind, older, later):
    arguments = ["--header-id", (older if kind == TRANSACTION else later).id.hex()]
    return arguments + (["--older-id", older.id.hex()] if kind == CONSISTENCY else [])


def verify(*arguments, text=None):
    return run([BCCTL, "verify-proof", *arguments], text=text)


def some_proofs(count):
    for number in range(count):
        later = RANDOM.choice(CHAIN[1:])
        older = CHAIN[0] if number % 9 == 0 else RANDOM.choice(CHAIN[:later.height])
        for kind in (TRANSACTION, BLOCK, CONSISTENCY, RECORD):
            yield kind, older, later, RANDOM.randrange(len(older.txs))


def proofs_hold():
    for kind, older, later, position in some_proofs(25):
        made = proof(kind, older, later, position)
        status, out, err = verify(*trust(kind, older, later), "--hex", made.hex())
        check(status == 0 and not err and out.startswith("valid: "), f"{kind}: {status} {out}{err}")
        check(f"  block         {older.id.hex()}\n  height        {older.height}\n" in out, out)
        check((f"  under         {later.id.hex()}\n  of height     {later.height}\n" in out) ==
              (kind != TRANSACTION), out)
        check("  seals         not checked\n" in out, out)
        shown = (f"  transaction   {leaf(older.txs[position]).hex()}\n  position      {position}\n"
                 f"  encoding      {older.txs[position].hex()}\n")
        check((shown in out) == (kind in (TRANSACTION, RECORD)), out)


def changed_proofs_do_not():
    for kind, older, later, position in some_proofs(10):
        made = proof(kind, older, later, position)
        while True:
            bit = RANDOM.randrange(8 * len(made))
            changed = bytearray(made)
            changed[bit // 8] ^= 1 << bit % 8
            if not any(seal and seal in made and seal not in changed
                       for seal in (older.sealed[97:], later.sealed[97:])):
                break  # nobody looks at seals without the network
        for other in (bytes(changed), made[:-1], made + b"\0"):
            status, out, err = verify(*trust(kind, older, later), "--hex", other.hex())
            check(status == 1 and not err and out.startswith("invalid: "), f"{kind}: {status} {out}{err}")
        status, out, err = verify("-i", "00" * 32, "--hex", made.hex())
        check(status == 1 and out.startswith("invalid: "), f"{status} {out}{err}")


def files_and_standard_input():
    made = proof(RECORD, CHAIN[3], CHAIN[30], 0)
    trusted = trust(RECORD, CHAIN[3], CHAIN[30])
    digits = made.hex()
    broken = "\n".join(digits[at:at + 60] for at in range(0, len(digits), 60)) + "\r\n"
    with tempfile.TemporaryDirectory() as folder:
        for text in (made, digits.encode(), digits.upper().encode(), broken.encode()):
            name = os.path.join(folder, "proof")
            with open(name, "wb") as file:
                file.write(text)
            check(verify(*trusted, name)[0] == 0, f"{text[:20]}")
            check(verify(*trusted, "-", text=text)[0] == 0, f"{text[:20]}")


def bad_command_lines():
    trusted = ["-i", "00" * 32]
    for arguments, says in ((["-"], "needs --header-id"), (trusted, "one file"),
                            (["-i", "00", "-"], "64 hexadecimal digits"),
                            (["-i", "0g" * 32, "-"], "64 hexadecimal digits"),
                            ([*trusted, "-o", "00" * 33, "-"], "64 hexadecimal digits"),
                            ([*trusted, "a", "b"], "one file"), ([*trusted, "-x", "01", "b"], "one file"),
                            ([*trusted, "--dance", "-"], "dance"), ([*trusted, "-n", "nowhere", "-"], "nowhere"),
                            ([*trusted, "/nonexistent/proof"], "No such file"),
                            ([*trusted, "-x", ""], "neither a proof"), ([*trusted, "-x", "012"], "neither a proof"),
                            ([*trusted, "-x", "zz"], "neither a proof"), ([*trusted, "-"], "neither a proof"),
                            ([*trusted, "-n", "tutorial", "-x", "0101"], "no Merkle proofs")):
        status, out, err = verify(*arguments, text=b"")
        check(status == 2 and not out and err.startswith("bcctl: ") and says in err,
              f"{arguments}: {status} {out}{err}")
    status, out, err = verify("--help")
    check(status == 0 and out.startswith("Usage: bcctl verify-proof") and not err, f"{out}{err}")


# ---- Proofs that bcctl makes ----

def bcctl_good(*arguments):
    status, out, err = run([BCCTL, *arguments])
    check(status == 0, f"{arguments}: {status} {out}{err}")
    return out, err


def given_ids(err):
    """The options that prove names on standard error."""
    return re.findall(r"(--\w+-id) ([0-9a-f]{64})\n", err)


def proofs_from_a_data_folder():
    with Nodes() as nodes:
        data, network = nodes.folder / "data", ("--network", "ledger-dev")
        node = nodes.bcnode(network="ledger-dev", data=data)
        status, _, err = run([BCCTL, "prove", *network, "--data", data, "--block", "0"])
        check(status == 2 and err.startswith("bcctl: "), f"while a node runs: {status} {err}")
        check(node.stop() == 0, "the node did not end well")
        bcctl_good("mine", *network, "--data", data, "--blocks", "20", "--recipient", "7" * 64)
        shown, _ = bcctl_good("show", *network, "--data", data, "--json")
        blocks = [json.loads(line) for line in shown.splitlines()]
        prove = ("prove", *network, "--data", data)
        record = blocks[7]["transactions"][0]["id"]
        for subject, trusted, older in (
                (("--tx", record), 7, None), (("--tx", record, "--later", "tip"), 20, None),
                (("--tx", record, "--later", "11"), 11, None), (("--block", "7"), 20, None),
                (("--block", "7", "--later", "8"), 8, None), (("--history", "7"), 20, 7),
                (("--history", "7", "--later", "19"), 19, 7), (("--history", "0", "--later", "1"), 1, 0)):
            made, err = bcctl_good(*prove, *subject)
            ids = given_ids(err)
            expected = [("--header-id", blocks[trusted]["id"])]
            expected += [] if older is None else [("--older-id", blocks[older]["id"])]
            check(ids == expected, f"{subject}: {ids}")
            trust_in = [word for pair in ids for word in pair]
            out, err = bcctl_good("verify-proof", *network, *trust_in, "--hex", made.strip())
            check("  seals         checked\n" in out and not err, out)
            check((record in out) == ("--tx" in subject), out)
            name = nodes.folder / "proof"
            check(bcctl_good(*prove, *subject, "--output", name)[0] == "", "it prints the proof too")
            check(name.read_bytes().hex() == made.strip(), "the file holds something else")
            bcctl_good("verify-proof", *trust_in, name)
            status, out, _ = verify("--network", "ledger", *trust_in, name)
            check((status, out[:9]) == (1, "invalid: "), f"another network: {status} {out}")
        refuses_to_prove(prove, nodes.folder)


def refuses_to_prove(prove, folder):
    nothing = "00" * 32
    for status, arguments, says in (
            (1, [*prove, "--tx", nothing], "no such transaction"), (1, [*prove, "--block", "20"], "must be above"),
            (1, [*prove, "--block", "21"], "no block at height 21"),
            (1, [*prove, "--history", "3", "--later", "99"], "no block at height 99"),
            (1, [*prove, "--block", "3", "--output", folder / "no" / "file"], "No such file"),
            (2, prove, "one of --tx"), (2, [*prove, "--block", "1", "--history", "1"], "one of --tx"),
            (2, [*prove, "--block", "1", "file"], "takes no file"), (2, [*prove, "--block", "x"], "a height from 0"),
            (2, [*prove, "--history", "-1"], "a height from 0"), (2, [*prove, "--tx", "12"], "64 hexadecimal"),
            (2, [*prove, "--block", "1", "--later", "top"], '"tip"'), (2, ["prove", "--block", "1"], "needs --data"),
            (2, ["prove", "--data", folder / "none", "--block", "1"], "no chain in"),
            (2, ["prove", "--data", folder / "data", "--block", "1"], "network"),
            (2, ["prove", "--network", "nowhere", "--data", folder, "--block", "1"], "nowhere"),
            (2, ["prove", "--dance"], "dance")):
        found, out, err = run([BCCTL, *arguments])
        check(found == status and not out and "bcctl: " in err and says in err,
              f"{arguments}: {found} {out}{err}")
    status, out, err = run([BCCTL, "prove", "--help"])
    check(status == 0 and out.startswith("Usage: bcctl prove") and not err, f"{out}{err}")


if __name__ == "__main__":
    sys.exit(main([
        proofs_hold,
        changed_proofs_do_not,
        files_and_standard_input,
        bad_command_lines,
        proofs_from_a_data_folder,
    ]))
