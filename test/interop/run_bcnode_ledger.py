#!/usr/bin/python3
"""bcnode in a ledger: every endpoint, every refusal, restarts, authorities."""
import contextlib
import json
import re
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

from ledger import (NOBODY, PASSPHRASE, SOMEBODY, bcctl, encode_block, encode_tx, good, network_file,
                    nodes_and_keys)
from nodes import BCNODE, OPENER, Nodes, ask, check, main, run

DEV = "ledger-dev"


def got(answer, status, member=None):
    check(answer.status == status, f"answered {answer.status}, not {status}: {answer.body[:300]}")
    value = answer.json()
    return value if member is None else value[member]


def refused(answer, status, says):
    sentence = got(answer, status, "error")
    check(re.search(says, sentence), f"it says {sentence!r}, not {says!r}")


def mined(node):
    """The view of a block that the node mines."""
    answer = got(node.get("/mine"), 200)
    check(answer["message"] == "New Block Forged" and answer["id"] == answer["block"]["id"]
          and answer["height"] == answer["block"]["height"], f"{answer}")
    return answer["block"]


def account(node, key):
    value = got(node.get(f"/accounts/{key}"), 200)
    check(value["key"] == key, f"{value}")
    return tuple(int(value[name]) for name in ("balance", "nonce", "next_nonce"))


def everything(node, ids, keys):
    """What a restart must not change."""
    state = {path: got(node.get(path), 200) for path in
             ("/status", "/chain", *(f"/transactions/{i}" for i in ids), *(f"/accounts/{k}" for k in keys))}
    state["/status"].pop("version")
    return state


def holds(proof, network=DEV):
    status, out, err = bcctl("verify-proof", "--network", network, "--header-id",
                             proof["header"]["id"], "--hex", proof["proof"])
    check(status == 0 and out.startswith("valid: ") and proof["id"] in out
          and proof["block"] in out, f"{status} {out}{err}")
    changed = proof["proof"][:-1] + ("0" if proof["proof"][-1] != "0" else "1")
    status, out, err = bcctl("verify-proof", "--header-id", proof["header"]["id"], "--hex", changed)
    check(status == 1 and out.startswith("invalid: "), f"{status} {out}{err}")
    return out


def two_transfers_and_a_proof():
    """Transfers as digits and as JSON, a block, balances, a proof, and all of it after a restart."""
    with nodes_and_keys("ann", "bob") as (nodes, ann, bob):
        data = nodes.folder / "data"
        node = nodes.bcnode(*ann.options, network=DEV, data=data)
        first = mined(node)
        subsidy = first["transactions"][0]["amount"]
        check(account(node, ann.address) == (subsidy, 0, 0), "the reward is not ann's")

        digits = ann.sign(DEV, 0, bob.address, 100, 7)
        answer = got(node.post("/transactions/new", json.dumps(digits)), 201)
        check(answer["verdict"] == "accepted" and answer["reason"] == "-", f"{answer}")
        again = got(node.post("/transactions/new", digits + "\n"), 200)
        check(again == {**again, "verdict": "known", "id": answer["id"]}, f"{again}")
        view = ann.sign(DEV, 1, bob.address, 50, 3, ["--json", "--payload", "for the book"])
        other = got(node.post("/transactions/new", view), 201, "id")
        check(other == json.loads(view)["id"], "another id")
        ids = (answer["id"], other)
        waiting = got(node.get(f"/transactions/{other}"), 200)
        check(waiting == {"transaction": json.loads(view), "waiting": True}, f"{waiting}")
        check(account(node, ann.address) == (subsidy, 0, 2), "next_nonce does not count what waits")
        check(got(node.get("/status"), 200, "mempool")["count"] == 2, "two do not wait")
        refused(node.get(f"/proofs/{other}"), 404, "the transaction waits")

        block = mined(node)
        check([tx["id"] for tx in block["transactions"][1:]] == list(ids), f"{block}")
        check(block["transactions"][0]["amount"] == subsidy + 10, "the fees are not in the reward")
        check(account(node, bob.address) == (150, 0, 0), "bob has something else")
        check(account(node, ann.address) == (2 * subsidy - 150, 2, 2), "ann has something else")
        check(account(node, SOMEBODY) == (0, 0, 0), "somebody has something")
        found = got(node.get(f"/transactions/{other}"), 200)
        check(found == {"transaction": json.loads(view), "waiting": False, "height": 2,
                        "block": block["id"], "position": 2}, f"{found}")

        proof = got(node.get(f"/proofs/{other}"), 200)
        check(proof["header"]["height"] == 2 and proof["block"] == block["id"]
              and proof["header"]["id"] == block["id"], "the block is not the tip's")
        holds(proof)
        later = mined(node)
        mined(node)
        proof = got(node.get(f"/proofs/{other}?under=3"), 200)
        check(proof["header"]["id"] == later["id"] and proof["height"] == 2, f"{proof}")
        check(proof["header"]["sealed"] == encode_block(later)[:97].hex(), "another header")
        holds(proof)
        proof = got(node.get(f"/proofs/{other}"), 200)
        check(proof["header"]["height"] == 4, f"{proof}")
        holds(proof)
        refused(node.get(f"/proofs/{other}?under=1"), 404, "height 2, above the header")
        refused(node.get(f"/proofs/{other}?under=5"), 404, "5")

        last = got(node.post("/transactions/new", ann.sign(DEV, 2, bob.address, 1, 1)), 201, "id")
        before = everything(node, (*ids, last), (ann.address, bob.address))
        check(node.stop() == 0, "the node did not end well")
        node = nodes.bcnode(network=DEV, data=data)
        after = everything(node, (*ids, last), (ann.address, bob.address))
        check(before == after, f"before {before}\nafter {after}")
        check(after[f"/transactions/{last}"]["waiting"], "it does not wait any more")
        check(node.stop() == 0, "the node did not end well")
        out = good("verify", "--network", DEV, "--data", data)
        check(out == f"valid: 5 blocks, tip {after['/status']['tip']['id']}\n", out)
        shown = good("show", "--network", DEV, "--data", data, "--json").splitlines()
        check([json.loads(line) for line in shown] == before["/chain"]["chain"], "show differs")


