#!/usr/bin/python3
"""bcctl's commands for ledgers: keys and passphrases, signing, sending, balances, mining."""
import contextlib
import http.server
import json
import os
import pathlib
import pty
import re
import select
import signal
import stat
import sys
import tempfile
import threading
import time

from ledger import (NOBODY, PASSPHRASE, SOMEBODY, Key, bcctl, encode_tx, good, network_file,
                    nodes_and_keys)
from nodes import BCCTL, Nodes, check, main, run

DEV = "ledger-dev"
COMMANDS = ("keygen", "address", "sign", "send", "balance")


def refused(status, *arguments, says, text=None):
    """Ends with that status and a sentence on standard error, and prints nothing else. It has no
    terminal to ask."""
    found, out, err = run(["setsid", BCCTL, *arguments], text=text)
    check(found == status and not out, f"{arguments}: exit status {found}: {out}{err}")
    check(err.startswith("bcctl: ") and re.search(says, err), f"{arguments}: it says {err!r}")


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="bc-test-") as name:
        yield pathlib.Path(name)


def help_and_bad_command_lines():
    for name in COMMANDS:
        check(good(name, "--help").startswith(f"Usage: bcctl {name} "), f"the help of {name}")
        check(name in good("--help"), f"the help does not name {name}")
        refused(2, name, "--dance", says=f"(?s)dance.*bcctl {name} --help")
    for name in ("keygen", "address"):
        refused(2, name, says="takes one file")
        refused(2, name, "a", "b", says="takes one file")
    refused(2, "balance", "http://localhost:1", says="takes a node's URL and a key")
    refused(2, "balance", "http://localhost:1", "5" * 63, says="KEY takes 64")
    both = ["--network", DEV, "--key", "none"]
    refused(2, "sign", says="needs --network and --key")
    refused(2, "sign", *both, says="needs --nonce")
    refused(2, "sign", *both, "--nonce", "0", "file", says="takes no file")
    refused(2, "send", *both, says="takes one URL")
    refused(2, "send", *both, "--json", "http://localhost:1", says="json")
    for option in ("--amount", "--fee", "--nonce"):
        for value in ("", "-1", "x", "1.5", str(2 ** 64)):
            refused(2, "sign", *both, option, value, says=f"{option} takes a number")
    refused(2, "sign", *both, "--to", "12", says="--to takes 64")
    refused(2, "sign", *both, "--nonce", "0", "--payload", "a", "--payload-file", "b", says="not both")
    refused(2, "sign", "--network", "nowhere", "--key", "none", "--nonce", "0", says="nowhere")
    refused(2, "sign", *both, "--nonce", "0", "--payload-file", "/nonexistent", says="No such file")
    refused(1, "sign", *both, "--nonce", "0", says="none: .*No such file")


def keys_in_files():
    with folder() as place:
        ann, bob = Key(place, "ann"), Key(place, "bob")
        for key in (ann, bob):
            check(re.fullmatch("[0-9a-f]{64}", key.address), key.address)
            mode = stat.S_IMODE(key.file.stat().st_mode)
            check(mode == 0o600 and key.file.stat().st_size == 120, f"{mode:o}")
            out = good("address", "--passphrase-file", key.passphrase_file, key.file)
            check(out == key.address + "\n", f"{out} is not {key.address}")
        check(ann.address != bob.address, "two keys are the same")
        before = ann.file.read_bytes()
        check(bytes.fromhex(ann.address) not in before, "the file tells whose it is")
        refused(1, "keygen", "--passphrase-file", ann.passphrase_file, ann.file, says="there already")
        check(ann.file.read_bytes() == before, "a key was overwritten")
        refused(1, "keygen", "--passphrase-file", ann.passphrase_file, place / "no" / "key",
                says="No such file")


def passphrase_files():
    with folder() as place:
        secret, key = place / "secret", place / "key"
        for text, says in (("", "empty"), ("\n", "empty"), ("\r\n", "empty"), ("a\nb", "more than one"),
                           ("a\n\n", "more than one"), ("x" * 1025, "at most 1024"),
                           ("x" * 5000, "at most 1024")):
            secret.write_text(text)
            refused(1, "keygen", "--passphrase-file", secret, key, says=says)
        refused(1, "keygen", "--passphrase-file", place / "none", key, says="No such file")
        refused(1, "keygen", "--passphrase-file", place, key, says="directory")
        refused(1, "keygen", key, says="no terminal.*--passphrase-file")
        check(not key.exists(), "there is a key")
        secret.write_text("ä " * 340 + "end\r\n")
        address = good("keygen", "--passphrase-file", secret, key)
        secret.write_text("ä " * 340 + "end")
        check(good("address", "--passphrase-file", secret, key) == address, "line ends count")


