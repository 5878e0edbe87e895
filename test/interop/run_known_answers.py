#!/usr/bin/python3
"""What the article prints, hashes and proofs, through bcctl."""
import json
import sys
import tempfile

from nodes import BCCTL, check, main, run
from python_node import Blockchain

MINER = "8bbcb347e0634905b0cac7955bae152b"
GENESIS = {"index": 1, "previous_hash": 1, "proof": 100, "timestamp": 1506280650.770839,
           "transactions": []}
GENESIS_HASH = "c099bc76471bfdd48ae262ba832388af2b87904924730633db415994fb82bfb7"
SECOND = {"index": 2, "previous_hash": GENESIS_HASH, "proof": 35293,
          "timestamp": 1506280664.717925,
          "transactions": [{"amount": 1, "recipient": MINER, "sender": "0"}]}
SECOND_HASH = "eff91ac11680dfbabaa5975dcf45fe9af4f84baabc4434d5a647257803f910f2"
THIRD = {"index": 3, "previous_hash": SECOND_HASH, "proof": 35089,
         "timestamp": 1506280666.1086972,
         "transactions": [{"amount": 1, "recipient": MINER, "sender": "0"}]}
PROOFS = [35293, 35089, 119678, 146502, 43538, 85724, 51178, 71730, 55589, 35704, 57342, 68975]


def bcctl(*arguments, value=None, text=None):
    if value is not None:
        text = json.dumps(value).encode()
    return run([BCCTL, *arguments], text=text)


def hashes_that_the_article_prints():
    for block, expected in ((GENESIS, GENESIS_HASH), (SECOND, SECOND_HASH)):
        check(bcctl("hash", "-", value=block) == (0, expected + "\n", ""), f"not {expected}")


def order_of_members_and_spaces_do_not_count():
    turned = dict(reversed(GENESIS.items()))
    text = json.dumps(turned, indent=3).encode()
    check(bcctl("hash", "-", text=text) == (0, GENESIS_HASH + "\n", ""), "another hash")


def hashes_of_both_dialects_are_the_same_function():
    check(bcctl("hash", "--network", "tutorial-v2", "-", value=SECOND) ==
          (0, SECOND_HASH + "\n", ""), "another hash")


def chain_that_the_article_prints():
    chain = [GENESIS, SECOND, THIRD]
    tip = Blockchain.hash(THIRD)
    for value in (chain, {"chain": chain, "length": 3}, {"length": 1, "chain": chain}):
        status, out, err = bcctl("verify", "-", value=value)
        check(status == 0 and tip in out and "3 blocks" in out and "2 transactions" in out and not err,
              f"{status} {out}{err}")


def article_chain_is_no_chain_of_the_later_form():
    status, out, _ = bcctl("verify", "--network", "tutorial-v2", "-",
                           value=[GENESIS, SECOND, THIRD])
    check(status == 1 and "proof" in out and "block 1 " in out, f"{status} {out}")


def proofs_from_100():
    status, out, err = bcctl("mine", "--blocks", str(len(PROOFS)))
    check(status == 0, f"{status} {err}")
    words = out.split()
    proofs = [int(words[i + 1]) for i, word in enumerate(words) if word == "proof"]
    check(proofs == PROOFS, f"the proofs are {proofs}")


def proofs_from_100_with_two_threads_are_the_least_too():
    status, out, err = bcctl("mine", "--threads", "2", "--blocks", "6")
    check(status == 0, f"{status} {err}")
    words = out.split()
    proofs = [int(words[i + 1]) for i, word in enumerate(words) if word == "proof"]
    check(proofs == PROOFS[:6], f"the proofs are {proofs}")


def other_numbers_of_zeros():
    """The least proof with 1, 2 and 3 zeros, against the article's loop."""
    for zeros in (1, 2, 3):
        chain = Blockchain(zeros=zeros)
        expected = []
        for _ in range(5):
            expected.append(chain.proof_of_work(chain.last_block))
            chain.new_block(expected[-1])
        with tempfile.NamedTemporaryFile("w", suffix=".json") as network:
            json.dump({"rules": "tutorial", "version": 1, "name": "easy", "dialect": 1,
                       "zeros": zeros}, network)
            network.flush()
            status, out, err = bcctl("mine", "--network", network.name, "--blocks", "5")
            check(status == 0, f"{status} {err}")
            words = out.split()
            proofs = [int(words[i + 1]) for i, word in enumerate(words) if word == "proof"]
            check(proofs == expected, f"{zeros} zeros: {proofs}, not {expected}")
            status, out, err = bcctl("verify", "--network", network.name, "-", value=chain.chain)
            check(status == 0, f"{zeros} zeros: {status} {out}{err}")


if __name__ == "__main__":
    sys.exit(main([
        hashes_that_the_article_prints,
        order_of_members_and_spaces_do_not_count,
        hashes_of_both_dialects_are_the_same_function,
        chain_that_the_article_prints,
        article_chain_is_no_chain_of_the_later_form,
        proofs_from_100,
        proofs_from_100_with_two_threads_are_the_least_too,
        other_numbers_of_zeros,
    ]))
