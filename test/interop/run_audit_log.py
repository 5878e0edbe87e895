#!/usr/bin/python3
"""audit_log: what is recorded is proved to somebody who has a header alone, and nothing else is."""
import hashlib
import json
import os
import pathlib
import random
import re
import shlex
import shutil
import sys
import tempfile

from nodes import BCCTL, BUILD, ROOT, check, main, run

AUDIT_LOG = BUILD / "bin" / "audit_log"
RANDOM = random.Random(int(os.environ.get("BC_TEST_SEED", "1")))
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def audit_log(*arguments, folder):
    return run([AUDIT_LOG, *arguments], folder=folder)


def good(*arguments, folder):
    status, out, err = audit_log(*arguments, folder=folder)
    check(status == 0 and not err, f"{arguments}: {status} {out}{err}")
    return out


def refused(status, *arguments, folder, says):
    found, out, err = audit_log(*arguments, folder=folder)
    check(found == status and not out and re.search(says, err), f"{arguments}: {found} {out}{err}")


def invalid(*arguments, folder, says="^invalid: "):
    found, out, err = audit_log("verify", *arguments, folder=folder)
    check(found == 1 and not err and re.search(says, out), f"{arguments}: {found} {out}{err}")


def cheap_key(path, passphrase):
    status, out, err = run([BUILD / "test" / "interop" / "cheap_key", path, passphrase])
    check(status == 0, out + err)


class Desk:
    """A folder with a passphrase, files and a log."""

    def __init__(self, **files):
        self.files = files

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bc-test-"))
        (self.folder / "pass").write_text("a passphrase\n")
        for name, text in self.files.items():
            self.write(name, text)
        (self.folder / "log").mkdir()
        cheap_key(self.folder / "log/key", "a passphrase")
        self("init", "-p", "pass", "log")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def __call__(self, *arguments):
        return good(*arguments, folder=self.folder)

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def append(self, *arguments):
        return self("append", "-p", "pass", *arguments)

    def refused(self, status, *arguments, says):
        refused(status, *arguments, folder=self.folder, says=says)

    def shown(self):
        return self("show", "log").splitlines()


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def proofs_hold_far_from_the_log():
    with Desk(plan="the plan", bill="the bill", third="") as desk, tempfile.TemporaryDirectory() as away:
        out = desk.append("--note", "for the record: ä", "log", "plan", "bill")
        lines = [f"1  {TIME}  {sha256(text)}  {name}  for the record: ä\n"
                 for name, text in (("plan", "the plan"), ("bill", "the bill"))]
        check(re.fullmatch("".join(lines), out), out)
        early = desk("prove", "log", "plan")  # in its own block
        for suffix in ("proof", "header"):
            os.rename(desk.folder / f"plan.{suffix}", desk.folder / f"early.{suffix}")
        out = desk.append("log", "third")
        check(re.fullmatch(f"2  {TIME}  {sha256('')}  third\n", out), out)
        later = desk("prove", "--output", "later", "log", "plan")
        for name in ("plan", "early.proof", "early.header", "later.proof", "later.header"):
            shutil.copy(desk.folder / name, away)
        key = re.search('authorities": \\[\\s*"(.*?)"', (desk.folder / "log/network.json").read_text()).group(1)
        shutil.copy(desk.folder / "log/network.json", away)
        for name, printed, height in (("early", early, 1), ("later", later, 2)):
            header = pathlib.Path(away, f"{name}.header").read_bytes()
            header_id = hashlib.sha256(header).hexdigest()
            check(len(header) == 96 and f"header {height}, {header_id}\n" in printed, printed)
            for trusted in (f"{name}.header", header_id):
                for network in ([], ["--network", "network.json"]):
                    out = good("verify", *network, f"{name}.proof", trusted, "plan", folder=away)
                    check(re.fullmatch(
                        "valid: the file was recorded\n"
                        f"  sha256   {sha256('the plan')}\n  size     8\n  name     plan\n"
                        f"  note     for the record: ä\n  written  {TIME}\n  by       {key}\n"
                        f"  block    1 of {TIME}\n  under    header {height}, {header_id}\n"
                        f"  seals    {'checked' if network else 'not checked'}\n", out), out)
            status, out, err = run([BCCTL, "verify-proof", "--header-id", header_id,
                                    pathlib.Path(away, f"{name}.proof")])
            check(status == 0, out + err)
        check(len((pathlib.Path(away) / "later.proof").read_bytes()) < 2048, "it is larger than it should be")


def an_old_header_is_enough():
    with Desk(a="a", b="b") as desk:
        desk.append("log", "a")
        desk("prove", "log", "a")
        kept = (desk.folder / "a.header").read_bytes()
        desk.append("log", "b")
        desk.append("--note", "once more", "log", "a")
        desk.append("log", "pass")
        for height in range(1, 5):
            out = desk("prove", "--under", str(height), "log", "a")
            check(out.startswith("1  ") and f" header {height}, " in out, out)  # the first of its records
            desk("verify", "a.proof", "a.header", "a")
            check(((desk.folder / "a.header").read_bytes() == kept) == (height == 1), f"header {height}")
        desk.refused(1, "prove", "--under", "1", "log", "b", says="does not know the file yet")
        desk.refused(1, "prove", "--under", "5", "log", "b", says="log: ")
        for number in ("0", "x", "-1"):
            desk.refused(2, "prove", "--under", number, "log", "b", says="a number from 1")
        desk.write("b", "another b")
        desk.refused(1, "prove", "log", "b", says="no record of a file with the hash " + sha256("another b"))


