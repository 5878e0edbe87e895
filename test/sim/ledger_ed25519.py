"""Ed25519 with the ledger's pinned rule, and signing.

libsodium answers what is honest, quickly: where it accepts a signature under a good key, the rule
does too (it checks S, that R is canonical and not of small order, and the stricter equation). What
it refuses, and whether a key is good, is decided in plain integers.
"""
import ctypes
import ctypes.util
import functools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "vectors"))
# pylint: disable=wrong-import-position
import run_ed25519_edge_cases as plain

L = plain.L


def _load():
    library = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
    if library.sodium_init() < 0:
        raise OSError("libsodium does not start")
    return library


SODIUM = _load()


class Key:
    """A key pair. `public` is 32 bytes, `scalar` the secret number behind it."""

    def __init__(self, seed):
        public, secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_seed_keypair(public, secret, seed)
        self.public = public.raw
        self._secret = secret.raw
        digest = bytearray(plain.hashlib.sha512(seed).digest()[:32])
        digest[0] &= 248
        digest[31] = digest[31] & 127 | 64
        self.scalar = plain.number(digest)

    def sign(self, message):
        signature = ctypes.create_string_buffer(64)
        SODIUM.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)),
                                    self._secret)
        return signature.raw


@functools.lru_cache(maxsize=None)
def good_key(public):
    """Canonical, of order L."""
    return plain.good_key(public)


def verify(public, message, signature):
    """The pinned rule."""
    if not good_key(public):
        return False
    if SODIUM.crypto_sign_verify_detached(signature, message, ctypes.c_ulonglong(len(message)),
                                          public) == 0:
        return True
    return _verify_plainly(public, message, signature)


@functools.lru_cache(maxsize=1 << 16)
def _verify_plainly(public, message, signature):
    """plain.pinned() without its check of the key, which was made."""
    r = signature[:32]
    return (plain.number(signature[32:]) < L and plain.is_canonical(r)
            and not plain.is_small(plain.decode(r))
            and plain.is_small(plain.rest(public, message, signature)))


# ---- Signatures and keys that only tests make

@functools.lru_cache(maxsize=None)
def commitment(number, torsion):
    """The bytes of R = rB + kT, T of order 8, for the r of that number."""
    r = plain.multiply(plain.scalar(f"commitment {number}"), plain.BASE)
    return plain.encode(plain.add(r, plain.TORSION[torsion]))


def sign_with_torsion(key, message, number, torsion):
    """A signature with R = rB + kT: the rule takes it, the equation without cofactor does not."""
    r = commitment(number, torsion)
    s = (plain.scalar(f"commitment {number}") + plain.hashed(r, key.public, message) * key.scalar) % L
    return r + s.to_bytes(32, "little")


def sign_with_encoding(key, message, r, number=None):
    """A signature whose R is these bytes, made as if they were the commitment of that number, or 0."""
    secret = 0 if number is None else plain.scalar(f"commitment {number}")
    s = (secret + plain.hashed(r, key.public, message) * key.scalar) % L
    return r + s.to_bytes(32, "little")


@functools.lru_cache(maxsize=None)
def small_order_encodings():
    """Every 32 bytes that some reader takes for a point of small order, canonical or not."""
    return [data for point in plain.TORSION for data in plain.encodings(point)]


@functools.lru_cache(maxsize=None)
def bad_keys(public):
    """Keys that the rule refuses, some of which look as if the secret of `public` were behind them."""
    point = plain.decode(public)
    mixed = [plain.encode(plain.add(point, plain.TORSION[k])) for k in (1, 2, 4)]
    off_curve = next(data for y in range(2, 99)
                     if plain.decode(data := y.to_bytes(32, "little")) is None)
    return [*small_order_encodings(), *mixed, off_curve, bytes([3]) + bytes(30) + b"\x80",
            (plain.P + 3).to_bytes(32, "little"), b"\xff" * 32]
