#!/usr/bin/python3
"""The Python side of the benchmarks: what the article's program does, a worker like those in C.

usage: peer.py FILE

Reads lines "COMMAND NUMBER" and answers each with a number:
    verify BLOCKS     json.loads of the file's text, then the article's valid_chain over it; seconds
    canonical 0       json.loads, then json.dumps with sorted keys; seconds
    search PROOFS     the article's loop for so many proofs from 100 on; seconds an attempt
The article prints every block that valid_chain looks at; that is left out here, for a terminal would
be measured. The file is in memory, as text, before the clock starts.
"""
import hashlib
import json
import sys
from time import perf_counter


class Blockchain:
    """As the article has it."""

    @staticmethod
    def hash(block):
        return hashlib.sha256(json.dumps(block, sort_keys=True).encode()).hexdigest()

    @staticmethod
    def valid_proof(last_proof, proof):
        guess = f"{last_proof}{proof}".encode()
        guess_hash = hashlib.sha256(guess).hexdigest()
        return guess_hash[:4] == "0000"

    def proof_of_work(self, last_proof):
        proof = 0
        while self.valid_proof(last_proof, proof) is False:
            proof += 1
        return proof

    def valid_chain(self, chain):
        last_block = chain[0]
        current_index = 1
        while current_index < len(chain):
            block = chain[current_index]
            if block["previous_hash"] != self.hash(last_block):
                return False
            if not self.valid_proof(last_block["proof"], block["proof"]):
                return False
            last_block = block
            current_index += 1
        return True


def verify(text, blocks):
    start = perf_counter()
    chain = json.loads(text)["chain"]
    valid = Blockchain().valid_chain(chain)
    seconds = perf_counter() - start
    if not valid or len(chain) != blocks:
        raise SystemExit("the chain is not valid, or not of that length")
    return seconds


def canonical(text, _):
    start = perf_counter()
    json.dumps(json.loads(text), sort_keys=True)
    return perf_counter() - start


def search(_, proofs):
    blockchain = Blockchain()
    proof = 100
    attempts = 0
    start = perf_counter()
    for _ in range(proofs):
        proof = blockchain.proof_of_work(proof)
        attempts += proof + 1
    return (perf_counter() - start) / attempts


def main():
    commands = {"verify": verify, "canonical": canonical, "search": search}
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    for line in sys.stdin:
        command, number = line.split()
        print(commands[command](text, int(number)), flush=True)


if __name__ == "__main__":
    main()
