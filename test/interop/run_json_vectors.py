#!/usr/bin/env python3
"""Compares the canonical JSON reader with Python's json module on generated texts.

usage: run_json_vectors.py [FILTER] [--seed N] [--count N]

FILTER is the program made from json_filter.c, by default $BC_BUILD/test/interop/json_filter. Every text must be
refused by both or give the same bytes in both. Seed and count follow $BC_TEST_SEED and $BC_TEST_SCALE (percent of
5,000). Standard library only.
"""

import argparse
import json
import os
import random
import struct
import subprocess
import sys
from decimal import Decimal, localcontext

CHARACTERS = "aZ09 ~/\x7f\x80\u00e9\u07ff\u0800\u2028\ud7ff\ue000\ufeff\uffff\U00010000\U0001f600\U0010ffff"
ODD_TEXTS = [
    b"", b" ", b"\x00", b"1\x00", b"\xef\xbb\xbf1", b"\xff\xfe1\x00", b"-", b"--1", b"+1", b"- 1", b"01", b"-01", b"00",
    b"1.", b".5", b"1.e5", b"1e", b"1e+", b"1e-", b"1E5", b"1e05", b"0e0", b"-0", b"-0.0", b"-0e5", b"0.0e-9", b"1e400",
    b"-1e400", b"1e-400", b"0e999999999999999999999", b"1e999999999999999999999", b"1e-999999999999999999999",
    b"nan", b"NaN", b"-NaN", b"inf", b"Infinity", b"-Infinity", b"-Inf", b"Infinit", b"true", b"tru", b"True", b"nulll",
    b"[]", b"[ ]", b"[,]", b"[1,]", b"[1 2]", b"[1", b"[", b"]", b"{}", b"{ }", b"{,}", b'{"a"}', b'{"a":}', b'{"a":1,}',
    b'{"a" 1}', b'{a:1}', b"{'a':1}", b'{"a":1 "b":2}', b'{"a":1', b'{1:2}', b'[1}', b'{"a":1]', b'"', b'"a', b'"\\',
    b'"\\"', b'"\\u12', b'"\\u12"', b'"\\u123g"', b'"\\u+123"', b'"\\u 123"', b'"\\u1_23"', b'"\\x41"', b'"\\U0041"',
    b'"\\a"', b'"\\/"', b'"\\u0041"', b'"\\u000a"', b'"\\u0000"', b'"\\u007F"', b'"\\u007f"', b'"\x7f"', b'"\\u00E9"',
    b'"\x1f"', b'"\t"', b'"\x00"', b'"\\ud83d\\ude00"', b'"\\uD83D\\uDE00"', b'"\\ud83d"', b'"\\ude00"',
    b'"\\ude00\\ud83d"', b'"\\ud83d\\ud83d\\ude00"', b'"\\ud83d\\u0041"', b'"\\ud83d\\n"', b'"\\ud83d\\u12"',
    b'"\\ud83dx\\ude00"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\xc1\xbf"', b'"\xe0\x9f\xbf"', b'"\xf0\x8f\xbf\xbf"',
    b'"\xf4\x90\x80\x80"', b'"\xf8\x88\x80\x80\x80"', b'"\x80"', b'"\xc3"', b'"\xe2\x82"', b'"\xf0\x9f\x98"', b'"\xff"',
    b"\x0b1", b"\x0c1", b"\xc2\xa01", b"1\r\n\t ", b"1 1", b"1,", b"/**/1", b"[" * 64 + b"]" * 64, b'{"a":' * 64 + b"1" + b"}" * 64,
    b"1" * 4300, b"-" + b"1" * 4300, b"1" * 4301, b"-" + b"1" * 4301, b"1" * 4301 + b".0", b"1" * 4301 + b"e0",
    b'{"a":1,"a":2}', b'{"a":{"b":1},"a":[]}', b'{"\\u0061":1,"a":2,"b":3,"a":4}', b'{"":1,"a":2,"":3}',
]


def random_double(rng):
    return struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0]


def halfway(rng):
    """A decimal on the midpoint of two neighbouring doubles, or next to it."""
    with localcontext() as context:
        context.prec = 1200
        bits = rng.choice([rng.getrandbits(63) % (0x7FE << 52), rng.getrandbits(20), rng.getrandbits(54)])
        low, high = struct.unpack("<dd", struct.pack("<QQ", bits, bits + 1))
        middle = (Decimal(low) + Decimal(high)) / 2
        digits = format(middle, rng.choice(["e", "f"]))
    mantissa, letter, exponent = digits.partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    mantissa += rng.choice(["", "1", "0" * rng.randrange(40) + "1", "0" * 900, "0" * 900 + "7"])
    if rng.random() < 0.3 and mantissa[-1] != "0":
        mantissa = mantissa[:-1] + chr(ord(mantissa[-1]) - 1) + "9" * rng.randrange(30)
    return mantissa + letter + exponent


def digits(rng, most):
    return str(rng.randrange(10 ** rng.randint(1, most)))