def the_status():
    with Nodes() as nodes:
        node = nodes.bcnode("--peer", "localhost:9", network=DEV)
        canonical, network_id = good("network", "--show", DEV).splitlines()
        value = got(node.get("/status"), 200)
        check(value == {"version": value["version"], "network": DEV, "network_id": network_id,
                        "tip": {"height": 0, "id": network_id, "work": "2"}, "blocks": 1,
                        "mempool": {"count": 0, "bytes": 0}, "orphans": 0, "peers": 1,
                        "poisoned": False}, f"{value}")
        genesis = got(node.get("/blocks/0"), 200)
        check(bytes.fromhex(genesis["transactions"][0]["payload"]).decode() == canonical, "genesis")
        check(got(node.get(f"/blocks/{network_id}"), 200) == genesis, "by id it is another")


def who_is_rewarded():
    with nodes_and_keys("ann") as (nodes, ann):
        for options, recipient in ((["--recipient", SOMEBODY], SOMEBODY),
                                   ([*ann.options, "--recipient", SOMEBODY.upper()], SOMEBODY),
                                   (ann.options, ann.address)):
            node = nodes.bcnode(*options, network=DEV)
            check(mined(node)["transactions"][0]["recipient"] == recipient, f"{options}")
        node = nodes.bcnode(network=DEV)
        refused(node.get("/mine"), 501, "neither a recipient nor a signer")
        free = network_file(nodes.folder, "free", initial=0)
        node = nodes.bcnode(network=free)
        check(mined(node)["transactions"][0]["recipient"] == NOBODY, "somebody is rewarded")


def pages_of_the_chain():
    with Nodes() as nodes:
        node = nodes.bcnode("--recipient", SOMEBODY, network=DEV)
        ids = [got(node.get("/blocks/0"), 200, "id"), *(mined(node)["id"] for _ in range(6))]

        def page(query):
            value = got(node.get("/chain" + query), 200)
            check(value["length"] == 7, f"{query}: {value}")
            return [block["id"] for block in value["chain"]], value["from"], value.get("next")

        check(page("") == (ids, 0, None), "the whole chain")
        check(page("?from=2") == (ids[2:], 2, None), "from")
        check(page("?limit=3") == (ids[:3], 0, 3), "limit")
        check(page("?limit=3&from=3") == (ids[3:6], 3, 6), "both")
        check(page("?from=4&limit=3") == (ids[4:], 4, None), "to the tip")
        check(page("?from=7") == ([], 7, None), "behind the tip")
        check(page(f"?from={2 ** 64 - 1}") == ([], 2 ** 64 - 1, None), "far behind the tip")
        for query in ("?from=", "?from", "?from=-1", "?from=x", "?from=1%00", "?limit=0",
                      "?limit=1001", f"?from={2 ** 64}", "?limit=1e2", "?from=+1"):
            refused(node.get("/chain" + query), 400, "from= takes a height")
        request = urllib.request.Request(node.url + "/chain", method="HEAD")
        with OPENER.open(request, timeout=10) as response:
            check(response.status == 200 and not response.read(), "HEAD")