def wrong_passphrases_and_damaged_files():
    with folder() as place:
        ann = Key(place, "ann")
        whole = ann.file.read_bytes()
        other = place / "other"
        for text in (PASSPHRASE[:-1], PASSPHRASE + "x", PASSPHRASE.upper(), "x"):
            other.write_text(text)
            refused(1, "address", "--passphrase-file", other, ann.file,
                    says="ann.key: the passphrase is wrong, or the file was changed")
        damaged = place / "damaged"

        def opened(content, says):
            damaged.write_bytes(content)
            refused(1, "address", "--passphrase-file", ann.passphrase_file, damaged,
                    says="damaged: " + says)

        for at in (32, 48, 72, 88, 119):  # salt, nonce, tag, seed, last byte
            opened(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:], "the passphrase is wrong")
        opened(b"", "this is no file")
        opened(whole[:-1], "a sealed key has 120 bytes, this file 119")
        opened(whole + b"\0", "a sealed key has 120 bytes, this file 121")
        opened(b"x" + whole[1:], "this is no file")
        opened(whole[:8] + b"\2" + whole[9:], "version 2")
        opened(whole[:12] + b"\1" + whole[13:], "the key is sealed in no way")
        opened(whole[:16] + b"\0" + whole[17:], "the passes")
        opened(whole[:31] + b"\1" + whole[32:], "the memory")
        opened(b"x" * 10000, "this is no file")


class Terminal:
    """bcctl with a terminal of its own."""

    def __init__(self, *arguments):
        self.pid, self.side = pty.fork()
        if self.pid == 0:
            os.execv(BCCTL, [str(part) for part in (BCCTL, *arguments)])
        self.text = ""

    def reads(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            check(time.monotonic() < end, f"no {pattern!r} but {self.text!r}")
            if select.select([self.side], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self.side, 4096).decode()
                except OSError:  # the program ended
                    break
        check(re.search(pattern, self.text), f"no {pattern!r} but {self.text!r}")

    def types(self, text):
        os.write(self.side, text.encode())

    def ends(self):
        """The exit status, or a negative signal."""
        with contextlib.suppress(OSError):
            while piece := os.read(self.side, 4096):
                self.text += piece.decode()
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.side)
        return os.waitstatus_to_exitcode(status)


def passphrases_typed_on_a_terminal():
    with folder() as place:
        key = place / "key"
        terminal = Terminal("keygen", key)
        terminal.reads("New passphrase of .*key: $")
        terminal.types("open sesame\n")
        terminal.reads("The same again: $")
        terminal.types("open sesame\n")
        check(terminal.ends() == 0, terminal.text)
        check("sesame" not in terminal.text, f"it is shown: {terminal.text}")
        address = re.search("[0-9a-f]{64}", terminal.text)[0]

        for typed, expected in (("open sesame\n", 0), ("open sesamE\n", 1), ("\n", 1)):
            terminal = Terminal("address", key)
            terminal.reads("Passphrase of .*key: $")
            terminal.types(typed)
            check(terminal.ends() == expected, terminal.text)
            check((address in terminal.text) == (expected == 0), terminal.text)

        terminal = Terminal("keygen", place / "other")
        terminal.reads("New passphrase")
        terminal.types("one\n")
        terminal.reads("again: $")
        terminal.types("two\n")
        check(terminal.ends() == 1 and "not the same" in terminal.text, terminal.text)

        terminal = Terminal("keygen", place / "other")
        terminal.reads("New passphrase")
        terminal.types("half\x03")
        check(terminal.ends() == -signal.SIGINT, terminal.text)
        check(not (place / "other").exists(), "there is a key")