def number(rng):
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice(["", "-"]) + digits(rng, 30)
    if kind == 1:
        return json.dumps(random_double(rng))
    if kind == 2:
        return "%.*e" % (rng.randrange(25), random_double(rng))
    if kind == 3:
        return rng.choice(["", "-"]) + halfway(rng)
    if kind == 4:
        return "15062%05d.%0*d" % (rng.randrange(10**5), rng.randint(1, 8), rng.randrange(10))
    if kind == 5:
        return "%s.%s" % (digits(rng, 20), digits(rng, 20))
    if kind == 6:
        return "%s%s%s%d" % (digits(rng, 22), rng.choice("eE"), rng.choice(["", "+", "-"]), rng.randrange(345))
    return rng.choice(["0", "-0", "1", "-0.0", "0.0", "1e5", "1e16", "1e15", "0.0001", "0.00001", "1e22", "1e23", "5e-324"])


def string(rng):
    parts = []
    for _ in range(rng.choice([0, 1, 2, 5, 9, 30])):
        kind = rng.randrange(6)
        if kind < 2:
            parts.append(rng.choice("abcdefghijklmnop ~"))
        elif kind == 2:
            parts.append(rng.choice(CHARACTERS))
        elif kind == 3:
            parts.append("\\" + rng.choice('"\\/bfnrt'))
        elif kind == 4:
            unit = rng.choice([rng.randrange(0x10000), rng.randrange(0x80), rng.randrange(0xD800, 0xE000)])
            parts.append("\\u" + rng.choice(["%04x", "%04X"]) % unit)
        else:
            parts.append("\\ud8%02x\\uDC%02X" % (rng.randrange(256), rng.randrange(256)))
    return '"' + "".join(parts) + '"'


def white(rng):
    return "".join(rng.choice(" \t\n\r") for _ in range(rng.choice([0, 0, 0, 1, 3])))


def value(rng, depth):
    kind = rng.randrange(10 if depth > 0 else 6)
    if kind < 2:
        text = number(rng)
    elif kind < 5:
        text = string(rng)
    elif kind == 5:
        text = rng.choice(["true", "false", "null", "NaN", "Infinity", "-Infinity"])
    elif kind < 8:
        text = "[" + ",".join(value(rng, depth - 1) for _ in range(rng.randrange(4))) + white(rng) + "]"
    else:
        names = [string(rng) for _ in range(rng.choice([0, 1, 2, 3, 8, 80]) if depth > 1 else rng.randrange(5))]
        names += rng.choices(names, k=len(names) // 3) if names else []
        members = (white(rng) + name + white(rng) + ":" + value(rng, min(depth - 1, 1)) for name in names)
        text = "{" + ",".join(members) + white(rng) + "}"
    return white(rng) + text + white(rng)


def mutate(rng, text):
    text = bytearray(text)
    for _ in range(rng.choice([1, 1, 2])):
        place = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            del text[place:]
        elif kind == 1:
            del text[place : place + 1]
        elif kind == 2:
            text[place:place] = bytes([rng.randrange(256)])
        elif kind == 3:
            text[place:place] = rng.choice([b",", b":", b'"', b"\\", b"[", b"}", b"\\u", b"0", b"-", b".", b"e", b"\xc3"])
        elif text:
            text[place % len(text)] = rng.choice(b'",:[]{}\\0129eE+-.ntfu \x00\x1f\x7f\x80\xc0\xed\xf0\xff')
    return bytes(text)


def canonical(text):
    """What Python makes of it, or None."""
    try:
        return json.dumps(json.loads(text.decode("utf-8")), sort_keys=True)
    except ValueError:  # not UTF-8, not JSON, too many digits
        return None


def generate(seed, count):
    rng = random.Random(seed)
    texts = list(ODD_TEXTS)
    while len(texts) < len(ODD_TEXTS) + count:
        kind = rng.randrange(4)
        if kind == 0:
            text = number(rng).encode()
        else:
            text = value(rng, rng.choice([0, 1, 3])).encode()
        texts.append(mutate(rng, text) if kind == 3 else text)
    return texts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("filter", nargs="?",
                        default=os.path.join(os.environ.get("BC_BUILD", "build"), "test/interop/json_filter"))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("BC_TEST_SEED", "1")))
    parser.add_argument("--count", type=int, default=50 * int(os.environ.get("BC_TEST_SCALE", "100")))
    options = parser.parse_args()
    texts = generate(options.seed, options.count)
    run = subprocess.run([options.filter], input="".join(text.hex() + "\n" for text in texts).encode(),
                         stdout=subprocess.PIPE, check=False)
    answers = run.stdout.decode("ascii").split("\n")[:-1]
    failures = 0
    refused = 0
    if run.returncode != 0 or len(answers) != len(texts):
        print(f"{options.filter}: status {run.returncode}, {len(answers)} answers to {len(texts)} texts")
        failures += 1
    for text, answer in zip(texts, answers):
        expected = canonical(text)
        refused += expected is None
        agrees = answer.startswith("! ") if expected is None else answer == "= " + expected
        if not agrees:
            failures += 1
            print(f"text:   {text!r}\nPython: {expected}\nlibbc:  {answer}")
    print(f"seed {options.seed}: {len(texts)} texts, {refused} refused by Python, {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
