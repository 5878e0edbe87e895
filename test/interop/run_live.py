#!/usr/bin/python3
"""Nodes of this library and nodes written from the article, in one network: each side replaces the
other's chain, and rubbish from peers harms nothing."""
import http.server
import json
import socket
import sys
import threading

from nodes import BCCTL, Nodes, check, main, run
from python_node import Blockchain

DIALECTS = {"tutorial": 1, "tutorial-v2": 2}

# As text, for what counts is what each side makes of the same bytes.
RECORDS = [
    '{"sender": "Ænne", "recipient": "日本語", "amount": 5}',
    '{"sender": "\U0001f600\U00010348", "recipient": "\\ud83d\\ude00", "amount": 1}',
    '{"sender": "1e-05", "recipient": "f", "amount": 1e-05}',
    '{"sender": "1e16", "recipient": "f", "amount": 1e16}',
    '{"sender": "0.1", "recipient": "f", "amount": 0.1}',
    '{"sender": "1e22", "recipient": "f", "amount": 1e22}',
    '{"sender": "-0.0", "recipient": "f", "amount": -0.0}',
    '{"sender": "-0", "recipient": "f", "amount": -0}',
    '{"sender": "5e-324", "recipient": "f", "amount": 5e-324}',
    '{"sender": "max", "recipient": "f", "amount": 1.7976931348623157e308}',
    '{"sender": "123456789.123456789", "recipient": "f", "amount": 123456789.123456789}',
    '{"sender": "0.0001", "recipient": "f", "amount": 0.00010}',
    '{"sender": "big", "recipient": "i", "amount": ' + "9" * 60 + "}",
    '{"sender": "2^64", "recipient": "i", "amount": 18446744073709551616}',
    '{"sender": "-2^63-1", "recipient": "i", "amount": -9223372036854775809}',
    '{"sender": {"b": [1, {"z": null, "a": true}], "a": {}}, "recipient": [], "amount": [[[]]]}',
    '{"sender": "\\u0000\\u001f\\u007f\\b\\f\\n\\r\\t\\"\\\\\\/", "recipient": "", "amount": false}',
    '{"sender": "lone \\ud800 \\udc00", "recipient": "s", "amount": 1}',
    '{"sender": "twice", "sender": "the last counts", "recipient": "r", "amount": 1, "more": 2}',
    '{"sender": "keys", "recipient": {"é": 1, "e": 2, "\U0001f600": 3, "\\uffff": 4}, "amount": 1}',
]


def same_chain(left, right, network):
    """Both nodes have one chain, as values and as hashes, and it is valid by the article's code."""
    ours, theirs = left.chain(), right.chain()
    check(ours == theirs, "the two chains are not the same")
    hashes = [[Blockchain.hash(block) for block in chain] for chain in (ours, theirs)]
    check(hashes[0] == hashes[1], "the hashes of the two chains are not the same")
    check(Blockchain(DIALECTS[network]).valid_chain(ours), "the article's code refuses the chain")
    for node in (left, right):
        status, out, err = run([BCCTL, "verify", "--network", network, "-"],
                               text=node.get("/chain").body)
        check(status == 0, f"bcctl refuses the chain of {node.url}: {out}{err}")
        check(hashes[0][-1] in out, f"bcctl has another hash for the tip: {out}")
    return ours


def expect_records(chain, texts):
    found = [tx for block in chain for tx in block["transactions"]]
    found = [json.dumps(tx, sort_keys=True) for tx in found if tx["sender"] != "0"]
    expected = []
    for text in texts:
        record = json.loads(text)
        expected.append(json.dumps({key: record[key] for key in ("sender", "recipient", "amount")},
                                   sort_keys=True))
    check(found == expected, f"records differ:\n{found}\n{expected}")


def each_replaces_the_other(network):
    with Nodes() as nodes:
        ours, theirs = nodes.bcnode(network=network), nodes.python(network)
        ours.register(theirs.url)
        theirs.register(ours.url)
        for text in RECORDS:
            theirs.send(text)
        theirs.mine()
        check(ours.resolve(), "our node does not take the longer chain of the Python node")
        expect_records(same_chain(ours, theirs, network), RECORDS)
        for text in RECORDS:
            ours.send(text)
        ours.mine()
        ours.mine()
        check(theirs.resolve(), "the Python node does not take our longer chain")
        expect_records(same_chain(ours, theirs, network), RECORDS + RECORDS)
        check(not ours.resolve() and not theirs.resolve(), "a chain as long as ours replaced it")


def each_replaces_the_other_by_the_article():
    each_replaces_the_other("tutorial")


def each_replaces_the_other_by_the_later_form():
    each_replaces_the_other("tutorial-v2")


def records_come_back_after_a_replacement():
    with Nodes() as nodes:
        ours, theirs = nodes.bcnode(), nodes.python()
        for text in RECORDS:
            ours.send(text)
        ours.mine()
        theirs.mine()
        theirs.mine()
        ours.register(theirs.url)
        check(ours.resolve(), "the longer chain does not replace ours")
        expect_records(ours.chain(), [])
        block = ours.mine()
        check(len(block["transactions"]) == len(RECORDS) + 1, "records were lost or doubled")
        expect_records(ours.chain(), RECORDS)
        check(block["transactions"][-1]["sender"] == "0", "the reward is not the last")


