#!/usr/bin/python3
"""Makes test/vectors/ed25519_edge_cases.txt with --write, and else shows that it is what is made.

Written from RFC 8032, section 5.1, and the rule in src/block/signature.h, in plain integers: an
answer of its own, sharing no code with the library. One line a case:
    key ANSWER BYTES NAME
        ANSWER: 1 where the bytes are a good public key.
    signature ANSWER STRICT LAX KEY MESSAGE SIGNATURE NAME
        ANSWER: by the pinned rule. STRICT: by a libsodium that checks the equation without the cofactor
        (releases to 1.0.22). LAX: by one that checks it with the cofactor and takes an R that is not
        canonical (as sources of 2026 mean to). Both also take keys outside the subgroup of order L.
"""
import hashlib
import pathlib
import sys

PATH = pathlib.Path(__file__).with_name("ed25519_edge_cases.txt")
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1)
TOP = 1 << 255


def add(first, second):
    """Section 5.1.4's addition law, in affine coordinates."""
    (x1, y1), (x2, y2) = first, second
    product = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P)


def multiply(scalar, point):
    """Double and add with x = X/Z, y = Y/Z, so that there is one division at the end."""
    def plus(first, second):
        (x1, y1, z1), (x2, y2, z2) = first, second
        z, xx, yy = z1 * z2 % P, x1 * x2 % P, y1 * y2 % P
        product = D * xx * yy % P
        low, high = (z * z - product) % P, (z * z + product) % P
        return (z * low * (x1 * y2 + x2 * y1) % P, z * high * (yy + xx) % P, low * high % P)

    result, doubled = (0, 1, 1), (*point, 1)
    while scalar:
        if scalar & 1:
            result = plus(result, doubled)
        doubled = plus(doubled, doubled)
        scalar >>= 1
    inverse = pow(result[2], -1, P)
    return (result[0] * inverse % P, result[1] * inverse % P)


def negate(point):
    return (-point[0] % P, point[1])


def subtract(first, second):
    return add(first, negate(second))


def root(y):
    """An x for y, or None where the curve has no such point."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    return x if x * x % P == square else None


def number(encoded):
    return int.from_bytes(encoded, "little")


def encode(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(encoded):
    """The point, as libsodium reads it: y is taken mod p, and a sign without an x is passed over."""
    y, sign = number(encoded) % TOP % P, number(encoded) >> 255
    x = root(y)
    if x is None:
        return None
    return (x if x & 1 == sign else -x % P, y)


def is_canonical(encoded):
    """Whether some point has just this encoding."""
    point = decode(encoded)
    return point is not None and encode(point) == encoded


def is_small(point):
    return multiply(8, point) == NEUTRAL


def good_key(key):
    return is_canonical(key) and decode(key) != NEUTRAL and multiply(L, decode(key)) == NEUTRAL


def hashed(*parts):
    return number(hashlib.sha512(b"".join(parts)).digest())


def rest(key, message, signature):
    """S·B - h·A - R."""
    h = hashed(signature[:32], key, message) % L
    point = subtract(multiply(number(signature[32:]), BASE), multiply(h, decode(key)))
    return subtract(point, decode(signature[:32]))


def pinned(key, message, signature):
    r = signature[:32]
    return (number(signature[32:]) < L and good_key(key) and is_canonical(r)
            and not is_small(decode(r)) and is_small(rest(key, message, signature)))


def libsodium(key, message, signature, strict):
    r = signature[:32]
    if number(signature[32:]) >= L or not is_canonical_y(key) or decode(key) is None:
        return False
    if decode(r) is None or is_small(decode(key)) or is_small(decode(r)):
        return False
    if strict:
        return is_canonical(r) and rest(key, message, signature) == NEUTRAL
    return is_small(rest(key, message, signature))


def is_canonical_y(encoded):
    return number(encoded) % TOP < P


def base_point():
    y = 4 * pow(5, -1, P) % P
    x = root(y)
    return (x if x & 1 == 0 else -x % P, y)


def order_8():
    """A point of order 8: L times some point of the curve."""
    y = 2
    while root(y) is None or multiply(4, multiply(L, (root(y), y))) == NEUTRAL:
        y += 1
    return multiply(L, (root(y), y))


BASE = base_point()
TORSION = [multiply(k, order_8()) for k in range(8)]


def scalar(name):
    return hashed(b"scalar ", name.encode()) % L


def message_of(name):
    return hashlib.sha256(name.encode()).digest()


def sign(name, secret, key, r):
    """A signature whose R is the bytes r, made with r's scalar as if r were clean."""
    message = message_of(name)
    s = (scalar(name) + hashed(r, key, message) * secret) % L
    return message, r + s.to_bytes(32, "little")


