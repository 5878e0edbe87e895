#!/usr/bin/python3
"""bcctl as its users meet it: exit statuses, messages, bad input."""
import contextlib
import hashlib
import json
import os
import pty
import re
import select
import sqlite3
import subprocess
import sys
import tempfile
import time

from nodes import BCCTL, Nodes, check, main, run
from python_node import Blockchain

COMMANDS = ("hash", "verify", "mine", "show")


def bcctl(*arguments, text=None, environment=None):
    return run([BCCTL, *arguments], text=text, environment=environment)


def refused(status, arguments, text=None, says=""):
    """bcctl ends with that status, a sentence on standard error, and nothing on standard output."""
    found, out, err = bcctl(*arguments, text=text)
    check(found == status, f"{arguments}: exit status {found}, not {status}: {out}{err}")
    check(not out, f"{arguments}: standard output has {out!r}")
    check(err.startswith("bcctl: ") and re.search(says, err), f"{arguments}: it says {err!r}")


def some_chain(blocks=3, zeros=4):
    chain = Blockchain(zeros=zeros)
    for number in range(blocks):
        chain.new_transaction("ann", "böb", number)
        chain.new_block(chain.proof_of_work(chain.last_block))
    return chain.chain


CHAIN = some_chain()


def text_of(value):
    return json.dumps(value).encode()


def help_and_version():
    for arguments in (["--help"], *([name, "--help"] for name in (*COMMANDS, "network"))):
        status, out, err = bcctl(*arguments)
        check(status == 0 and out.startswith("Usage: bcctl") and not err, f"{arguments}: {err}")
    for name in (*COMMANDS, "network"):
        check(name in bcctl("--help")[1], f"the help does not name {name}")
    status, out, err = bcctl("--version")
    check(status == 0 and re.fullmatch(r"bcctl \d+\.\d+\.\d+\n", out) and not err, f"{out}{err}")


def bad_command_lines():
    refused(2, [], says="a command is needed")
    refused(2, ["dance"], says='no command "dance"')
    for name in COMMANDS:
        refused(2, [name, "--dance"], says="(?s)dance.*bcctl " + name + " --help")
        refused(2, [name, "--network"], says="network")
        refused(2, [name, "--network", "nowhere", *([] if name == "mine" else ["-"])],
                text=b"[]", says="nowhere")
        refused(2, [name, "--network", "/nonexistent/n.json", *([] if name == "mine" else ["-"])],
                text=b"[]", says="No such file")
    for name in ("hash", "verify", "show"):
        refused(2, [name], says="one file")
        refused(2, [name, "a", "b"], says="one file")
    refused(2, ["mine", "file"], says="takes no file")
    for option, values in (("--blocks", ("0", "-1", "x", "", "1.5", "99999999999999999999")),
                           ("--threads", ("0", "1025", "x", ""))):
        for value in values:
            refused(2, ["mine", option, value], says=option + " takes a number")
    for option, values in (("--from", ("-1", "x", "")), ("--count", ("0", "x"))):
        for value in values:
            refused(2, ["show", option, value, "-"], says=option + " takes a ")
    for name in ("show", "verify"):
        refused(2, [name, "--data", "x", "file"], says="one file")
    refused(2, ["hash", "--data", "x"], says="data")
    for name in ("hash", "verify"):
        for value in ("0", "x", "", "-5", "1k"):
            refused(2, [name, "--max-bytes", value, "-"], says="--max-bytes takes a number")
    refused(2, ["hash", "--max-bytes", "1", "-"], text=b"{}", says="--max-bytes")


def bad_networks():
    descriptions = (b"", b"{", b"[]", b"{}", b'{"rules":"tutorial"}',
                    b'{"rules":"tutorial","version":2,"name":"x","dialect":1,"zeros":4}',
                    b'{"rules":"other","version":1,"name":"x","dialect":1,"zeros":4}',
                    b'{"rules":"tutorial","version":1,"name":"x","dialect":3,"zeros":4}',
                    b'{"rules":"tutorial","version":1,"name":"x","dialect":1,"zeros":65}',
                    b'{"rules":"tutorial","version":1,"name":"x","dialect":1,"zeros":4,"more":1}',
                    b'{"rules":"tutorial","version":1,"name":"x","name":"x","dialect":1,"zeros":4}')
    for description in descriptions:
        with tempfile.NamedTemporaryFile(suffix=".json") as network:
            network.write(description)
            network.flush()
            refused(2, ["verify", "--network", network.name, "-"], text=b"[]",
                    says=re.escape(network.name))


