#!/usr/bin/python3
"""The example of docs/ledger-rules.md, made from the rules alone and sharing no code with the library.

Makes test/vectors/ledger_example.txt (lines for `bcctl replay`) and ledger_example.proof with --write,
prints what the page shows with --show, and else demands that files and page are what is made. That the
library agrees is shown by the page's own commands, which tools/check-docs.py runs.
"""
import pathlib
import sys

import ledger_codec as codec
import ledger_ed25519 as ed25519
from ledger_model import Chain
from ledger_network import Network

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/ledger-rules.md"
LINES = ROOT / "test/vectors/ledger_example.txt"
PROOF = ROOT / "test/vectors/ledger_example.proof"

# The preset "ledger-dev".
NETWORK = Network(b"""{"rules":"ledger","version":1,"name":"ledger-dev","time":1767225600000,
    "sealing":"work","difficulty":"fixed","bits":545259519,"limit":545259519,"initial":1000000,
    "halving":1000,"allocations":[]}""")
ANN, BOB = (ed25519.Key(codec.sha256(b"libbc example key %d" % number)) for number in (1, 2))
MINUTE = 60000


def transfer():
    unsigned = codec.Transaction(codec.SIGNED, 0, 250000, 10, ANN.public, BOB.public, b"hello", b"")
    return unsigned._replace(signature=ANN.sign(codec.signed_hash(NETWORK.id, unsigned)))


def reward(height, amount, recipient):
    return codec.Transaction(codec.REWARD, height, amount, 0, codec.ZERO, recipient, b"", bytes(64))


def block_on(parents, transactions):
    """With the least nonce that holds, a minute after its parent."""
    leaves = [codec.leaf_hash(codec.encode_header(parent.header)) for parent in parents]
    last = parents[-1].header
    header = codec.Header(1, last.bits, last.height + 1, last.time + MINUTE, codec.header_id(last),
                          codec.content_of(transactions, leaves), 0)
    target = codec.target_of(header.bits)
    while int.from_bytes(codec.header_id(header), "big") > target:
        header = header._replace(nonce=header.nonce + 1)
    return codec.Block(header, b"", transactions)


def make_chain():
    blocks = [NETWORK.genesis]
    for transactions in ([reward(1, 1000000, ANN.public)],
                         [reward(2, 1000010, BOB.public), transfer()],
                         [reward(3, 1000000, ANN.public)]):
        blocks.append(block_on(blocks, transactions))
    return blocks


CHAIN = make_chain()
LEAVES = [codec.leaf_hash(codec.encode_header(block.header)) for block in CHAIN]


def number(value, size):
    return value.to_bytes(size, "little")


def transaction_fields(t):
    return [("version, kind", bytes([1, t.kind])), ("reserved", bytes(2)),
            ("payload length", number(len(t.payload), 4)), ("nonce", number(t.nonce, 8)),
            ("amount", number(t.amount, 8)), ("fee", number(t.fee, 8)), ("sender", t.sender),
            ("recipient", t.recipient), ("payload", t.payload), ("signature", t.signature)]


def header_fields(h):
    return [("version", number(1, 4)), ("bits", number(h.bits, 4)), ("height", number(h.height, 8)),
            ("time", number(h.time, 8)), ("previous", h.previous), ("content", h.content),
            ("nonce", number(h.nonce, 8))]


def inclusion(index, leaves):
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if index < split:
        return inclusion(index, leaves[:split]) + [codec.tree_hash(leaves[split:])]
    return inclusion(index - split, leaves[split:]) + [codec.tree_hash(leaves[:split])]


def path(nodes):
    return bytes([len(nodes)]) + b"".join(nodes)


def ids(block):
    return [codec.leaf_hash(codec.encode_transaction(t)) for t in block.transactions]


def proof_fields(older, later, index):
    return [("version, type", b"\1\4"),
            ("older header", codec.encode_header(older.header)), ("its seal length", b"\0"),
            ("index", number(index, 4)), ("count", number(len(older.transactions), 4)),
            ("history root", codec.tree_hash(LEAVES[:older.header.height])),
            ("path", path(inclusion(index, ids(older)))),
            ("transaction", codec.encode_transaction(older.transactions[index])),
            ("later header", codec.encode_header(later.header)), ("its seal length", b"\0"),
            ("its count", number(len(later.transactions), 4)),
            ("transactions root", codec.tree_hash(ids(later))),
            ("path", path(inclusion(older.header.height, LEAVES[:later.header.height])))]


def join(fields):
    return b"".join(data for _, data in fields)


def rows(fields):
    """A field a line; what is long goes on below."""
    out = []
    for name, data in fields:
        digits = data.hex()
        for at in range(0, len(digits), 96):
            out.append(f"{name if at == 0 else '':18}{digits[at:at + 96]}".rstrip())
    return "\n".join(out)


def replay_lines():
    """NOW_MS BLOCK_HEX: too early, an orphan, then all three, the last one twice."""
    times = [block.header.time for block in CHAIN]
    early = times[1] - NETWORK.members["future_limit"] - 1
    return [(early, CHAIN[1]), (times[2], CHAIN[2]), (times[1], CHAIN[1]), (times[2], CHAIN[2]),
            (times[3], CHAIN[3]), (times[3], CHAIN[3])]


def model_answers():
    chain = Chain(NETWORK)
    answers = [chain.submit(now, codec.encode_block(block))[:2] for now, block in replay_lines()]
    return answers, chain


def shown():
    """What the page holds, word for word."""
    sent, block, older, later = transfer(), CHAIN[2], CHAIN[2], CHAIN[3]
    proof = proof_fields(older, later, 1)
    assert join(transaction_fields(sent)) == codec.encode_transaction(sent)
    assert join(header_fields(block.header)) == codec.encode_header(block.header)
    return [rows([("genesis", NETWORK.id), ("Ann", ANN.public), ("Bob", BOB.public)]),
            rows([("signed bytes", codec.signed_hash(NETWORK.id, sent)), ("id", ids(block)[1])]),
            rows(transaction_fields(sent)),
            rows([("id of the reward", ids(block)[0]), ("transactions root", codec.tree_hash(ids(block))),
                  ("history root", codec.tree_hash(LEAVES[:2]))]),
            rows(header_fields(block.header) + [("seal length", b"\0"), ("count", number(2, 4))]),
            rows([("id", codec.header_id(block.header))]),
            rows(proof)]


def make_files():
    lines = "".join(f"{now} {codec.encode_block(block).hex()}\n" for now, block in replay_lines())
    digits = join(proof_fields(CHAIN[2], CHAIN[3], 1)).hex()
    return {LINES: lines,
            PROOF: "".join(digits[at:at + 96] + "\n" for at in range(0, len(digits), 96))}


def check_model():
    answers, chain = model_answers()
    assert answers == [("not-yet", "clock"), ("orphan", "orphan"), ("accepted", "-"), ("accepted", "-"),
                       ("accepted", "-"), ("known", "known")], answers
    assert chain.tip.state.accounts == {ANN.public: (1749990, 1), BOB.public: (1250010, 0)}


def main():
    check_model()
    if sys.argv[1:] == ["--show"]:
        print("\n\n".join(shown()))
    elif sys.argv[1:] == ["--write"]:
        for file, text in make_files().items():
            file.write_text(text, encoding="ascii")
    else:
        for file, text in make_files().items():
            if file.read_text(encoding="ascii") != text:
                sys.exit(f"{file}: not what this script makes; run it with --write")
        page = PAGE.read_text(encoding="utf-8")
        for text in shown():
            if f"\n{text}\n" not in page:
                sys.exit(f"{PAGE}: lacks this, which --show prints:\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