def what_was_changed_is_refused():
    with Desk(a="a", b="b") as desk:
        desk.append("log", "a", "b")
        desk.append("log", "pass")
        desk("prove", "log", "a")
        proof = (desk.folder / "a.proof").read_bytes()
        header = (desk.folder / "a.header").read_bytes()
        network = ["--network", "log/network.json"]
        desk("verify", *network, "a.proof", "a.header", "a")
        for at in sorted(RANDOM.sample(range(len(proof) * 8), 60)):
            changed = bytearray(proof)
            changed[at // 8] ^= 1 << at % 8
            (desk.folder / "bad").write_bytes(changed)
            invalid(*network, "bad", "a.header", "a", folder=desk.folder)
        for changed in (proof[:-1], proof + b"\0", b"", proof[:100]):
            (desk.folder / "bad").write_bytes(changed)
            invalid("bad", "a.header", "a", folder=desk.folder)
        for at in range(0, 96 * 8, 7):
            changed = bytearray(header)
            changed[at // 8] ^= 1 << at % 8
            (desk.folder / "bad").write_bytes(changed)
            invalid("a.proof", "bad", "a", folder=desk.folder)
        invalid("a.proof", "00" * 32, "a", folder=desk.folder)
        invalid("a.proof", "a.header", "b", folder=desk.folder, says="another file")
        desk.write("a", "b")
        invalid("a.proof", "a.header", "a", folder=desk.folder, says="another file")
        desk.write("a", "a")
        # The bytes of seals are looked at with the network alone: behind the 96 of the first header.
        (desk.folder / "bad").write_bytes(proof[:2 + 97] + bytes([proof[2 + 97] ^ 1]) + proof[2 + 98:])
        desk("verify", "bad", "a.header", "a")
        invalid(*network, "bad", "a.header", "a", folder=desk.folder)
        desk("init", "-p", "pass", "-k", "log/key", "-N", "other", "other")
        invalid("--network", "other/network.json", "a.proof", "a.header", "a", folder=desk.folder)
        desk.refused(2, "verify", "--network", "tutorial", "a.proof", "a.header", "a", says="no Merkle proofs")
        for size in (0, 95, 97):
            (desk.folder / "bad").write_bytes(bytes(size))
            desk.refused(2, "verify", "a.proof", "bad", "a", says="a header has 96 bytes")


def only_records_are_shown_as_such():
    """A proof of a block's reward, or of a block, holds, and is no record of a file."""
    with Desk(a="a") as desk:
        desk.append("log", "a")
        desk.append("log", "pass")
        log = ["--network", "log/network.json", "--data", "log"]
        status, out, err = run([BCCTL, "show", "--json", *log], folder=desk.folder)
        check(status == 0, out + err)
        reward = json.loads(out.splitlines()[1])["transactions"][0]
        check(reward["kind"] == "reward", f"{reward}")
        desk("prove", "log", "a")
        for shown in (["--tx", reward["id"], "--later", "tip"], ["--block", "1"]):
            status, out, err = run([BCCTL, "prove", *log, *shown, "--output", "proof"], folder=desk.folder)
            check(status == 0, out + err)
            invalid("proof", "a.header", "a", folder=desk.folder, says="no record of a file")
            (desk.folder / "proof").unlink()


def nothing_is_recorded_by_halves():
    with Desk(a="a", **{f"f{number}": str(number) for number in range(201)}) as desk:
        names = [f"f{number}" for number in range(201)]
        desk.refused(2, "append", "-p", "pass", "log", "a", "missing", says="missing: cannot open it: No such file")
        desk.refused(2, "append", "-p", "pass", "-m", "two\nlines", "log", "a", says="control character")
        desk.refused(2, "append", "-p", "pass", "-m", "\x1b[2J", "log", "a", says="control character")
        desk.refused(2, "append", "-p", "pass", "-m", "n" * 1025, "log", "a", says="at most 255 bytes, a note 1024")
        desk.refused(2, "append", "-p", "pass", "log", "log", says="log: cannot read it")
        check(desk.shown() == [], "something was recorded")
        desk.append("-m", "n" * 1024, "log", *names)
        lines = [line.split() for line in desk.shown()]
        check([line[3] for line in lines] == names, "not all files in their order")
        check([line[0] for line in lines] == ["1"] * 200 + ["2"], "not in blocks of 200")
        check(all(line[2] == sha256(line[3][1:]) and len(line[4]) == 1024 for line in lines), "wrong lines")


def keys_are_needed_and_kept():
    with Desk(a="a") as desk:
        desk.write("wrong", "another passphrase")
        desk.refused(1, "append", "-p", "wrong", "log", "a", says="passphrase")
        cheap_key(desk.folder / "mine", "another passphrase")
        before = (desk.folder / "mine").read_bytes()
        mine = ["-p", "wrong", "-k", "mine"]
        desk("init", *mine, "--name", "another log", "other")
        check(not (desk.folder / "other/key").exists(), "the key is where it was not asked for")
        desk.refused(1, "append", *mine, "log", "a", says="none of the network's")
        check(desk.shown() == [], "somebody else has written")
        desk("append", *mine, "other", "a")
        check((desk.folder / "mine").read_bytes() == before, "the key was changed")
        desk.refused(1, "init", *mine, "other", says="there is a log already")
        for name, says in (('"', 'no "'), ("n" * 65, "name"), ("n" * 1024, "too long"), ("", "name")):
            desk.refused(1, "init", *mine, "-N", name, "third", says=says)
        desk("init", *mine, "third")
        (desk.folder / "log/key").unlink()
        desk.refused(1, "append", "-p", "pass", "log", "a", says="key")


def init_makes_a_key():
    with Desk(a="a") as desk:
        desk("init", "-p", "pass", "other")
        check((desk.folder / "other/key").stat().st_mode & 0o777 == 0o600, "others can read the key")
        desk("append", "-p", "pass", "other", "a")


def damage_is_noticed():
    with Desk(a="a") as desk:
        desk.append("-m", "remember the seventh", "log", "a")
        store = desk.folder / "log/chain.sqlite"
        whole = store.read_bytes()
        at = whole.index(b"remember the seventh")
        store.write_bytes(whole[:at + 13] + b"e" + whole[at + 14:])
        desk.refused(1, "show", "log", says="log: ")
        desk.refused(1, "prove", "log", "a", says="log: ")
        store.write_bytes(whole[:len(whole) // 2])
        desk.refused(1, "show", "log", says="log: ")
        store.write_bytes(b"")
        store.unlink()
        desk.refused(1, "show", "log", says="there is no chain")
        desk.refused(1, "append", "-p", "pass", "log", "a", says="there is no chain")
        store.write_bytes(whole)
        check(len(desk.shown()) == 1, "it is not whole again")
        network = desk.folder / "log/network.json"
        text = network.read_text()
        network.write_text(text.replace("audit log", "another"))
        desk.refused(1, "show", "log", says="network")
        network.unlink()
        desk.refused(1, "show", "log", says="network.json")


def the_readme_is_right():
    """Its commands, with a file for the passphrase where they would ask."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## A log that nobody rewrites unseen\n")[1]
    commands, printed = re.search("```sh\n(.*?)```.*?```text\n(.*?)```", text, re.S).groups()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "pass").write_text("a passphrase")
        (folder / "my-log").mkdir()
        cheap_key(folder / "my-log/key", "a passphrase")
        for file in ("README.md", "LICENSE"):
            shutil.copy(ROOT / file, folder)
        out = ""
        for line in commands.splitlines():
            program, command, *arguments = shlex.split(line)
            check(program == "build/bin/audit_log", line)
            ask = ["-p", "pass"] if command in ("init", "append") else []
            out = good(command, *ask, *arguments, folder=folder)
        labels = [line.split()[0] for line in out.splitlines()]
        for line in printed.splitlines():
            check(line.split()[0] in labels + ["…"], f"{line} is not printed")


def bad_command_lines():
    with tempfile.TemporaryDirectory() as folder:
        for arguments, says in (([], "a command is needed"), (["dance"], "a command is needed"),
                                (["show"], "more arguments"), (["show", "a", "b"], "fewer arguments"),
                                (["append", "log"], "more arguments"), (["verify", "a", "b"], "more arguments"),
                                (["show", "--note", "x", "log"], "no option -m"), (["show", "--dance"], "dance"),
                                (["append", "log", "a", "--note"], "note"),
                                (["verify", "nowhere", "00" * 32, "a"], "nowhere: cannot open"),
                                (["prove", "log", "nowhere"], "nowhere: cannot open")):
            refused(2, *arguments, folder=folder, says=says)
        refused(1, "show", "nowhere", folder=folder, says="nowhere")
        refused(1, "init", "-p", "nowhere", "log", folder=folder, says="nowhere")
        for arguments in (["--help"], ["verify", "--help"]):
            check(good(*arguments, folder=folder).startswith("Usage: audit_log"), "no help")
        check(re.fullmatch(r"audit_log \d+\.\d+\.\d+\n", good("--version", folder=folder)), "no version")


if __name__ == "__main__":
    sys.exit(main([
        proofs_hold_far_from_the_log,
        an_old_header_is_enough,
        what_was_changed_is_refused,
        only_records_are_shown_as_such,
        nothing_is_recorded_by_halves,
        keys_are_needed_and_kept,
        init_makes_a_key,
        damage_is_noticed,
        the_readme_is_right,
        bad_command_lines,
    ]))
