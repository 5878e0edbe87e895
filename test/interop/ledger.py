"""What the tests of programs in a ledger share: keys, networks, encodings written down from the rules."""
import contextlib
import json
import struct

from nodes import BCCTL, Nodes, check, run

PASSPHRASE = "correct horse battery staple"
NOBODY = "0" * 64
SOMEBODY = "5" * 64


def bcctl(*arguments, text=None, environment=None):
    return run([BCCTL, *arguments], text=text, environment=environment)


def good(*arguments, text=None):
    """The standard output of a bcctl that ends well and complains of nothing."""
    status, out, err = bcctl(*arguments, text=text)
    check(status == 0 and not err, f"{arguments}: {status} {out}{err}")
    return out


class Key:
    """A key in a file of a test's folder."""

    def __init__(self, folder, name):
        self.file = folder / f"{name}.key"
        self.passphrase_file = folder / "passphrase"
        self.passphrase_file.write_text(PASSPHRASE + "\n")
        self.options = ["--key", self.file, "--passphrase-file", self.passphrase_file]
        self.address = good("keygen", "--passphrase-file", self.passphrase_file, self.file).strip()

    def sign(self, network, nonce, to=SOMEBODY, amount=1, fee=0, more=()):
        target = [] if to is None else ["--to", to]
        return good("sign", "--network", network, *self.options, *target, "--amount", amount, "--fee",
                    fee, "--nonce", nonce, *more).strip()


@contextlib.contextmanager
def nodes_and_keys(*names):
    with Nodes() as nodes:
        yield (nodes, *(Key(nodes.folder, name) for name in names))


def network_file(folder, name, **members):
    """A ledger sealed by trivial work, but for what `members` say."""
    description = {"rules": "ledger", "version": 1, "name": name, "time": 1700000000000,
                   "initial": 1000, "halving": 1000, "allocations": []}
    if "authorities" in members:
        description.update(sealing="authority", period=0, initial=0)
    else:
        description.update(sealing="work", difficulty="fixed", bits=0x207fffff, limit=0x207fffff)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({**description, **members}))
    return path


def encode_tx(view):
    payload = bytes.fromhex(view["payload"])
    return (struct.pack("<BBHIQQQ", 1, ("reward", "signed").index(view["kind"]), 0, len(payload),
                        int(view["nonce"]), int(view["amount"]), int(view["fee"]))
            + bytes.fromhex(view["sender"]) + bytes.fromhex(view["recipient"]) + payload
            + bytes.fromhex(view["signature"]))


def encode_block(view):
    seal = bytes.fromhex(view["seal"])
    header = struct.pack("<IIQQ", 1, view["bits"], int(view["height"]), int(view["time"]))
    header += bytes.fromhex(view["previous"]) + bytes.fromhex(view["content"])
    header += struct.pack("<Q", int(view["nonce"]))
    return (header + bytes([len(seal)]) + seal + struct.pack("<I", len(view["transactions"]))
            + b"".join(encode_tx(tx) for tx in view["transactions"]))