def blocks_carried_by_hand():
    with nodes_and_keys("ann") as (nodes, ann):
        one = nodes.bcnode(*ann.options, network=DEV)
        other = nodes.bcnode(network=DEV)
        blocks = [mined(one)]
        one.post("/transactions/new", ann.sign(DEV, 0, SOMEBODY, 5, 1))
        blocks += [mined(one), mined(one)]

        orphan = got(other.post("/blocks", blocks[1]), 202)
        check(orphan["verdict"] == "orphan" and orphan["id"] == blocks[1]["id"], f"{orphan}")
        check(got(other.post("/blocks", blocks[0]), 201, "verdict") == "accepted", "the first")
        check(got(other.get("/status"), 200, "tip")["height"] == 2, "the orphan was not adopted")
        check(account(other, SOMEBODY) == (5, 0, 0), "the transfer did not come along")
        digits = encode_block(blocks[2]).hex()
        for form in (digits[:-2], digits + "00"):
            refused(other.post("/blocks", json.dumps(form)), 400, "block")
        check(got(other.post("/blocks", json.dumps(digits)), 201, "id") == blocks[2]["id"], "digits")
        check(got(other.post("/blocks", digits), 200, "verdict") == "known", "digits again")
        check(got(other.get("/chain"), 200) == got(one.get("/chain"), 200), "the chains differ")

        third = nodes.bcnode("--recipient", SOMEBODY, network=DEV)
        beside = mined(third)
        answer = got(one.post("/blocks", beside), 201)
        check(answer["verdict"] == "branch" and "branch" in answer["message"], f"{answer}")
        check(got(one.get(f"/blocks/{beside['id']}"), 200) == beside, "the branch's block by id")


def nodes_agree():
    """Two chains that grew apart: the one with more work is adopted, and the other's transfer waits
    again."""
    with nodes_and_keys("ann") as (nodes, ann):
        network = network_file(nodes.folder, "two", allocations=[[ann.address, 100]])
        one = nodes.bcnode("--recipient", SOMEBODY, network=network)
        other = nodes.bcnode("--recipient", SOMEBODY, network=network, data=nodes.folder / "other")
        transfer = got(one.post("/transactions/new", ann.sign(network, 0, SOMEBODY, 9, 1)), 201, "id")
        mined(one)
        blocks = [mined(other) for _ in range(3)]
        for node, peer in ((one, other), (other, one)):
            node.register(peer.url)
        value = got(other.get("/nodes/resolve", seconds=60), 200)
        check(value["message"] == "Our chain is authoritative" and value["height"] == 3
              and [line["peer"] for line in value["report"]] == [one.peer], f"{value}")
        value = got(one.get("/nodes/resolve", seconds=60), 200)
        check(value == {"message": "Our chain was replaced", "length": 4, "height": 3,
                        "id": blocks[2]["id"], "report": value["report"]}, f"{value}")
        check(value["report"][0]["status"] == "BC_OK", f"{value}")
        check(got(one.get("/chain"), 200) == got(other.get("/chain"), 200), "the chains differ")
        check(got(one.get(f"/transactions/{transfer}"), 200, "waiting"), "the transfer is lost")
        check(account(one, ann.address) == (100, 0, 1), "ann has something else")
        check(transfer in [tx["id"] for tx in mined(one)["transactions"]], "it was not mined again")

        elsewhere = nodes.bcnode(network=DEV)
        elsewhere.register(one.url)
        value = got(elsewhere.get("/nodes/resolve", seconds=60), 200)
        check(value["height"] == 0 and "network" in value["report"][0]["text"], f"{value}")