def dialects_do_not_mix():
    with Nodes() as nodes:
        ours, theirs = nodes.bcnode(network="tutorial-v2"), nodes.python("tutorial")
        ours.register(theirs.url)
        theirs.register(ours.url)
        theirs.mine()
        theirs.mine()
        check(not ours.resolve(), "a chain of the other dialect replaced ours")
        for _ in range(4):
            ours.mine()
        check(not theirs.resolve(), "our chain replaced one of the other dialect")


def three_nodes_and_the_longest_wins():
    with Nodes() as nodes:
        ours, short, long = nodes.bcnode(), nodes.python(), nodes.bcnode()
        short.mine()
        for _ in range(3):
            long.mine()
        check(sorted(ours.register(short.url, long.url)) == sorted([short.peer, long.peer]),
              "the peers are not those that were registered")
        check(ours.resolve(), "no chain replaced ours")
        same_chain(ours, long, "tutorial")
        short.register(ours.url)
        check(short.resolve(), "the Python node does not take the longest chain from us")
        same_chain(ours, short, "tutorial")


class Rubbish(http.server.BaseHTTPRequestHandler):
    """Answers GET /chain with whatever its server was made for."""

    def do_GET(self):
        try:
            self.server.answer(self)
        except OSError:
            pass  # whoever asked has had enough

    def log_message(self, format, *arguments):
        pass