def signs_what_is_asked():
    with folder() as place:
        ann = Key(place, "ann")
        file = place / "payload"
        file.write_bytes(bytes(range(256)))
        cases = (
            (dict(nonce=0), [], b""),
            (dict(nonce=2 ** 64 - 2, amount=2 ** 63, fee=5), ["--payload", "grüße"], "grüße".encode()),
            (dict(nonce=7, to=None, amount=0), ["--payload-file", file], bytes(range(256))),
        )
        for fields, more, payload in cases:
            view = json.loads(ann.sign(DEV, more=["--json", *more], **fields))
            expected = {"to": SOMEBODY, "amount": 1, "fee": 0, **fields}
            check(view["kind"] == "signed" and view["sender"] == ann.address
                  and view["recipient"] == (expected["to"] or NOBODY)
                  and view["payload"] == payload.hex(), f"{view}")
            for name in ("nonce", "amount", "fee"):
                check(int(view[name]) == expected[name], f"{name}: {view}")
            check(ann.sign(DEV, more=more, **fields) == encode_tx(view).hex(), "digits and JSON differ")
        out = good("sign", "--network", DEV, *ann.options, "--nonce", "0", "--payload-file", "-",
                   text=b"from a pipe")
        check(b"from a pipe".hex() in out, out)

        fees = network_file(place, "fees", minimum_fee=3, payload_bytes=50)
        arguments = ["sign", "--network", fees, *ann.options, "--nonce", "0"]
        view = json.loads(good(*arguments, "--json", "--payload", "12345"))
        check(view["fee"] == 3 * 165, f"{view}")
        refused(1, *arguments, "--fee", "479", says="fee")
        refused(1, *arguments, "--amount", "1", says="nobody|recipient")
        refused(1, *arguments, "--payload", "x" * 51, says="payload")
        refused(1, *arguments, "--to", SOMEBODY, "--fee", "500", "--amount", str(2 ** 64 - 1), says="together pass")
        refused(1, "sign", "--network", fees, *ann.options, "--nonce", str(2 ** 64 - 1), says="nonce")
        refused(1, "sign", "--network", "tutorial", *ann.options, "--nonce", "0", says="sign: ")


def sends_and_asks():
    with nodes_and_keys("ann", "bob") as (nodes, ann, bob):
        node = nodes.bcnode(*ann.options, network=DEV)
        node.mine()
        arguments = ["send", "--network", DEV, *ann.options]
        ids = [good(*arguments, "--to", bob.address, "--amount", amount, url).strip()
               for amount, url in ((10, node.url), (20, node.url + "/"), (30, node.peer))]
        waiting = node.get(f"/transactions/{ids[2]}").json()["transaction"]
        check(waiting["nonce"] == 2 and waiting["amount"] == 30, f"{waiting}")
        check(good("balance", node.url, bob.address) ==
              "balance     0\nnonce       0\nnext nonce  0\n", "bob before the block")
        node.mine()
        check(good("balance", node.url, bob.address.upper()) ==
              "balance     60\nnonce       0\nnext nonce  0\n", "bob behind the block")
        out = good("balance", node.peer, ann.address)
        check(out.endswith("nonce       3\nnext nonce  3\n"), out)
        record = good(*arguments, "--payload", "only a note", node.url).strip()
        check(node.get(f"/transactions/{record}").json()["waiting"], "the record does not wait")

        refused(1, *arguments, "--nonce", "9", node.url, says="the node says: .*next one is 4")
        refused(1, *arguments, "--to", bob.address, "--amount", str(2 ** 40), node.url,
                says="the node says: .*balance of")
        refused(1, "send", "--network", "ledger", *ann.options, node.url, says="another network.*its id is")
        refused(1, *arguments, "http://127.0.0.1:9", says="http://127.0.0.1:9: .*onnect")
        refused(1, *arguments, "ftp://127.0.0.1", says="rotocol")
        tutorial = nodes.bcnode()
        refused(1, *arguments, tutorial.url, says="another network")
        refused(1, "balance", tutorial.url, bob.address, says="the node says: these rules have no accounts")
        check(node.stop() == 0, "the node did not end well")
        refused(1, "balance", node.url, bob.address, says="onnect")


class Strange(http.server.BaseHTTPRequestHandler):
    """Answers that no node gives."""

    ANSWERS = {"text": (200, b"hello"), "list": (200, b"[]"), "empty": (200, b""),
               "object": (200, b"{}"), "negative": (200, b'{"balance":-1,"nonce":0,"next_nonce":0}'),
               "float": (200, b'{"balance":1.5,"nonce":0,"next_nonce":0}'),
               "escapes": (500, b'{"error":"\\u001b[31mred"}'), "moved": (302, b"{}"),
               "large": (200, b" " * (17 * 1024 * 1024))}

    def do_GET(self):
        code, body = self.ANSWERS[self.path.split("/")[1]]
        self.send_response(code)
        self.send_header("Location", "/object")
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def answers_that_are_strange():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}/"
            for name, says in (("text", "no JSON object"), ("list", "no JSON object"),
                               ("empty", "no JSON object"), ("object", "does not tell"),
                               ("negative", "does not tell"), ("float", "does not tell"),
                               ("escapes", r"the node says:  \[31mred"), ("moved", "status 302"),
                               ("large", "larger than 16777216")):
                refused(1, "balance", url + name, SOMEBODY, says=says)
        finally:
            server.shutdown()
            thread.join()


