#!/usr/bin/python3
"""Kills a working bcnode at random instants, a hundred times on one data folder, and compares what it
had acknowledged with what it has when it is started again.

Meanwhile clients post transactions, mine, register peers, and in some rounds let it take the longer
chain of a rival that is never killed. BC_TEST_SCALE is the number of rounds, BC_TEST_SEED what is
drawn.
"""
import collections
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
from nodes import BCCTL, BCNODE, Failure, Nodes, ask, check, run  # noqa: E402
from python_node import Blockchain  # noqa: E402

ROUNDS = max(5, int(os.environ.get("BC_TEST_SCALE", "100")))
SEED = int(os.environ.get("BC_TEST_SEED", "1"))
ZEROS = 2  # blocks are found in about a millisecond
LONGEST_ROUND = 0.4  # seconds
PEERS_A_ROUND = 3
RIVAL_BLOCKS = 60
CUT_OFF = (OSError, http.client.HTTPException, ValueError)


class Acknowledged:
    """What the node said that it has."""

    def __init__(self):
        self.lock = threading.Lock()
        self.blocks = []
        self.records = []
        self.tried = 0
        self.peers = []
        self.refused = []


class Clients:
    """Threads that work on a node until it is gone."""

    def __init__(self, url, acknowledged, draw, round_number, with_resolve):
        self.url = url
        self.acknowledged = acknowledged
        self.over = threading.Event()
        jobs = [self.post, self.post, self.mine, self.register]
        if with_resolve:
            self.resolve_after = draw.uniform(0, LONGEST_ROUND / 5)
            jobs.append(self.resolve)
        self.round_number = round_number
        self.threads = [threading.Thread(target=self.work, args=(job,), daemon=True)
                        for job in jobs]

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        self.over.set()
        for thread in self.threads:
            thread.join(20)
            check(not thread.is_alive(), "a client hangs though its node is gone")

    def work(self, job):
        try:
            while not self.over.is_set() and job():
                pass
        except CUT_OFF:
            pass  # the node is gone

    def took(self, answer, expected):
        if answer.status == expected:
            return True
        with self.acknowledged.lock:
            self.acknowledged.refused.append(f"{answer.status} {answer.body[:200]}")
        return False

    def post(self):
        with self.acknowledged.lock:
            self.acknowledged.tried += 1
            number = self.acknowledged.tried
        record = {"sender": f"sender {number}", "recipient": "crash \U0001f4a5", "amount": number / 8}
        answer = ask(self.url + "/transactions/new", record)
        if self.took(answer, 201):
            with self.acknowledged.lock:
                self.acknowledged.records.append(record["sender"])
        return True

    def mine(self):
        answer = ask(self.url + "/mine")
        if self.took(answer, 200):
            with self.acknowledged.lock:
                self.acknowledged.blocks.append(answer.json())
        return True

    def register(self):
        for number in range(PEERS_A_ROUND):
            # Ports of 1 and so on: nobody listens there, and it shows at once.
            peer = f"127.0.{self.round_number % 250}.{number + 1}:1"
            answer = ask(self.url + "/nodes/register", {"nodes": ["http://" + peer]})
            if self.took(answer, 201):
                with self.acknowledged.lock:
                    self.acknowledged.peers.append(peer)
            time.sleep(0.02)
        return False

    def resolve(self):
        time.sleep(self.resolve_after)
        self.took(ask(self.url + "/nodes/resolve"), 200)
        return False