def blocks_that_are_refused():
    with Nodes() as nodes:
        node = nodes.bcnode("--recipient", SOMEBODY, network=DEV)
        maker = nodes.bcnode("--recipient", SOMEBODY, network=DEV)
        block = mined(maker)
        del block["id"]
        reward = {key: value for key, value in block["transactions"][0].items() if key != "id"}
        bad = {
            "content": {**block, "transactions": [{**reward, "amount": 7}]},
            "height": {**block, "height": 2},
            "median": {**block, "time": 1},
            "seal-length": {**block, "seal": "0" * 128},
            "bits-unexpected": {**block, "bits": 0x2070ffff},
            "genesis": {**block, "height": 0, "previous": NOBODY},
        }
        for reason, changed in bad.items():
            # The work of a header that was changed may or may not hold; then the target comes first.
            for nonce in range(200):
                answer = node.post("/blocks", {**changed, "nonce": nonce + block["nonce"]})
                if answer.json().get("reason") != "target":
                    break
            got(answer, 400)
            check(answer.json()["reason"] == reason, f"{reason}: {answer.body}")
            check("the block is invalid" in answer.json()["error"], f"{reason}: {answer.body}")
        ahead = {**block, "time": 2 ** 53 - 1}
        for nonce in range(200):
            answer = node.post("/blocks", {**ahead, "nonce": nonce}).json()
            if answer["reason"] != "target":
                break
        check(answer["reason"] == "clock" and answer["verdict"] == "not-yet", f"{answer}")
        for text, says in (("{}", "lacks"), ("[]", "neither"), ('"zz"', "neither"), ("", "neither"),
                           ('{"bits":1', "JSON"), ('"00"', "block"), ("5", "neither"),
                           (json.dumps({**block, "more": 1}), "more"),
                           (json.dumps({**block, "bits": 1.5}), "bits"),
                           (json.dumps({**block, "id": NOBODY}), "id")):
            refused(node.post("/blocks", text), 400, says)
        check(got(node.get("/status"), 200, "tip")["height"] == 0, "a bad block was taken")
        check(got(node.post("/blocks", block), 201, "verdict") == "accepted", "the honest block")


def transactions_that_are_refused():
    with nodes_and_keys("ann") as (nodes, ann):
        network = network_file(nodes.folder, "fees", minimum_fee=1, payload_bytes=100)
        node = nodes.bcnode(*ann.options, network=network)
        mined(node)

        def signed(nonce, amount=1, fee=200, more=()):
            return json.loads(ann.sign(network, nonce, SOMEBODY, amount, fee, ["--json", *more]))

        def offer(view, status, reason, says):
            answer = node.post("/transactions/new", view)
            refused(answer, status, says)
            check(answer.json()["reason"] == reason, f"{answer.body}")

        zero = signed(0)
        bare = {key: value for key, value in zero.items() if key != "id"}
        offer(signed(1), 409, "nonce", "nonce is 1, and the sender's next one is 0")
        offer(signed(0, amount=801), 409, "balance", "spends 801 and a fee of 200.* balance of 1000")
        offer({**bare, "amount": 2}, 400, "signature", "signature")
        offer({**bare, "fee": 3}, 400, "minimum-fee", "fee")
        offer({**bare, "recipient": NOBODY}, 400, "recipient", "nobody")
        offer({**bare, "sender": NOBODY}, 400, "key", "key")
        offer({**bare, "payload": "00" * 101, "fee": 500}, 400, "payload-size", "payload")
        offer({**bare, "kind": "reward", "sender": NOBODY, "fee": 0, "signature": "00" * 64}, 400,
              "reward-place", "reward")
        check(got(node.post("/transactions/new", zero), 201, "id") == zero["id"], "the good one")
        offer(signed(0, amount=2, fee=201), 409, "replacement", "at least a tenth higher")
        better = got(node.post("/transactions/new", signed(0, amount=3, fee=220)), 201, "id")
        check(node.get(f"/transactions/{zero['id']}").status == 404, "it was not replaced")
        offer(signed(1, amount=700), 409, "balance", "with what waits already")
        mined(node)
        check(not got(node.get(f"/transactions/{better}"), 200, "waiting"), "not mined")
        offer(zero, 409, "nonce", "nonce is 0, and the sender's next one is 1")
        stranger = json.loads(ann.sign(DEV, 1, SOMEBODY, 1, 200, ["--json"]))
        offer(stranger, 400, "signature", "signature")
        digits = encode_tx(signed(1)).hex()
        for text, says in (("", "neither"), ("{}", "lacks"), ("{", "JSON"), ("[]", "neither"),
                           ("null", "neither"), ('"', "neither"), ('""', "neither"),
                           (f'"{digits[:-1]}"', "neither"), (f'"{digits[:-2]}"', "cut short|bytes"),
                           (digits + "00", "bytes|behind"), (digits.upper(), "neither"),
                           (json.dumps({"sender": "a", "recipient": "b", "amount": 5}), "lacks"),
                           (json.dumps({**bare, "amount": -1}), "amount"),
                           (json.dumps({**bare, "amount": 1.0}), "amount"),
                           (json.dumps({**bare, "amount": 2 ** 53}), "string"),
                           (json.dumps({**bare, "amount": str(2 ** 64)}), "amount")):
            refused(node.post("/transactions/new", text), 400, says)