def send_body(handler, body, length=None):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def body_peer(body, length=None):
    return lambda handler: send_body(handler, body, length)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"chain": [')
    while not handler.server.over.is_set():
        handler.wfile.write(b'"' + b"x" * 65536 + b'",')


def silent(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"chain": [')
    handler.wfile.flush()
    handler.server.over.wait(60)


def redirecting(target):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    return answer


def failing(handler):
    handler.send_error(500)


class RubbishPeer:
    def __init__(self, answer):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rubbish)
        self.server.daemon_threads = True
        self.server.answer = answer
        self.server.over = threading.Event()
        self.name = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.over.set()
        self.server.shutdown()
        self.server.server_close()


def dead_port():
    """A port at which nobody listens: it was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def longer_chain(blocks):
    """A valid chain of the article's, from its own code."""
    chain = Blockchain()
    for _ in range(blocks):
        proof = chain.proof_of_work(chain.last_block)
        chain.new_transaction("0", "x", 1)
        chain.new_block(proof)
    return chain.chain


def rubbish_bodies():
    valid = longer_chain(3)

    def dump(chain):
        return json.dumps({"chain": chain, "length": 99}).encode()

    repeated = valid[:2] + [valid[1]] + valid[2:]
    wrong_proof = valid[:3] + [dict(valid[3], proof=valid[3]["proof"] + 1)]
    wrong_link = valid[:3] + [dict(valid[3], previous_hash="0" * 64)]
    listed_proof = valid[:3] + [dict(valid[3], proof=[valid[3]["proof"]])]
    return {
        "no JSON": b"<html>Hello</html>",
        "nothing": b"",
        "a number": b"17",
        "no chain": b'{"length": 99}',
        "an empty chain": dump([]),
        "no list": b'{"chain": {"0": 1}, "length": 99}',
        "no blocks": b'{"chain": [1, 2, 3, 4, 5, 6], "length": 6}',
        "blocks without members": b'{"chain": [{}, {}, {}, {}, {}, {}], "length": 6}',
        "a repeated block": dump(repeated),
        "a wrong proof": dump(wrong_proof),
        "a wrong link": dump(wrong_link),
        "a proof that is a list": dump(listed_proof),
        "a cut text": dump(valid)[:-40],
        "text behind the end": dump(valid) + b"]",
        "deep nesting": b'{"chain": ' + b"[" * 100000 + b"]" * 100000 + b"}",
        "invalid UTF-8": dump(valid).replace(b'"x"', b'"\xff\xfe"'),
        "a raw control character": dump(valid).replace(b'"x"', b'"\x01"'),
        "an integer too long": dump(valid).replace(b'"amount": 1', b'"amount": ' + b"1" * 10000),
    }


def expect_report(report, names):
    """Each of the bad peers is named with a sentence."""
    unnamed = [what for what, name in names.items()
               if report[name]["status"] == "BC_OK" or len(report[name]["text"]) < 10]
    check(not unnamed, f"peers without a complaint: {unnamed}")


def rubbish_peers_harm_nothing():
    """Each kind of rubbish beside one good peer: the good chain is taken, and the rubbish is named."""
    peers = {what: RubbishPeer(body_peer(body)) for what, body in rubbish_bodies().items()}
    peers["less than it says"] = RubbishPeer(body_peer(b'{"chain": [', 1000))
    peers["an endless answer"] = RubbishPeer(endless)
    peers["a silent one"] = RubbishPeer(silent)
    peers["an error"] = RubbishPeer(failing)
    try:
        with Nodes() as nodes:
            ours = nodes.bcnode("--peer-timeout", "4", "--verbose")
            theirs = nodes.python()
            peers["a redirection"] = RubbishPeer(redirecting(theirs.url + "/chain"))
            names = {what: peer.name for what, peer in peers.items()}
            names["a dead one"] = f"127.0.0.1:{dead_port()}"
            ours.register(*names.values())
            ours.send(RECORDS[0])
            before = ours.mine()
            replaced, report = ours.resolve_and_report()
            check(not replaced, "rubbish replaced our chain")
            check(ours.chain()[-1]["previous_hash"] == before["previous_hash"],
                  "rubbish changed our chain")
            expect_report(report, names)
            ours.register(theirs.url)
            theirs.mine()
            theirs.mine()
            check(ours.resolve(), "the good peer's chain was not taken because of the others")
            same_chain(ours, theirs, "tutorial")
            check(ours.process.poll() is None, "the node has ended")
    finally:
        for peer in peers.values():
            peer.close()


def lying_length_is_not_believed():
    """`length` counts for nothing: a longer chain that says 1 is taken, a short one that says 1000 is
    not."""
    longer = longer_chain(2)
    modest = RubbishPeer(body_peer(json.dumps({"length": 1, "chain": longer}).encode()))
    boasting = RubbishPeer(body_peer(json.dumps({"length": 1000, "chain": longer[:1]}).encode()))
    without = RubbishPeer(body_peer(json.dumps({"chain": longer_chain(3)}).encode()))
    try:
        with Nodes() as nodes:
            ours = nodes.bcnode()
            ours.register(boasting.name)
            check(not ours.resolve(), "a short chain that says that it is long replaced ours")
            ours.register(modest.name)
            check(ours.resolve(), "a longer chain that says that it is short did not replace ours")
            check(ours.chain() == longer, "the chain is not the peer's")
            ours.register(without.name)
            check(ours.resolve(), "a longer chain without a length did not replace ours")
    finally:
        for peer in (modest, boasting, without):
            peer.close()


def dead_peer_beside_a_live_one():
    with Nodes() as nodes:
        ours, theirs = nodes.bcnode(), nodes.python()
        dead = f"127.0.0.1:{dead_port()}"
        ours.register("http://" + dead, theirs.url)
        theirs.mine()
        replaced, report = ours.resolve_and_report()
        check(replaced, "a dead peer kept the live one's chain from us")
        same_chain(ours, theirs, "tutorial")
        expect_report(report, {"a dead one": dead})
        check(report[theirs.peer]["status"] == "BC_OK", f"a complaint of the live one: {report}")


def bad_requests_are_answered():
    """What the issue calls bad input, to a node that goes on afterwards."""
    deep = "[" * 1000 + "]" * 1000
    bodies = [
        ("not JSON", b"hello"), ("nothing", b""), ("a cut text", b'{"sender": "a", "recip'),
        ("a list", b"[1, 2, 3]"), ("a member missing", b'{"sender": "a", "recipient": "b"}'),
        ("deep nesting", ('{"sender": %s, "recipient": 1, "amount": 1}' % deep).encode()),
        ("invalid UTF-8", b'{"sender": "\xff", "recipient": 1, "amount": 1}'),
        ("an integer too long",
         b'{"sender": 1, "recipient": 1, "amount": ' + b"7" * 5000 + b"}"),
        ("too much", b'{"sender": "' + b"x" * (5 << 20) + b'", "recipient": 1, "amount": 1}'),
    ]
    with Nodes() as nodes:
        ours = nodes.bcnode()
        for what, body in bodies:
            try:
                answer = ours.post("/transactions/new", body)
            except OSError as broken:  # a body that is too long may be cut off
                check(what == "too much", f"{what}: {broken}")
                continue
            check(400 <= answer.status < 500, f"{what}: answered {answer.status}")
            check(len(answer.body) > 5, f"{what}: no sentence in the answer")
        for body in (b"{}", b'{"nodes": 1}', b'{"nodes": ["ftp://a"]}', b'{"nodes": [1]}', b"[]"):
            answer = ours.post("/nodes/register", body)
            check(400 <= answer.status < 500, f"register {body}: answered {answer.status}")
        check(ours.get("/nothing").status == 404, "an unknown path is not answered with 404")
        block = ours.mine()
        check(len(block["transactions"]) == 1, "something refused came into the block")
        check(len(ours.chain()) == 2, "the chain is not whole")


if __name__ == "__main__":
    sys.exit(main([
        each_replaces_the_other_by_the_article,
        each_replaces_the_other_by_the_later_form,
        records_come_back_after_a_replacement,
        dialects_do_not_mix,
        three_nodes_and_the_longest_wins,
        dead_peer_beside_a_live_one,
        lying_length_is_not_believed,
        rubbish_peers_harm_nothing,
        bad_requests_are_answered,
    ]))
