#!/usr/bin/python3
"""The article's node, written from the article, for libbc nodes to talk to.

It is meant to behave as the article's program does, with its weaknesses: blocks are dicts, the hash
is that of json.dumps with sorted keys, `length` of a peer is believed, a dead peer breaks resolving,
and what a replaced chain held is lost. What is different: the port may be 0 (any free one), one line
says where it listens, and it listens on this machine alone.
"""
import argparse
import hashlib
import json
from time import time
from urllib.parse import urlparse
from uuid import uuid4

import requests
from flask import Flask, jsonify, request
from werkzeug.serving import make_server


class Blockchain:
    """`dialect` 1 is the article's; 2 is the later form, in which the hash of the last block is part of
    the proof and the genesis block names the string "1"."""

    def __init__(self, dialect=1, zeros=4):
        self.dialect = dialect
        self.zeros = zeros
        self.current_transactions = []
        self.chain = []
        self.nodes = set()
        self.new_block(previous_hash=1 if dialect == 1 else "1", proof=100)

    def new_block(self, proof, previous_hash=None):
        block = {
            "index": len(self.chain) + 1,
            "timestamp": time(),
            "transactions": self.current_transactions,
            "proof": proof,
            "previous_hash": previous_hash or self.hash(self.chain[-1]),
        }
        self.current_transactions = []
        self.chain.append(block)
        return block

    def new_transaction(self, sender, recipient, amount):
        self.current_transactions.append({
            "sender": sender,
            "recipient": recipient,
            "amount": amount,
        })
        return self.last_block["index"] + 1

    @property
    def last_block(self):
        return self.chain[-1]

    @staticmethod
    def hash(block):
        return hashlib.sha256(json.dumps(block, sort_keys=True).encode()).hexdigest()

    def proof_of_work(self, last_block):
        proof = 0
        while self.valid_proof(last_block, proof) is False:
            proof += 1
        return proof

    def valid_proof(self, last_block, proof):
        guess = f"{last_block['proof']}{proof}"
        if self.dialect == 2:
            guess += self.hash(last_block)
        return hashlib.sha256(guess.encode()).hexdigest()[:self.zeros] == "0" * self.zeros

    def valid_chain(self, chain):
        last_block = chain[0]
        current_index = 1
        while current_index < len(chain):
            block = chain[current_index]
            if block["previous_hash"] != self.hash(last_block):
                return False
            if not self.valid_proof(last_block, block["proof"]):
                return False
            last_block = block
            current_index += 1
        return True

    def register_node(self, address):
        parsed_url = urlparse(address)
        self.nodes.add(parsed_url.netloc)

    def resolve_conflicts(self):
        new_chain = None
        max_length = len(self.chain)
        for node in self.nodes:
            response = requests.get(f"http://{node}/chain")
            if response.status_code == 200:
                length = response.json()["length"]
                chain = response.json()["chain"]
                if length > max_length and self.valid_chain(chain):
                    max_length = length
                    new_chain = chain
        if new_chain:
            self.chain = new_chain
            return True
        return False


def make_app(blockchain):
    app = Flask(__name__)
    node_identifier = str(uuid4()).replace("-", "")

    @app.route("/mine", methods=["GET"])
    def mine():
        proof = blockchain.proof_of_work(blockchain.last_block)
        blockchain.new_transaction(sender="0", recipient=node_identifier, amount=1)
        block = blockchain.new_block(proof)
        response = {
            "message": "New Block Forged",
            "index": block["index"],
            "transactions": block["transactions"],
            "proof": block["proof"],
            "previous_hash": block["previous_hash"],
        }
        return jsonify(response), 200

    @app.route("/transactions/new", methods=["POST"])
    def new_transaction():
        values = request.get_json()
        required = ["sender", "recipient", "amount"]
        if not all(k in values for k in required):
            return "Missing values", 400
        index = blockchain.new_transaction(values["sender"], values["recipient"], values["amount"])
        return jsonify({"message": f"Transaction will be added to Block {index}"}), 201

    @app.route("/chain", methods=["GET"])
    def full_chain():
        response = {
            "chain": blockchain.chain,
            "length": len(blockchain.chain),
        }
        return jsonify(response), 200

    @app.route("/nodes/register", methods=["POST"])
    def register_nodes():
        nodes = request.get_json().get("nodes")
        if nodes is None:
            return "Error: Please supply a valid list of nodes", 400
        for node in nodes:
            blockchain.register_node(node)
        response = {
            "message": "New nodes have been added",
            "total_nodes": list(blockchain.nodes),
        }
        return jsonify(response), 201

    @app.route("/nodes/resolve", methods=["GET"])
    def consensus():
        if blockchain.resolve_conflicts():
            response = {"message": "Our chain was replaced", "new_chain": blockchain.chain}
        else:
            response = {"message": "Our chain is authoritative", "chain": blockchain.chain}
        return jsonify(response), 200

    return app


def main():
    parser = argparse.ArgumentParser(description="The article's node.")
    parser.add_argument("-p", "--port", type=int, default=5000)
    parser.add_argument("--network", choices=["tutorial", "tutorial-v2"], default="tutorial")
    arguments = parser.parse_args()
    blockchain = Blockchain(dialect=1 if arguments.network == "tutorial" else 2)
    server = make_server("127.0.0.1", arguments.port, make_app(blockchain), threaded=True)
    print(f"python_node: listening on http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