def shows_a_network():
    """Canonical form and id. A ledger's are compared with other code in run_ledger_params.py."""
    canonical = '{"dialect":1,"name":"n","rules":"tutorial","version":1,"zeros":4}'
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(b' {"version":1, "rules":"tutorial",\n "name":"n", "dialect":1}')
        file.flush()
        expected = (0, f"{canonical}\n{hashlib.sha256(canonical.encode()).hexdigest()}\n", "")
        for option in (["--show", file.name], [f"--show={file.name}"], ["-s", file.name]):
            check(bcctl("network", *option) == expected, f"network {option}")
        refused(2, ["network", "--show", file.name, "more"], says="(?s)no file.*network --help")
    for name in ("tutorial", "tutorial-v2", "ledger", "ledger-dev"):
        status, out, err = bcctl("network", "--show", name)
        lines = out.splitlines()
        check(status == 0 and not err and len(lines) == 2, f"{name}: {status} {out}{err}")
        check(json.loads(lines[0])["name"] == name, f"{name}: {out}")
        check(re.fullmatch("[0-9a-f]{64}", lines[1]), f"{name}: {out}")
    refused(2, ["network"], says="(?s)--show.*network --help")
    refused(2, ["network", "--show"], says="show")
    refused(2, ["network", "--dance"], says="(?s)dance.*network --help")
    refused(2, ["network", "--show", "nowhere"], says="nowhere.*tutorial.*ledger-dev")
    refused(2, ["network", "--show", "/nonexistent/n.json"], says="No such file")
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(b'{"version":1,"rules":"ledger","name":"n","sealing":"sticks"}')
        file.flush()
        refused(2, ["network", "--show", file.name], says=re.escape(file.name) + '.*"sealing" must')


def hash_of_files_and_standard_input():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "block.json")
        for block in CHAIN:
            with open(path, "wb") as file:
                file.write(text_of(block))
            expected = (0, Blockchain.hash(block) + "\n", "")
            check(bcctl("hash", path) == expected, "a file has another hash")
            check(bcctl("hash", "-", text=text_of(block)) == expected, "the input has another hash")


def unusable_input():
    """A file that is not there, is a folder, is no JSON, is too long or too deep."""
    good = text_of(CHAIN[0])
    with tempfile.TemporaryDirectory() as folder:
        for name in ("hash", "verify", "show"):
            refused(2, [name, os.path.join(folder, "none.json")], says="No such file")
            refused(2, [name, folder], says="directory")
    texts = {
        "nothing": b"", "spaces": b"  \n", "a cut text": good[:-10], "a word": b"hello",
        "more behind it": good + b"x", "invalid UTF-8": good.replace(b'"index"', b'"ind\xffex"'),
        "a raw line break": good.replace(b'"index"', b'"ind\nex"'),
        "a byte of zero": good[:5] + b"\0" + good[5:],
        "single quotes": good.replace(b'"', b"'"), "a comma too many": good[:-1] + b",}",
        "deep nesting": b"[" * 100000 + b"]" * 100000,
        "deep objects": b'{"a":' * 1000 + b"1" + b"}" * 1000,
        "a long integer": good.replace(b"100", b"1" * 5000),
    }
    for what, text in texts.items():
        for name in ("hash", "verify", "show"):
            if name != "hash":
                text = b'{"chain": [' + text + b"]}"
                if what in ("nothing", "spaces"):
                    continue  # an empty chain, of which another test speaks
            found, out, err = bcctl(name, "-", text=text)
            check(found == 2 and not out and err.startswith("bcctl: standard input: ") and len(err) > 40,
                  f"{name} of {what}: {found} {out!r} {err!r}")


def messages_say_where():
    """The place of a broken character, by a number."""
    refused(2, ["verify", "-"], text=b'{"chain": [\n  nonsense\n]}', says=r"\d")
    refused(2, ["hash", "-"], text=b'{"index": 1,\n "proof": }', says=r"\d")


def too_large():
    text = text_of(some_chain(8, zeros=4))
    limit = str(len(text) - 1)
    refused(2, ["verify", "--max-bytes", limit, "-"], text=text, says=f"larger than {limit} bytes")
    check(bcctl("verify", "--max-bytes", str(len(text)), "-", text=text)[0] == 0,
          "a chain as large as the limit is refused")
    refused(2, ["hash", "/dev/zero"], says="larger than 8388608 bytes")
    refused(2, ["hash", "--max-bytes", "2048", "-"], text=text_of(dict(CHAIN[0], more="x" * 3000)),
            says="larger than 2048 bytes")


def valid_chains():
    for value in (CHAIN, {"chain": CHAIN, "length": 4}, {"chain": CHAIN}, [CHAIN[0]]):
        blocks = value if isinstance(value, list) else value["chain"]
        status, out, err = bcctl("verify", "-", text=text_of(value))
        expected = (f"valid: {len(blocks)} blocks, {len(blocks) - 1} transactions, "
                    f"tip {Blockchain.hash(blocks[-1])}\n")
        check((status, out, err) == (0, expected, ""), f"{status} {out}{err}")