class Crash:
    def __init__(self, nodes):
        self.nodes = nodes
        self.draw = random.Random(SEED)
        self.network = nodes.folder / "crash.json"
        self.network.write_text(json.dumps({"rules": "tutorial", "version": 1, "name": "crash",
                                            "dialect": 1, "zeros": ZEROS}))
        self.data = nodes.folder / "data"
        self.rival = nodes.bcnode(network=self.network, data=nodes.folder / "rival")
        self.acknowledged = Acknowledged()
        self.identifier = None
        self.checked = []  # blocks that the article's code has found to be valid
        self.replaced = 0
        self.early = 0

    def start(self):
        return self.nodes.bcnode(network=self.network, data=self.data)

    def kill_while_starting(self):
        """Before it has said where it listens."""
        self.early += 1
        process = subprocess.Popen([str(BCNODE), "-p", "0", "--network", str(self.network), "--data",
                                    str(self.data)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.draw.uniform(0, 0.05))
        process.kill()
        process.wait()

    def prepare_rival(self, node):
        """Gives the rival our chain and more blocks, and us the rival as a peer."""
        self.rival.register(node.url)
        self.rival.resolve()
        for _ in range(RIVAL_BLOCKS):
            self.rival.mine()
        node.register(self.rival.url)

    def work_and_kill(self, number):
        node = self.start()
        with_resolve = number % 4 == 1
        if with_resolve:
            self.prepare_rival(node)
        clients = Clients(node.url, self.acknowledged, self.draw, number, with_resolve)
        clients.start()
        time.sleep(self.draw.uniform(0, LONGEST_ROUND))
        check(node.process.poll() is None, f"the node ended by itself: {node.log()[-4000:]}")
        node.kill()
        clients.join()
        check(not self.acknowledged.refused, f"refused: {self.acknowledged.refused[:3]}")

    def compare(self):
        node = self.start()
        text = node.get("/chain").body
        chain = json.loads(text)["chain"]
        self.compare_validity(chain, text)
        self.compare_blocks(chain)
        reward = node.mine()["transactions"][-1]
        self.identifier = self.identifier or reward["recipient"]
        check(reward["recipient"] == self.identifier, "the node has another identifier")
        self.compare_records(node.chain())
        peers = node.register()
        lost = set(self.acknowledged.peers) - set(peers)
        check(not lost, f"peers are gone: {lost}")
        node.kill()

    def compare_validity(self, chain, text):
        status, out, err = run([BCCTL, "verify", "--network", self.network, "-"], text=text)
        check(status == 0, f"bcctl refuses the chain: {out}{err}")
        same = 0
        while same < min(len(chain), len(self.checked)) and chain[same] == self.checked[same]:
            same += 1
        check(Blockchain(zeros=ZEROS).valid_chain(chain[max(0, same - 1):]),
              "the article's code refuses the chain")
        self.checked = chain

    def compare_blocks(self, chain):
        """An acknowledged block is on the chain, or the rival's block stands in its place."""
        rival = None
        for block in self.acknowledged.blocks:
            position = block["index"] - 1
            check(position < len(chain), f"block {position} is gone, and nothing in its place")
            found = chain[position]
            if all(found[key] == block[key] for key in ("previous_hash", "proof", "transactions")):
                continue
            rival = rival or self.rival.chain()
            check(position < len(rival) and rival[position] == found,
                  f"block {position} is gone, and what is in its place is not the rival's")
            self.replaced += 1
        self.acknowledged.blocks = []  # from here on the chain that was checked holds them

    def compare_records(self, chain):
        counts = collections.Counter(tx["sender"] for block in chain
                                     for tx in block["transactions"])
        for sender in self.acknowledged.records:
            check(counts[sender] == 1, f"the record of {sender} is there {counts[sender]} times")
        doubled = [sender for sender, count in counts.items() if sender != "0" and count > 1]
        check(not doubled, f"records are there twice: {doubled}")


def main():
    print(f"{ROUNDS} rounds, seed {SEED}", flush=True)
    blocks = 0
    with Nodes() as nodes:
        crash = Crash(nodes)
        try:
            for number in range(ROUNDS):
                if crash.draw.random() < 0.15:
                    crash.kill_while_starting()
                crash.work_and_kill(number)
                blocks += len(crash.acknowledged.blocks)
                crash.compare()
            check(Blockchain(zeros=ZEROS).valid_chain(crash.checked), "the whole chain is not valid")
            check(blocks and crash.acknowledged.records and crash.acknowledged.peers,
                  "nothing was acknowledged, so nothing was tested")
            check(ROUNDS < 50 or crash.replaced, "no chain was replaced, so that was not tested")
        except (Failure, *CUT_OFF) as problem:
            print(f"FAILED in round {number}: {type(problem).__name__}: {problem}")
            return 1
        print(f"passed: {blocks} blocks, {len(crash.acknowledged.records)} transactions and "
              f"{len(crash.acknowledged.peers)} peers were acknowledged and are there; "
              f"{crash.replaced} blocks gave way to the rival's; "
              f"{crash.early} kills came while it was starting")
    return 0


if __name__ == "__main__":
    sys.exit(main())