def mines_and_verifies_folders():
    with nodes_and_keys("ann") as (nodes, ann):
        single = network_file(nodes.folder, "single", authorities=[ann.address])
        for network in (DEV, single):
            data = nodes.folder / f"data-{pathlib.Path(network).name}"
            node = nodes.bcnode(network=network, data=data)
            check(node.stop() == 0, "the node did not end well")
            place = ["--network", network, "--data", data]
            if network == DEV:
                refused(1, "mine", *place, says="neither a recipient nor a signer")
                refused(1, "mine", *place, "--recipient", "ann", says="64 hexadecimal digits")
                out = good("mine", *place, "--recipient", SOMEBODY, "--blocks", "2", "--threads", "2")
                out += good("mine", *place, *ann.options)
            else:
                refused(1, "mine", *place, says="no signer was given")
                refused(1, "mine", *place, *ann.options, says="no block has come from elsewhere")
                out = good("mine", *place, *ann.options, "--alone", "--blocks", "3")
            lines = re.findall(r"^height (\d)  id ([0-9a-f]{64})", out, re.M)
            check([int(height) for height, _ in lines] == [1, 2, 3], out)
            check(good("verify", *place) == f"valid: 4 blocks, tip {lines[2][1]}\n", "verify")
            shown = [json.loads(line) for line in good("show", *place, "--json").splitlines()]
            check([block["id"] for block in shown[1:]] == [i for _, i in lines], "show --json")
            text = good("show", *place, "--from", "3")
            check(lines[2][1] in text and "block 3\n" in text, text)
        out = good("mine", "--network", single, *ann.options, "--blocks", "2")
        check(out.count("height ") == 2, out)
        refused(1, "mine", "--network", "tutorial", *ann.options, says="--key and --alone are for ledgers")
        refused(2, "verify", "--network", DEV, "-", text=b"[]", says="whole chains|standard input")


WRAPPER = """#!/bin/sh
command=$1
shift
case $command in
keygen | address | send) exec "{bcctl}" "$command" --passphrase-file "{secret}" "$@" ;;
*) exec "{bcctl}" "$command" "$@" ;;
esac
"""


def commands_of_the_readme():
    """The section "A ledger in five minutes", but that nobody types the passphrase."""
    page = pathlib.Path(__file__).resolve().parents[2].joinpath("README.md").read_text(encoding="utf-8")
    section = page.split("\n## A ledger in five minutes\n")[1].split("\n## ")[0]
    first, second = re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)
    first, _, node_options = first.partition("bcnode --network ledger-dev ")
    first = re.sub("^PATH=.*\n", "", first)
    with Nodes() as nodes:
        secret = nodes.folder / "secret"
        secret.write_text(PASSPHRASE)
        wrapper = nodes.folder / "bin" / "bcctl"
        wrapper.parent.mkdir()
        wrapper.write_text(WRAPPER.format(bcctl=BCCTL, secret=secret))
        wrapper.chmod(0o700)
        environment = dict(os.environ, PATH=f"{wrapper.parent}:{os.environ['PATH']}")

        def shell(text):
            status, out, err = run(["sh", "-euc", text], folder=nodes.folder, environment=environment)
            check(status == 0, f"{text}: {status} {out}{err}")
            return out

        check(len(shell(first).split()) == 2, "not two addresses")
        check(node_options.strip() == "--key ann.key", node_options)
        node = nodes.bcnode("--key", nodes.folder / "ann.key", "--passphrase-file", secret, network=DEV)
        check(second.count("http://127.0.0.1:5000") == 1, "the URL")
        out = shell(second.replace("http://127.0.0.1:5000", node.url))
        check("balance     100\n" in out and "valid: a transaction" in out
              and b"for the book".hex() in out, out)


if __name__ == "__main__":
    sys.exit(main([help_and_bad_command_lines, keys_in_files, passphrase_files,
                   wrong_passphrases_and_damaged_files, passphrases_typed_on_a_terminal,
                   signs_what_is_asked, sends_and_asks, answers_that_are_strange,
                   mines_and_verifies_folders, commands_of_the_readme]))