def invalid_chains():
    """Exit status 1, and which block it is and why."""
    proof = CHAIN[2]["proof"]
    cases = (
        ("a wrong proof", CHAIN[:2] + [dict(CHAIN[2], proof=proof + 1)] + CHAIN[3:], 2, "proof"),
        ("a changed record", [CHAIN[0], dict(CHAIN[1], transactions=[]), *CHAIN[2:]], 2, "previous"),
        ("a repeated block", CHAIN[:2] + CHAIN[1:], 2, "previous"),
        ("a block left out", [CHAIN[0], *CHAIN[2:]], 1, "previous"),
        ("blocks in another order", [CHAIN[0], CHAIN[2], CHAIN[1], CHAIN[3]], 1, "previous"),
        ("a proof that is a list", CHAIN[:3] + [dict(CHAIN[3], proof=[proof])], 3, ""),
        ("a number as a block", CHAIN[:3] + [5], 3, ""),
        ("a block without a proof",
         CHAIN[:3] + [{key: CHAIN[3][key] for key in CHAIN[3] if key != "proof"}], 3, ""),
    )
    for what, chain, position, reason in cases:
        status, out, err = bcctl("verify", "-", text=text_of(chain))
        check(status == 1 and not err, f"{what}: {status} {out}{err}")
        check(re.fullmatch(rf"invalid: block {position} of the chain[:,] .+ \[\w+\]\n", out)
              and out.count("of the chain") == 1
              and reason in out, f"{what}: {out}")


def chains_that_are_none():
    for text in (b"[]", b'{"chain": []}', b"{}", b'{"length": 3}', b"5", b'"chain"', b"null",
                 b'{"chain": 5}', b'{"chain": {}}'):
        status, out, err = bcctl("verify", "-", text=text)
        check(status in (1, 2) and len(out + err) > 20, f"{text}: {status} {out}{err}")


def empty_chains():
    for text in (b"[]", b'{"chain": []}'):
        status, out, err = bcctl("verify", "-", text=text)
        check(status == 1 and not err and
              re.fullmatch(r"invalid: the chain is empty \[\w+\]\n", out), f"{text}: {out}{err}")


def results_that_cannot_be_written():
    with open("/dev/full", "wb") as full:
        result = subprocess.run([str(BCCTL), "verify", "-"], input=text_of(CHAIN), stdout=full,
                                stderr=subprocess.PIPE, check=False, timeout=60)
    check(result.returncode == 1 and b"standard output" in result.stderr,
          f"{result.returncode} {result.stderr}")


