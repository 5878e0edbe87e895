#!/usr/bin/python3
"""Compares hashes of blocks and verdicts on chains with the article's own code, on generated texts.

Blocks and chains in both dialects, written by Python's json in many ways: unknown and missing members, unicode, odd
proofs, indexes and timestamps, chains that break somewhere. $BC_TEST_SEED and $BC_TEST_SCALE (percent of 1,000 texts)
choose them. Two differences are meant (docs/tutorial-rules.md) and are part of what is expected here: a block must be
an object whose proof is no list, object or text that UTF-8 cannot carry, even where the article would never look at it;
and nesting is bounded.
"""

import hashlib
import json
import os
import random
import subprocess
import sys

FILTER = os.path.join(os.environ.get("BC_BUILD", "build"), "test/interop/block_filter")
SEED = int(os.environ.get("BC_TEST_SEED", "1"))
COUNT = max(1, 10 * int(os.environ.get("BC_TEST_SCALE", "100")))
DEPTH = 64
CHARACTERS = "az09 \"\\/\n\x00\x7f\u00e9\u0800\u2028\ud7ff\ue000\uffff\U0001f600\U0010ffff"
MEMBERS = ["index", "timestamp", "transactions", "proof", "previous_hash"]


class Article:
    """hash, valid_proof and valid_chain as the article (dialect 1) and its repository (2) have them."""

    def __init__(self, dialect, zeros):
        self.dialect = dialect
        self.zeros = zeros

    @staticmethod
    def hash(block):
        return hashlib.sha256(json.dumps(block, sort_keys=True).encode()).hexdigest()

    def valid_proof(self, last_proof, proof, last_hash):
        guess = f"{last_proof}{proof}" if self.dialect == 1 else f"{last_proof}{proof}{last_hash}"
        return hashlib.sha256(guess.encode()).hexdigest()[: self.zeros] == "0" * self.zeros

    def valid_chain(self, chain):
        last_block = chain[0]
        current_index = 1
        while current_index < len(chain):
            block = chain[current_index]
            last_hash = self.hash(last_block)
            if block["previous_hash"] != last_hash:
                return False
            if not self.valid_proof(last_block["proof"], block["proof"], last_hash):
                return False
            last_block = block
            current_index += 1
        return True


# ---- what is expected of libbc ----


def is_block(value):
    if not isinstance(value, dict) or isinstance(value.get("proof", []), (list, dict)):
        return False
    try:
        str(value["proof"]).encode()
    except UnicodeEncodeError:
        return False
    return True


def nesting(value):
    if isinstance(value, (list, dict)):
        return 1 + max(map(nesting, value.values() if isinstance(value, dict) else value), default=0)
    return 0


def expected_hash(text):
    try:
        block = json.loads(text)
    except ValueError:
        return None
    return "= " + Article.hash(block) if is_block(block) and nesting(block) <= DEPTH else None


def expected_verdict(article, text):
    """The line that the filter should give; None where it should refuse the text."""
    try:
        chain = json.loads(text)
    except ValueError:
        return None
    chain = chain.get("chain") if isinstance(chain, dict) else chain
    if not isinstance(chain, list):
        return None
    records = 0
    for position, block in enumerate(chain):
        if nesting(block) > DEPTH:
            return None
        if not is_block(block):
            return f"invalid {position} framing"
        if position > 0:
            last = chain[position - 1]
            if block.get("previous_hash") != article.hash(last):
                return f"invalid {position} previous"
            if not article.valid_proof(last["proof"], block["proof"], article.hash(last)):
                return f"invalid {position} proof"
        transactions = block.get("transactions")
        records += len(transactions) if isinstance(transactions, list) else 0
    if not chain:
        return "invalid 0 framing"
    return f"valid {len(chain)} {records} {article.hash(chain[-1])}"


def articles_verdict(article, text):
    """Whether the article's own function finds the chain valid."""
    try:
        chain = json.loads(text)
        return article.valid_chain(chain["chain"] if isinstance(chain, dict) else chain)
    except Exception:  # the article's node answers such a chain with an error
        return False


# ---- texts ----