def encodings(point):
    """All 32 bytes that libsodium reads as the point: one that is canonical, then the others."""
    first = encode(point)
    numbers = [number(first)]
    if point[0] == 0:
        numbers.append(number(first) ^ TOP)
    numbers += [n + P for n in numbers if n % TOP + P < TOP]
    return [n.to_bytes(32, "little") for n in numbers]


class Cases:
    def __init__(self):
        self.lines = []

    def key(self, name, key):
        self.lines.append(f"key {good_key(key):d} {key.hex()} {name}")

    def signature(self, name, key, message, signature):
        answers = (pinned(key, message, signature), libsodium(key, message, signature, True),
                   libsodium(key, message, signature, False))
        self.lines.append(f"signature {' '.join(str(int(a)) for a in answers)} {key.hex()} "
                          f"{message.hex()} {signature.hex()} {name}")


def mixed_orders(cases, who, secret):
    """R and then A with each of the eight components of small order."""
    clean = multiply(secret, BASE)
    for k, torsion in enumerate(TORSION):
        name = f"{who}-R-plus-{k}T"
        r = encode(add(multiply(scalar(name), BASE), torsion))
        cases.signature(name, encode(clean), *sign(name, secret, encode(clean), r))
        name = f"{who}-A-plus-{k}T"
        key = encode(add(clean, torsion))
        r = encode(multiply(scalar(name), BASE))
        cases.key(name, key)
        cases.signature(name, key, *sign(name, secret, key, r))


def small_orders(cases, secret):
    key = encode(multiply(secret, BASE))
    for k, torsion in enumerate(TORSION):
        for number_of, encoding in enumerate(encodings(torsion)):
            name = f"A-is-{k}T-encoding-{number_of}"
            r = encode(multiply(scalar(name), BASE))
            cases.key(name, encoding)
            cases.signature(name, encoding, *sign(name, 0, encoding, r))
            name = f"R-is-{k}T-encoding-{number_of}"
            message = message_of(name)
            s = hashed(encoding, key, message) * secret % L
            cases.signature(name, key, message, encoding + s.to_bytes(32, "little"))


def scalars(cases, secret):
    key = encode(multiply(secret, BASE))
    name = "S-is-too-large"
    message, good = sign(name, secret, key, encode(multiply(scalar(name), BASE)))
    s = number(good[32:])
    for times in range(16):
        if s + times * L < 2**256:
            cases.signature(f"S-plus-{times}L", key, message,
                            good[:32] + (s + times * L).to_bytes(32, "little"))
    for text, value in (("0", 0), ("1", 1), ("L-1", L - 1), ("L", L), ("L+1", L + 1), ("all-ones", 2**256 - 1)):
        cases.signature(f"S-is-{text}", key, message, good[:32] + value.to_bytes(32, "little"))


def forms(cases, secret):
    """Every y that has a second form, in both; and bytes that are no point."""
    key = encode(multiply(secret, BASE))
    for y in range(2, 19):
        for shift in (0, P):
            for sign_bit in (0, TOP):
                encoding = (y + shift + sign_bit).to_bytes(32, "little")
                name = f"y-{y}{'+p' if shift else ''}{'-signed' if sign_bit else ''}"
                cases.key(name, encoding)
                if sign_bit == 0:
                    message, good = sign(name, secret, key, encoding)
                    if decode(encoding) is not None or shift == 0:
                        cases.signature(f"R-is-{name}", key, message, good)


def make():
    cases = Cases()
    for who in ("first", "second", "third"):
        mixed_orders(cases, who, scalar(who))
    small_orders(cases, scalar("first"))
    scalars(cases, scalar("second"))
    forms(cases, scalar("third"))
    return "# Made by run_ed25519_edge_cases.py, which says what the columns are.\n" + \
        "".join(line + "\n" for line in cases.lines)


def main():
    made = make()
    if sys.argv[1:] == ["--write"]:
        PATH.write_text(made, encoding="ascii")
    elif PATH.read_text(encoding="ascii") != made:
        sys.exit(f"{PATH}: not what this script makes; run it with --write")
    return 0


if __name__ == "__main__":
    sys.exit(main())
