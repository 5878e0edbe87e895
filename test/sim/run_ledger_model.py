#!/usr/bin/python3
"""The model of the ledger's rules against published answers, so that it may judge the library."""
import itertools
import json
import pathlib
import re
import sys

TEST = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TEST / "interop"))
# pylint: disable=wrong-import-position
import ledger_codec as codec
import ledger_ed25519 as ed25519
from ledger_model import Chain
from ledger_network import Network, Refused
from nodes import check, main

VECTORS = TEST / "vectors"
KEYS = [ed25519.Key(bytes([number]) * 32) for number in range(1, 4)]


def rows(name):
    for line in (VECTORS / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split()


def rfc8032():
    count = 0
    for seed, public, message, signature, name in rows("ed25519_rfc8032.txt"):
        message = b"" if message == "-" else bytes.fromhex(message)
        key = ed25519.Key(bytes.fromhex(seed))
        check(key.public.hex() == public and key.sign(message).hex() == signature, name)
        check(ed25519.verify(key.public, message, bytes.fromhex(signature)), name)
        check(ed25519.plain.pinned(key.public, message, bytes.fromhex(signature)), name)
        count += 1
    check(count == 5, f"{count} rows")


def taming():
    count = 0
    for message, key, signature, number in rows("ed25519_taming.txt"):
        check(not ed25519.verify(*map(bytes.fromhex, (key, message, signature))), number)
        count += 1
    check(count == 12, f"{count} rows")


def edge_cases():
    for row in rows("ed25519_edge_cases.txt"):
        if row[0] == "key":
            check(ed25519.good_key(bytes.fromhex(row[2])) == bool(int(row[1])), row[3])
        else:
            found = ed25519.verify(*map(bytes.fromhex, row[4:7]))
            check(found == bool(int(row[1])), row[7])


def made_signatures():
    """What the generator of histories believes of the signatures that it makes."""
    key, message = KEYS[0], bytes(range(32))
    for torsion in range(8):
        check(ed25519.verify(key.public, message, ed25519.sign_with_torsion(key, message, 1, torsion)),
              f"R + {torsion}T is refused")
    for r in ed25519.small_order_encodings():
        check(not ed25519.verify(key.public, message, ed25519.sign_with_encoding(key, message, r)),
              f"R = {r.hex()} is taken")
    for public in ed25519.bad_keys(key.public):
        check(not ed25519.good_key(public), f"key {public.hex()} is taken")


def asert():
    """A row's bits are those of the block behind it, and it counts from the anchor's parent's time."""
    limit, spacing, half_life = (1 << 224) - 1, 600, 172800
    for path in sorted((VECTORS / "asert").glob("run*.txt")):
        text = path.read_text()
        anchor = {what: int(value, 0) for what, value in re.findall(
            r"^## +anchor (height|ancestor time|parent time|nBits): (\w+)", text, re.M)}
        before = anchor.get("ancestor time", anchor.get("parent time"))
        count = 0
        for row in rows(path.relative_to(VECTORS)):
            _, height, time, bits = (int(field, 0) for field in row)
            late = time - before - spacing * (height - anchor["height"] + 1)
            found = codec.compact(codec.asert(codec.target_of(anchor["nBits"]), late, half_life, limit))
            check(found == bits, f"{path.name}: row {row}: {found:#x}")
            count += 1
        check(count >= 10, f"{path.name} has {count} rows")
    check(codec.asert(limit, 300 - spacing, half_life, limit) == (0xFFB2 << 208) - 1,
          "the target for (limit, timeDiff 300, heightDiff 1)")


def compact_targets():
    """Bitcoin Core's arith_uint256 tests, bignum_SetCompact."""
    faults = {0x00123456: "bits-zero", 0x01003456: "bits-zero", 0x02000056: "bits-zero",
              0x03000000: "bits-zero", 0x04000000: "bits-zero", 0x00923456: "bits-zero",
              0x01803456: "bits-zero", 0x02800056: "bits-zero", 0x03800000: "bits-zero",
              0x04800000: "bits-zero", 0x01FEDCBA: "bits-negative", 0x04923456: "bits-negative",
              0xFF123456: "bits-overflow"}
    for bits, fault in faults.items():
        check(codec.expand(bits) == (None, fault), f"{bits:#010x}: {codec.expand(bits)}")
    for bits, target, again in ((0x01123456, 0x12, 0x01120000), (0x02123456, 0x1234, 0x02123400),
                                (0x03123456, 0x123456, 0x03123456), (0x04123456, 0x12345600, 0x04123456),
                                (0x05009234, 0x92340000, 0x05009234),
                                (0x20123456, 0x123456 << 232, 0x20123456),
                                (0x2100FFFF, 0xFFFF << 240, 0x2100FFFF)):
        check(codec.expand(bits) == (target, None) and codec.compact(target) == again, f"{bits:#x}")
    check(codec.expand(0x22000100)[1] == "bits-overflow" and codec.expand(0x21010000)[1] ==
          "bits-overflow" and codec.expand(0x220000FF)[1] is None, "at 2^256")
    check(codec.work_of_target(0xFFFF << 208) == 0x100010001, "Bitcoin's work of 0x1d00ffff")


def merkle_roots():
    """Certificate Transparency's known leaves and roots (their reference implementations' tests)."""
    leaves = [bytes.fromhex(text) for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f")]
    known = ("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
             "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
             "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
             "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
             "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
             "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
             "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
    hashes = [codec.leaf_hash(leaf) for leaf in leaves]
    for count, root in enumerate(known, 1):
        check(codec.tree_hash(hashes[:count]).hex() == root, f"root of {count}")
    check(codec.tree_hash([]) == codec.sha256(), "root of none")


WORK = {"rules": "ledger", "version": 1, "name": "test", "time": 1000, "sealing": "work",
        "difficulty": "fixed", "bits": 0x207FFFFF, "limit": 0x207FFFFF, "initial": 50, "halving": 10,
        "allocations": []}
ASERT = dict(WORK, difficulty="asert", spacing=1000, half_life=6000)
AUTHORITY = {"rules": "ledger", "version": 1, "name": "test", "time": 1000, "sealing": "authority",
             "initial": 0, "halving": 1, "allocations": [], "period": 0,
             "authorities": [key.public.hex() for key in KEYS]}


def network(members):
    return Network(json.dumps(members).encode())


def refused(text, what):
    try:
        Network(text if isinstance(text, bytes) else json.dumps(text).encode())
    except Refused:
        return
    check(False, f"{what} is taken")


def parameters():
    made = network(WORK)
    check(made.canonical == b'{"allocations":[],"bits":545259519,"block_bytes":1048576,"difficulty":"fixed",'
          b'"future_limit":120000,"halving":10,"host_rules":"","initial":50,"limit":545259519,'
          b'"minimum_fee":0,"name":"test","payload_bytes":65536,"rules":"ledger","sealing":"work",'
          b'"time":1000,"version":1}', made.canonical)
    check(Network(made.canonical).id == made.id, "the canonical form makes another network")
    check(network(ASERT).members["future_limit"] == 2000, "future_limit under asert")
    one, other = KEYS[0].public.hex(), KEYS[1].public.hex()
    for base, change in (
            (WORK, {"more": 1}), (WORK, {"time": 1 << 53}), (WORK, {"time": -1}), (WORK, {"time": True}),
            (WORK, {"time": 1.0}), (WORK, {"time": None}), (WORK, {"name": ""}), (WORK, {"name": 'a"'}),
            (WORK, {"name": "a" * 65}), (WORK, {"name": "ä"}), (WORK, {"version": 2}),
            (WORK, {"rules": "tutorial"}), (WORK, {"sealing": "none"}), (WORK, {"halving": 0}),
            (WORK, {"initial": (1 << 63) - 1}), (WORK, {"block_bytes": 1023}),
            (WORK, {"payload_bytes": (1 << 20) + 1}), (WORK, {"minimum_fee": (1 << 32) + 1}),
            (WORK, {"bits": 0x2100FFFF}), (WORK, {"limit": 0x22000100}), (WORK, {"bits": 0x04800001}),
            (WORK, {"bits": 0x1F00007F}), (WORK, {"bits": 0}), (WORK, {"spacing": 1000}),
            (WORK, {"period": 0}), (WORK, {"allocations": [["00" * 32, 1]]}),
            (WORK, {"allocations": [[one, 0]]}), (WORK, {"allocations": [[one, 1], [one, 1]]}),
            (WORK, {"allocations": [[key, 1] for key in sorted((one, other), reverse=True)]}),
            (WORK, {"allocations": [[one.upper(), 1]]}), (WORK, {"allocations": [[one, (1 << 63) - 1]]}),
            (ASERT, {"half_life": 5999}), (ASERT, {"future_limit": 2001}), (ASERT, {"spacing": 0}),
            (AUTHORITY, {"authorities": []}), (AUTHORITY, {"authorities": [one, one]}),
            (AUTHORITY, {"authorities": ["01" + "00" * 31]}), (AUTHORITY, {"period": -1}),
            (AUTHORITY, {"bits": 0x207FFFFF})):
        refused({**base, **change}, f"{change}")
    for base in (WORK, ASERT, AUTHORITY):
        for member in base:
            refused({name: value for name, value in base.items() if name != member}, f"no {member}")
    text = json.dumps(WORK).encode()
    refused(text[:-1] + b', "version": 1}', "a repeated member")
    refused(text + b"x", "a trailing byte")


def encodings():
    """A block reads back as it was; none of its beginnings, and no longer one, is a block."""
    data = network(AUTHORITY).genesis_bytes
    check(codec.encode_block(codec.decode_block(data)) == data, "the genesis is read as another")
    for text in itertools.chain((data[:length] for length in range(len(data))), [data + b"\0"]):
        try:
            codec.decode_block(text)
        except codec.Framing:
            continue
        check(False, f"{len(text)} bytes are a block")


def genesis_again():
    made = network(WORK)
    chain = Chain(made)
    check(chain.submit(0, made.genesis_bytes) == ("known", "known", made.id), "genesis")
    other = network(dict(WORK, name="other"))
    check(chain.submit(0, other.genesis_bytes) == ("invalid", "genesis", other.id), "another genesis")
    check(chain.tip.work == 2 and network(AUTHORITY).genesis.header.bits == 1, "work of the genesis")


if __name__ == "__main__":
    sys.exit(main([rfc8032, taming, edge_cases, made_signatures, asert, compact_targets, merkle_roots,
                   parameters, encodings, genesis_again]))
