#!/usr/bin/python3
"""Compares compact targets, work and aserti3-2d with Python's unbounded integers.

usage: run_difficulty.py [FILTER] [--seed N] [--count N]

FILTER is the program made from difficulty_filter.c, by default $BC_BUILD/test/interop/difficulty_filter. Seed and
count follow $BC_TEST_SEED and $BC_TEST_SCALE (percent of 10,000). Standard library only.
"""
import argparse
import os
import random
import subprocess
import sys

OK, NEGATIVE, ZERO, OVERFLOW = range(4)
TOP = 2**256
ENDS = [-2**63, -2**63 + 1, -1, 0, 1, 2**63 - 2, 2**63 - 1]


def read_bits(bits):
    """What is wrong with compact bits, and the target."""
    size, mantissa = bits >> 24, bits & 0x7FFFFF
    value = mantissa * 256**size // 256**3
    if value == 0:
        return ZERO, 0
    if bits & 0x800000:
        return NEGATIVE, 0
    return (OVERFLOW, 0) if value >= TOP else (OK, value)


def encode(target):
    """The least size at which the mantissa stays below its sign."""
    size = next(s for s in range(34) if target * 256**3 // 256**s < 0x800000)
    return size << 24 | target * 256**3 // 256**size


def asert(limit, anchor, spacing, half_life, time, height):
    behind = (time - spacing * (height + 1)) * 65536
    exponent = abs(behind) // half_life * (1 if behind >= 0 else -1)
    shifts = exponent // 65536
    if abs(shifts) > 1000:  # far past both ends; the power itself would not fit into memory
        return limit if shifts > 0 else 1
    fraction = exponent - shifts * 65536
    factor = 65536 + ((195766423245049 * fraction + 971821376 * fraction**2 + 5127 * fraction**3 + 2**47) >> 48)
    target = anchor * factor * 2**(1000 + shifts) // 2**1016
    return max(1, min(limit, target))


def following(limit, parent, spacing, half_life, solve_time):
    solve_time = max(-6 * spacing, min(6 * spacing, solve_time))
    return encode(asert(limit, parent, spacing, half_life, solve_time, 0))


def large(rng):
    """A number of 1 to 256 bits, often next to a power of 2."""
    bits = rng.randint(1, 256)
    kind = rng.randrange(4)
    if kind == 0:
        return max(1, 2**bits - rng.choice([1, 2, 3, 2**(bits // 2)]))
    if kind == 1:
        return min(TOP - 1, 2**(bits - 1) + rng.choice([0, 0, 1, 2**(bits // 2)]))
    return rng.getrandbits(bits) | 1 << (bits - 1)


def moderate(rng, most):
    return min(most, 2**rng.randrange(most.bit_length()) + rng.getrandbits(rng.randint(1, most.bit_length())))


def time_or_height(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(ENDS)
    return rng.choice([-1, 1]) * rng.getrandbits(rng.choice([4, 16, 30, 45, 63]))


def ledger(rng):
    """Spacing and half-life as parameters may have them."""
    spacing = moderate(rng, 2**40 // 6)
    return spacing, min(2**40, 6 * spacing + rng.getrandbits(rng.randint(1, 40)))


def one_case(rng):
    """A question and the answer."""
    kind = rng.choice(["bits", "encode", "work", "divide", "asert", "asert", "asert", "next", "next"])
    if kind == "bits":
        bits = rng.choice([rng.getrandbits(32), rng.randrange(0x25) << 24 | rng.getrandbits(rng.randint(1, 24))])
        fault, target = read_bits(bits)
        canonical = fault == OK and encode(target) == bits
        return f"bits {bits:08x}", f"{fault} {canonical:d} {target:064x}"
    if kind == "encode":
        target = large(rng)
        return f"encode {target:064x}", f"{encode(target):08x}"
    if kind == "work":
        target = large(rng)
        return f"work {target:064x}", f"{TOP // (target + 1):064x}"
    if kind == "divide":
        a, b = large(rng), large(rng)
        return f"divide {a:064x} {b:064x}", f"{a // b:064x}"
    limit = large(rng)
    anchor = min(limit, large(rng)) if rng.random() < 0.7 else large(rng)
    if kind == "asert":
        spacing, half_life = ledger(rng) if rng.random() < 0.7 else (rng.getrandbits(64), rng.getrandbits(64) or 1)
        height = time_or_height(rng) if rng.random() < 0.4 else rng.randrange(-3, 300)
        time = time_or_height(rng)
        if rng.random() < 0.6:  # near the schedule, where targets move little
            time = spacing * (height + 1) + int(rng.uniform(-20, 20) * half_life)
            time = max(-2**63, min(2**63 - 1, time))
        target = asert(limit, anchor, spacing, half_life, time, height)
        return f"asert {limit:064x} {anchor:064x} {spacing} {half_life} {time} {height}", f"{target:064x}"
    spacing, half_life = ledger(rng)
    solve_time = rng.choice([time_or_height(rng), rng.randint(-7 * spacing, 7 * spacing)])
    bits = following(limit, anchor, spacing, half_life, solve_time)
    return f"next {limit:064x} {anchor:064x} {spacing} {half_life} {solve_time}", f"{bits:08x}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("filter", nargs="?",
                        default=os.path.join(os.environ.get("BC_BUILD", "build"), "test/interop/difficulty_filter"))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("BC_TEST_SEED", "1")))
    parser.add_argument("--count", type=int, default=100 * int(os.environ.get("BC_TEST_SCALE", "100")))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    cases = [one_case(rng) for _ in range(options.count)]
    run = subprocess.run([options.filter], input="".join(question + "\n" for question, _ in cases), text=True,
                         stdout=subprocess.PIPE, check=False)
    answers = run.stdout.splitlines()
    differences = 0
    if run.returncode != 0 or len(answers) != len(cases):
        print(f"{options.filter}: status {run.returncode}, {len(answers)} answers to {len(cases)} questions")
        differences += 1
    for (question, expected), answer in zip(cases, answers):
        if answer != expected:
            differences += 1
            print(f"question: {question}\nPython:   {expected}\nlibbc:    {answer}")
    clamped = sum(question.startswith("asert") and expected in (question.split()[1], f"{1:064x}")
                  for question, expected in cases)
    print(f"seed {options.seed}: {len(cases)} cases, {clamped} targets at an end, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