def bars_on_a_terminal_alone():
    """A search that takes for ever: on a terminal it draws, in a pipe it is silent."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as network:
        json.dump({"rules": "tutorial", "version": 1, "name": "hard", "dialect": 1, "zeros": 12},
                  network)
        network.flush()
        command = [str(BCCTL), "mine", "--network", network.name]
        ours, theirs = pty.openpty()
        environment = dict(os.environ, TERM="xterm")
        on_terminal = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs,
                                       env=environment)
        os.close(theirs)
        in_pipe = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=environment)
        try:
            drawn = b""
            end = time.monotonic() + 10
            while b"attempts" not in drawn and time.monotonic() < end:
                if select.select([ours], [], [], 1)[0]:
                    drawn += os.read(ours, 4096)
            check(b"attempts" in drawn and b"%" in drawn, f"on a terminal there is {drawn!r}")
            time.sleep(0.5)
            check(in_pipe.poll() is None, "the search ended")
        finally:
            for process in (on_terminal, in_pipe):
                process.kill()
            out, err = in_pipe.communicate()
            on_terminal.communicate()
            os.close(ours)
        check(not out and not err, f"in a pipe there is {out!r} {err!r}")


def shows_a_chain():
    value = {"chain": CHAIN, "length": 4}
    for text in (text_of(value), text_of(CHAIN), json.dumps(value, indent=2).encode()):
        status, out, err = bcctl("show", "-", text=text)
        check(status == 0 and not err, f"{status} {err}")
        for block in CHAIN:
            check(Blockchain.hash(block) in out and str(block["proof"]) in out, out)
        check(out.count("\nblock ") == 3 and '"sender": "ann"' in out, out)
        check("b\\u00f6b" in out, "text from outside went to the terminal as it is")
    status, out, _ = bcctl("show", "--from", "1", "--count", "2", "--json", "-", text=text_of(value))
    check(status == 0 and [json.loads(line) for line in out.splitlines()] == CHAIN[1:3], out)
    check(bcctl("show", "--json", "-", text=text_of(CHAIN[:1]))[1] ==
          json.dumps(CHAIN[0], sort_keys=True) + "\n", "a chain of one block")
    check(bcctl("show", "--from", "9", "-", text=text_of(CHAIN)) == (0, "", ""), "behind the end")


def shows_and_mines_a_data_folder():
    with Nodes() as nodes:
        data = nodes.folder / "data"
        refused(1, ["show", "--data", data], says="no chain in")
        refused(1, ["mine", "--data", data], says="no chain in")
        node = nodes.bcnode(data=data)
        node.send({"sender": "a", "recipient": "b", "amount": 1.5})
        node.mine()
        chain = node.chain()
        refused(1, ["show", "--data", data], says="bcctl: ")
        refused(1, ["mine", "--data", data], says="bcctl: ")
        check(node.stop() == 0, "the node did not end well")
        status, out, err = bcctl("show", "--json", "--data", data)
        check(status == 0 and [json.loads(line) for line in out.splitlines()] == chain, f"{out}{err}")
        refused(1, ["show", "--network", "tutorial-v2", "--data", data], says="network")
        status, out, err = bcctl("mine", "--data", data, "--recipient", "cy", "--blocks", "2")
        check(status == 0 and len(out.splitlines()) == 2, f"{status} {out}{err}")
        status, out, err = bcctl("show", "--data", data, "--from", "2", "--json")
        mined = [json.loads(line) for line in out.splitlines()]
        check([block["transactions"] for block in mined] ==
              [[{"sender": "0", "recipient": "cy", "amount": 1}]] * 2, out)
        check(Blockchain().valid_chain(chain + mined), "the article's code refuses the chain")


def flip_byte_of_body(data, index):
    """Flips a byte in the middle of the stored body of the block that has this index."""
    with contextlib.closing(sqlite3.connect(data / "chain.sqlite")) as database, database:
        bodies = [(key, bytes(value)) for key, value in
                  database.execute("SELECT key, value FROM entry WHERE typeof(value) = 'blob'")
                  if bytes(key).startswith(b"b") and b'"index": %d,' % index in bytes(value)]
        check(len(bodies) == 1, f"{len(bodies)} bodies of block {index}")
        key, body = bodies[0]
        at = len(body) // 2
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]
        database.execute("UPDATE entry SET value = ? WHERE key = ?", (changed, key))


def verifies_a_data_folder():
    with Nodes() as nodes:
        data = nodes.folder / "data"
        refused(2, ["verify", "--data", data], says="no chain in")
        node = nodes.bcnode(data=data)
        for _ in range(4):
            node.mine()
        tip = Blockchain.hash(node.chain()[-1])
        refused(2, ["verify", "--data", data], says="bcctl: ")
        check(node.stop() == 0, "the node did not end well")
        refused(2, ["verify", "--network", "tutorial-v2", "--data", data], says="network")
        found = bcctl("verify", "--data", data)
        check(found == (0, f"valid: 5 blocks, tip {tip}\n", ""), f"{found}")
        flip_byte_of_body(data, 3)
        status, out, err = bcctl("verify", "--data", data)
        check(status == 1 and not err and re.fullmatch(r"invalid: height 2: .{20,}\n", out),
              f"{status} {out}{err}")
        flip_byte_of_body(data, 3)
        check(bcctl("verify", "--data", data) == found, "what was put right again is not valid")


def verifies_a_data_folder_that_does_not_open():
    """A record of the height index is changed: that shows itself before any block is read."""
    with Nodes() as nodes:
        data = nodes.folder / "data"
        node = nodes.bcnode(data=data)
        node.mine()
        check(node.stop() == 0, "the node did not end well")
        with contextlib.closing(sqlite3.connect(data / "chain.sqlite")) as database, database:
            changed = database.execute("UPDATE entry SET value = zeroblob(length(value)) "
                                       "WHERE substr(key, 1, 1) = x'68'").rowcount
        check(changed == 2, f"{changed} records were changed")
        status, out, err = bcctl("verify", "--data", data)
        check(status == 1 and not err and re.fullmatch(r"invalid: .{20,}\n", out),
              f"{status} {out}{err}")


if __name__ == "__main__":
    sys.exit(main([
        help_and_version,
        bad_command_lines,
        bad_networks,
        shows_a_network,
        hash_of_files_and_standard_input,
        unusable_input,
        messages_say_where,
        too_large,
        valid_chains,
        invalid_chains,
        chains_that_are_none,
        empty_chains,
        results_that_cannot_be_written,
        bars_on_a_terminal_alone,
        shows_a_chain,
        shows_and_mines_a_data_folder,
        verifies_a_data_folder,
        verifies_a_data_folder_that_does_not_open,
    ]))