def a_string(rng):
    return "".join(rng.choice(CHARACTERS) for _ in range(rng.choice([0, 1, 3, 12])))


def a_scalar(rng):
    kind = rng.randrange(9)
    if kind == 0:
        return rng.randrange(-10, 200)
    if kind == 1:
        return rng.choice([1, -1]) * rng.getrandbits(rng.choice([1, 31, 53, 63, 64, 65, 300]))
    if kind == 2:
        return rng.choice([0.0, -0.0, 1.5, 1e16, 1e-5, 1e22, 5e-324, 1.7976931348623157e308, 0.1, 123456789.123])
    if kind == 3:
        return rng.random() * 10 ** rng.randrange(-30, 30)
    if kind == 4:
        return rng.choice([float("nan"), float("inf"), float("-inf")])
    if kind == 5:
        return rng.choice([True, False, None])
    if kind == 6 and rng.random() < 0.1:
        return rng.choice(["\ud800", "a\udc00", "\udc00\ud800"])
    return a_string(rng)


def a_value(rng, depth):
    kind = rng.randrange(6)
    if depth == 0 or kind < 4:
        return a_scalar(rng)
    if kind == 4:
        return [a_value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {a_string(rng): a_value(rng, depth - 1) for _ in range(rng.randrange(4))}


def a_record(rng):
    if rng.random() < 0.6:
        return {"sender": rng.choice(["0", a_string(rng)]), "recipient": a_string(rng), "amount": a_scalar(rng)}
    return a_value(rng, 2)


def a_block(rng, previous_hash, proof):
    block = {"index": rng.randrange(1, 9), "timestamp": rng.random() * 2e9,
             "transactions": [a_record(rng) for _ in range(rng.choice([0, 1, 2, 5]))],
             "proof": proof, "previous_hash": previous_hash}
    if rng.random() < 0.2:
        block[rng.choice(["index", "timestamp", "transactions"])] = a_value(rng, 2)
    if rng.random() < 0.2:
        del block[rng.choice(["index", "timestamp", "transactions"])]
    if rng.random() < 0.2:
        block[a_string(rng)] = a_value(rng, 2)
    members = list(block.items())
    rng.shuffle(members)
    return dict(members)


def a_proof(rng, article, last):
    """A proof of some kind that holds behind `last`."""
    kinds = [lambda i: i, lambda i: -i, lambda i: i + 0.5, lambda i: str(i), lambda i: i * 1e15,
             lambda i: "\u00e9\U0001f600" + str(i), lambda i: i * 10**25]
    kind = rng.choice([kinds[0], kinds[0], rng.choice(kinds)])
    if article.zeros == 0 and rng.random() < 0.3:
        kind = lambda i: rng.choice([True, False, None, "", float("nan"), float("-inf"), -0.0])
    number = 0
    while not article.valid_proof(last["proof"], kind(number), article.hash(last)):
        number += 1
    return kind(number)


def a_chain(rng, article):
    proof = rng.choice([100, 100, a_scalar(rng)])
    while not is_block({"proof": proof}):
        proof = a_scalar(rng)
    chain = [a_block(rng, rng.choice([1, "1", a_value(rng, 1), "ab" * 32]), proof)]
    if rng.random() < 0.1:
        chain[0].pop("previous_hash", None)
    for _ in range(rng.randrange(6)):
        chain.append(a_block(rng, article.hash(chain[-1]), a_proof(rng, article, chain[-1])))
    return chain


def break_chain(rng, article, chain):
    at = rng.randrange(len(chain))
    block = chain[at]
    kind = rng.randrange(9)
    if kind == 0:
        block["previous_hash"] = rng.choice([str(block.get("previous_hash")).upper(), a_scalar(rng), "00" * 32])
    elif kind == 1:
        block["proof"] = rng.choice([a_scalar(rng), 1, True, None, str(block["proof"])])
    elif kind == 2:
        block["proof"] = rng.choice([[], [block["proof"]], {}, {"proof": 1}, "\ud800"])
    elif kind == 3:
        block.pop(rng.choice(MEMBERS), None)
    elif kind == 4:
        chain[at] = a_value(rng, 1)
    elif kind == 5:
        block["timestamp"] = a_scalar(rng)
    elif kind == 6:
        chain.insert(rng.randrange(len(chain)), block)
    elif kind == 7:
        del chain[at]
    else:
        deep = 1
        for _ in range(rng.choice([62, 63, 64, 70])):
            deep = [deep]
        chain[-1]["deep"] = deep


def write(rng, value):
    """JSON in one of the spellings that Python reads back as the same value."""
    ascii_only = rng.random() < 0.5
    options = {"indent": rng.choice([None, None, 1, "\t"]),
               "separators": rng.choice([None, (",", ":"), (" , ", " :\r\n")])}
    try:
        text = json.dumps(value, ensure_ascii=ascii_only, **options).encode()
    except UnicodeEncodeError:
        text = json.dumps(value, **options).encode()
    if rng.random() < 0.1:  # members that a later one of the same name replaces
        text = text.replace(b"{", b'{"proof":[1,{}],"previous_hash":0,', 1)
    if rng.random() < 0.05:
        text = text[: rng.randrange(len(text) + 1)]
    return text


def make_questions(rng):
    """(dialect, zeros, "hash" or "verify", text) for each text."""
    for number in range(COUNT):
        article = Article(rng.choice([1, 2]), rng.choice([0, 0, 1, 1, 2]))
        chain = a_chain(rng, article)
        if rng.random() < 0.4:
            break_chain(rng, article, chain)
        if number % 3 == 0:
            yield article, "hash", write(rng, rng.choice(chain) if chain else {})
        elif rng.random() < 0.5:
            yield article, "verify", write(rng, chain)
        else:
            wrapped = {"chain": chain, "length": rng.choice([len(chain), 0, 99, -1, "x", a_value(rng, 1)])}
            wrapped = dict(rng.sample(list(wrapped.items()), 2))
            yield article, "verify", write(rng, rng.choice([wrapped, wrapped, wrapped, {"length": 1}]))
    for digits in (4300, 4301):
        yield Article(1, 0), "hash", b'{"proof":1,"x":-' + b"9" * digits + b"}"
        yield Article(1, 0), "verify", b'[{"proof":' + b"9" * digits + b"}]"


def main():
    rng = random.Random(SEED)
    questions = list(make_questions(rng))
    lines = "".join(f"{article.dialect} {article.zeros} {what} {text.hex()}\n" for article, what, text in questions)
    run = subprocess.run([FILTER], input=lines.encode(), stdout=subprocess.PIPE, check=False)
    answers = run.stdout.decode().split("\n")[:-1]
    differences = 0
    if run.returncode != 0 or len(answers) != len(questions):
        print(f"{FILTER}: status {run.returncode}, {len(answers)} answers to {len(questions)} questions")
        differences += 1
    kinds = {}
    for (article, what, text), answer in zip(questions, answers):
        expected = expected_hash(text) if what == "hash" else expected_verdict(article, text)
        if expected is None:  # a block that fails before the place where the text breaks is named first
            agrees = answer.startswith(("! ", "invalid ") if what == "verify" else "! ")
        else:
            agrees = answer == expected
        if what == "verify" and expected is not None and expected.startswith("valid"):
            agrees = agrees and articles_verdict(article, text)
        elif what == "verify" and articles_verdict(article, text):
            # only what is meant to differ may be refused where the article takes it
            chain = json.loads(text)
            chain = chain["chain"] if isinstance(chain, dict) else chain
            agrees = agrees and not all(is_block(block) and nesting(block) <= DEPTH for block in chain)
        kind = "refused" if expected is None else " ".join(expected.split()[0:1] + expected.split()[2:][:1]) \
            if expected.startswith("invalid") else expected.split()[0]
        kinds[kind] = kinds.get(kind, 0) + 1
        if not agrees:
            differences += 1
            print(f"dialect {article.dialect}, {article.zeros} zeros, {what}: {text!r}\n"
                  f"expected: {expected}\nlibbc:    {answer}")
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"seed {SEED}: {len(questions)} texts ({found}), {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