def amounts_above_two_to_the_53():
    with nodes_and_keys("ann") as (nodes, ann):
        rich = 2 ** 62
        network = network_file(nodes.folder, "rich", allocations=[[ann.address, rich]])
        node = nodes.bcnode("--recipient", "ab" * 32, network=network)
        check(got(node.get(f"/accounts/{ann.address}"), 200, "balance") == str(rich), "no string")
        view = json.loads(ann.sign(network, 0, SOMEBODY, 2 ** 53, 1, ["--json"]))
        check(view["amount"] == str(2 ** 53), f"{view}")
        tx = got(node.post("/transactions/new", view), 201, "id")
        mined(node)
        check(got(node.get(f"/transactions/{tx}"), 200, "transaction") == view, "it was changed")
        check(got(node.get(f"/accounts/{SOMEBODY}"), 200, "balance") == str(2 ** 53), "somebody")
        check(got(node.get(f"/accounts/{ann.address}"), 200, "balance") == str(rich - 2 ** 53 - 1), "ann")


def paths_methods_and_bodies():
    with Nodes() as nodes:
        node = nodes.bcnode("--max-body", "2048", network=DEV)
        for path in ("/blocks/x", "/blocks/-1", f"/blocks/{2 ** 64}", "/blocks/" + "g" * 64,
                     "/blocks/" + "A" * 64, "/transactions/1", "/transactions/" + "F" * 64,
                     "/accounts/1", "/accounts/" + "a" * 63, "/proofs/x", "/proofs/" + "a" * 65,
                     "/proofs/" + "a" * 64 + "?under=x"):
            refused(node.get(path), 400, "named by")
        for path in ("/blocks/1", f"/blocks/{2 ** 64 - 1}", f"/blocks/{SOMEBODY}",
                     f"/transactions/{SOMEBODY}", f"/proofs/{SOMEBODY}", "/blocks/", "/status/",
                     "/accounts/", "/accounts", "/block/0", "/proofs", "/statusx"):
            refused(node.get(path), 404, "no |nothing|ends at height 0")
        for path in ("/status", "/blocks/0", f"/accounts/{SOMEBODY}", f"/proofs/{SOMEBODY}",
                     f"/transactions/{SOMEBODY}"):
            refused(node.post(path, "{}"), 405, "GET, HEAD")
        refused(node.get("/blocks"), 405, "POST")
        for path in ("/blocks", "/transactions/new"):
            refused(node.post(path, "00", content_type="text/plain"), 415, "application/json")
            refused(node.post(path, "0" * 2049), 413, "2049 bytes")
        foreign = urllib.request.Request(node.url + "/blocks", data=b"00", headers={
            "Content-Type": "application/json", "Origin": "http://elsewhere.example"})
        with contextlib.suppress(urllib.error.HTTPError):
            OPENER.open(foreign, timeout=10)
            check(False, "a page of another site may hand in blocks")
        check(node.register("http://localhost:9") == ["localhost:9"], "registering")
        answer = ask(node.url + "/bc/1/nothing", b"x", content_type="application/octet-stream")
        refused(answer, 404, "nothing")


def larger_than_the_network_takes():
    with Nodes() as nodes:
        network = network_file(nodes.folder, "small", block_bytes=1024, payload_bytes=100)
        node = nodes.bcnode(network=network)
        refused(node.post("/transactions/new", '{"payload":"' + "00" * 20000 + '"}'), 413, "bytes")
        refused(node.post("/blocks", '{"seal":"' + "00" * 20000 + '"}'), 413, "bytes")


def authorities_take_turns():
    with nodes_and_keys("ann", "bob") as (nodes, ann, bob):
        network = network_file(nodes.folder, "two", authorities=[ann.address, bob.address])
        keyless = nodes.bcnode("--alone", network=network)
        refused(keyless.get("/mine"), 501, "no signer was given")
        node = nodes.bcnode(*ann.options, network=network)
        refused(node.get("/mine"), 503, "no block has come from elsewhere")
        check(node.stop() == 0, "the node did not end well")

        data = nodes.folder / "ann"
        node = nodes.bcnode(*ann.options, "--alone", network=network, data=data)
        first = mined(node)
        check(len(first["seal"]) == 128, f"{first}")
        refused(node.get("/mine"), 409, "another authority has to seal the next one")
        other = nodes.bcnode(*bob.options, network=network)
        check(got(other.post("/blocks", first), 201, "verdict") == "accepted", "bob does not take it")
        second = mined(other)
        check(got(node.post("/blocks", second), 201, "verdict") == "accepted", "ann does not take it")
        tampered = {**second, "seal": "0" * 128}
        del tampered["id"]
        check(node.post("/blocks", tampered).json()["verdict"] == "known", "a tampered seal counts")
        mined(node)
        stranger = nodes.bcnode(*bob.options, "--alone", network=network_file(
            nodes.folder, "another", authorities=[ann.address]))
        refused(stranger.get("/mine"), 501, "none of the network's 1 authorities")


