#!/usr/bin/python3
"""Compares canonical form and network id of ledgers with the model's, which shares no code with us.

Documents are valid ones in which now and then a member is changed, taken out, added or written in an
unusual way. What one side refuses, the other must refuse too.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sim"))
from ledger_network import Network, Refused  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Valid public keys: RFC 8032's examples and those of examples/networks.
KEYS = ["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "2fcc846574a06121e8b1c1bd4e56b06538ad1adb328ecf570289938e70b54a47",
        "0a4a12c43b0d1ff6a3009c6d3b0c18f639a8f34ca761a580ac835304299ac906",
        "aa7eb3564dcd4b4060a861d1d7a0b1f2ee1d599e0f55b3a03155034a5f17c31b"]
BITS = [0x207FFFFF, 0x2100FFFF, 0x1E00FFFF, 0x1F00FFFF, 0x1D00FFFF, 0x01010000, 0x1C7FFFFF, 0x20123456]
BAD_BITS = [0, 1, 0x20FFFFFF, 0x1E0000FF, 0x21010000, 0x01010001, 0xFFFFFFFF]
MOST = 2**63 - 1
EDGES = {"time": [0, 2**53 - 1, 2**53], "initial": [0, 1, MOST // 2, MOST], "halving": [0, 1, 2**40, MOST],
         "block_bytes": [1023, 1024, 2**28, 2**28 + 1], "payload_bytes": [0, 1024, 2**16, 2**28],
         "minimum_fee": [0, 2**32, 2**32 + 1], "future_limit": [0, 2**40, 2**40 + 1, 120001],
         "spacing": [0, 1, 2**40 // 6, 2**40 // 6 + 1, 2**40], "half_life": [0, 6, 2**40, 2**40 + 1],
         "period": [0, 2**40, 2**40 + 1], "bits": BITS + BAD_BITS, "limit": BITS + BAD_BITS, "version": [1]}
ODD = [None, True, False, 1.0, -1, "", "x", "work", [], [[]], {}, 2**63, 10**30, "\u0001", "\u00e9", 'a"b', "n" * 65]


def small(rng, most):
    return rng.randint(0, min(most, 2**rng.randint(1, most.bit_length())))


def text(rng, least):
    letters = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"\\']
    return "".join(rng.choices(letters, k=rng.choice([least, 5, 64])))


def valid(rng):
    document = {"rules": "ledger", "version": 1, "name": text(rng, 1), "time": small(rng, 2**53 - 1),
                "initial": small(rng, 2**31), "halving": 1 + small(rng, 2**30)}
    keys = sorted({rng.choice([rng.randbytes(32).hex(), *KEYS]) for _ in range(rng.choice([0, 0, 1, 3, 40]))})
    document["allocations"] = [[key, 1 + small(rng, 2**56)] for key in keys]
    if rng.random() < 0.4:
        document["sealing"] = "authority"
        document["authorities"] = rng.sample(KEYS, rng.randint(1, len(KEYS)))
        document["period"] = small(rng, 2**40)
    else:
        document["sealing"] = "work"
        document["difficulty"] = rng.choice(["fixed", "asert"])
        low, high = sorted(rng.choices(BITS, k=2))
        document["bits"], document["limit"] = (low, high) if low != 0x01010000 or rng.random() < 0.5 else (high, high)
        if document["difficulty"] == "asert":
            document["spacing"] = 1 + small(rng, 2**40 // 6 - 1)
            document["half_life"] = min(2**40, 6 * document["spacing"] + small(rng, 2**39))
    if rng.random() < 0.5:
        document["block_bytes"] = 1024 + small(rng, 2**28 - 1024)
    if rng.random() < 0.3:
        document["payload_bytes"] = small(rng, document.get("block_bytes", 2**20))
    if rng.random() < 0.3:
        document["minimum_fee"] = small(rng, 2**32)
    if rng.random() < 0.3:
        document["future_limit"] = small(rng, min(2**40, 2 * document.get("spacing", 2**40)))
    if rng.random() < 0.3:
        document["host_rules"] = text(rng, 0)
    return document


def spoil(rng, document):
    """Changes one thing. It may be good after that, too."""
    kind = rng.randrange(6)
    name = rng.choice(list(document))
    if kind == 0:
        del document[name]
    elif kind == 1:
        document[name] = rng.choice(ODD)
    elif kind == 2:
        document[rng.choice([*EDGES, "authorities", "difficulty", "more", "", name.upper()])] = rng.choice([0, 1, "x"])
    elif kind == 3 and document["allocations"]:
        entry = rng.choice(document["allocations"])
        entry[rng.randrange(2)] = rng.choice([*ODD, 0, MOST, "0" * 64, KEYS[0].upper(), KEYS[0]])
    elif kind == 4 and "authorities" in document:
        document["authorities"].insert(rng.randrange(3), rng.choice([*ODD, "0" * 64, rng.randbytes(32).hex(), *KEYS]))
    else:
        name = rng.choice(list(EDGES))
        document[name] = rng.choice(EDGES[name])


def written(rng, document):
    """As JSON on one line: members in any order, spaces anywhere, escapes that mean the same."""
    members = list(document.items())
    rng.shuffle(members)
    parts = []
    for name, value in members:
        key = json.dumps(name)
        if rng.random() < 0.05 and name:
            key = f'"\\u{ord(name[0]):04x}{name[1:]}"'
        space = rng.choice(["", "", " ", "\t", "  \r"])
        parts.append(f"{space}{key}{space}:{space}{json.dumps(value)}{space}")
    if rng.random() < 0.02:
        parts.append(rng.choice(parts))
    return "{" + ",".join(parts) + "}"


def expected(line):
    try:
        network = Network(line.encode())
    except Refused:
        return "refused"
    header = network.genesis_bytes[:96]
    return f"{hashlib.sha256(header).hexdigest()} {network.canonical.decode()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("filter", nargs="?",
                        default=os.path.join(os.environ.get("BC_BUILD", "build"), "test/interop/params_filter"))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("BC_TEST_SEED", "1")))
    parser.add_argument("--count", type=int, default=20 * int(os.environ.get("BC_TEST_SCALE", "100")))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    lines = [json.dumps(json.loads(path.read_text())) for path in sorted((ROOT / "examples/networks").glob("*.json"))]
    examples = len(lines)
    for _ in range(options.count):
        document = valid(rng)
        if rng.random() < 0.6:
            spoil(rng, document)
        lines.append(written(rng, document))
    run = subprocess.run([options.filter], input="".join(line + "\n" for line in lines), text=True,
                         stdout=subprocess.PIPE, check=False)
    answers = run.stdout.splitlines()
    differences = 0
    if run.returncode != 0 or len(answers) != len(lines):
        print(f"{options.filter}: status {run.returncode}, {len(answers)} answers to {len(lines)} documents")
        differences += 1
    refused = 0
    for number, (line, answer) in enumerate(zip(lines, answers)):
        wanted = expected(line)
        same = answer.startswith("refused ") if wanted == "refused" else answer == wanted
        refused += wanted == "refused"
        if not same or (wanted == "refused" and number < examples):
            differences += 1
            print(f"document: {line}\nmodel:    {wanted}\nlibbc:    {answer}")
    print(f"seed {options.seed}: {len(lines)} documents, {refused} of them refused, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