def a_signer_that_waits_can_be_stopped():
    with nodes_and_keys("ann") as (nodes, ann):
        now = int(time.time() * 1000)
        network = network_file(nodes.folder, "slow", authorities=[ann.address], period=3600000,
                               time=now, future_limit=7200000)
        node = nodes.bcnode(*ann.options, "--alone", network=network)
        answers = []

        def mine():
            with contextlib.suppress(OSError):
                answers.append(ask(node.url + "/mine").status)

        miner = threading.Thread(target=mine)
        miner.start()
        time.sleep(0.5)
        start = time.monotonic()
        check(node.stop(signal.SIGTERM) == 0, "the exit status is not 0")
        check(time.monotonic() - start < 5, "it took more than 5 seconds to end")
        miner.join(10)
        check(200 not in answers, "a block was sealed before its time")


def options_that_make_no_sense():
    with nodes_and_keys("ann") as (nodes, ann):
        wrong = nodes.folder / "wrong"
        wrong.write_text("not it")
        data = ["--data", nodes.folder / "unused", "-p", "0"]
        for options, status, says in (
                (["-n", DEV, "--recipient", "5" * 63], 2, "--recipient takes 64"),
                (["-n", DEV, "--recipient", ""], 2, "--recipient takes 64"),
                (["-n", DEV, "--max-body", "1"], 2, "--max-body takes"),
                (["-n", DEV, "--key", nodes.folder / "none"], 1, "none: .*No such file"),
                (["-n", DEV, "--key", ann.file], 1, "no terminal.*--passphrase-file"),
                (["-n", DEV, "--key", ann.file, "--passphrase-file", nodes.folder / "none"], 1, "none"),
                (["-n", DEV, "--key", ann.file, "--passphrase-file", wrong], 1,
                 "passphrase is wrong, or the file was changed"),
                (["-n", "tutorial", *ann.options], 1, "--key.* are for ledgers"),
                (["-n", "tutorial", "--recipient", SOMEBODY], 1, "are for ledgers"),
                (["-n", "tutorial", "--alone"], 1, "are for ledgers")):
            found, out, err = run(["setsid", BCNODE, *data, *options], seconds=20)
            check(found == status and not out and re.search(says, err), f"{options}: {found} {out}{err}")


def what_a_tutorial_has_of_it():
    with Nodes() as nodes:
        node = nodes.bcnode()
        node.mine()
        status = got(node.get("/status"), 200)
        check(status["network"] == "tutorial" and status["tip"]["height"] == 1, f"{status}")
        chain = node.chain()
        check([got(node.get(f"/blocks/{height}"), 200) for height in (0, 1)] == chain, "blocks")
        check(got(node.get(f"/blocks/{status['tip']['id']}"), 200) == chain[1], "by id")
        check(got(node.post("/blocks", chain[1]), 200, "verdict") == "known", "a block handed in")
        for path in ("transactions", "accounts", "proofs"):
            refused(node.get(f"/{path}/{SOMEBODY}"), 501, "these rules")


def the_passphrase_stays_secret():
    with nodes_and_keys("ann") as (nodes, ann):
        node = nodes.bcnode(*ann.options, "--verbose", network=DEV)
        mined(node)
        check(PASSPHRASE not in node.log(), "the log holds the passphrase")


if __name__ == "__main__":
    sys.exit(main([two_transfers_and_a_proof, the_status, who_is_rewarded, pages_of_the_chain,
                   blocks_carried_by_hand, nodes_agree, blocks_that_are_refused, transactions_that_are_refused,
                   amounts_above_two_to_the_53, paths_methods_and_bodies,
                   larger_than_the_network_takes, authorities_take_turns,
                   a_signer_that_waits_can_be_stopped, options_that_make_no_sense,
                   what_a_tutorial_has_of_it, the_passphrase_stays_secret]))
