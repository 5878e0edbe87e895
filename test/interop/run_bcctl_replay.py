#!/usr/bin/python3
"""bcctl replay at its edges: bad lines, bad command lines, nothing at all. What it says of blocks is
compared with the model by test/sim/run_ledger_histories.py."""
import re
import sys
import tempfile

from nodes import BCCTL, check, main, run

GENESIS_LINE = re.compile(r"invalid framing - 0 [0-9a-f]{64} [0-9a-f]+\n")


def replay(*arguments, text=b""):
    return run([BCCTL, "replay", *arguments], text=text)


def refused(status, arguments, says, text=b""):
    found, out, err = replay(*arguments, text=text)
    check(found == status and re.search(says, err), f"{arguments}: {found} {out}{err}")
    return out


def nothing_gives_nothing():
    check(replay("--network", "ledger-dev") == (0, "", ""), "no line, no answer")


def what_is_no_block_is_framing():
    for data in ("00", "01" * 200, "00" * 97):
        status, out, err = replay("--network", "ledger-dev", text=f"5 {data}\n".encode())
        check(status == 0 and GENESIS_LINE.fullmatch(out), f"{data}: {status} {out}{err}")


def a_file_is_read_as_standard_input_is():
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("0 00\n9007199254740992 0000\n")
        file.flush()
        status, out, err = replay("-n", "ledger", file.name)
        check(status == 0 and len(out.splitlines()) == 2, f"{status} {out}{err}")


def bad_lines_are_named():
    for line in ("", " ", "5", "5 ", "x 00", "-1 00", "5 0", "5 zz", "5 00 00", "9007199254740993 00",
                 "18446744073709551616 00", "5  00"):
        out = refused(2, ["-n", "ledger-dev"], "standard input: line 2 is not NOW_MS BLOCK_HEX",
                      text=f"5 00\n{line}\n".encode())
        check(GENESIS_LINE.fullmatch(out), f"{line!r}: {out}")


def bad_command_lines():
    refused(2, [], "replay takes --network")
    refused(2, ["-n", "ledger-dev", "a", "b"], "at most one file")
    refused(2, ["-n", "nowhere"], 'there is no network "nowhere"')
    refused(2, ["-n", "/no/such.json"], "such.json")
    refused(2, ["-n", "ledger-dev", "/no/such"], "/no/such: No such file")
    refused(2, ["--strange"], "Try 'bcctl replay --help'")
    status, out, _ = replay("--help")
    check(status == 0 and out.startswith("Usage: bcctl replay"), out)


if __name__ == "__main__":
    sys.exit(main([nothing_gives_nothing, what_is_no_block_is_framing, a_file_is_read_as_standard_input_is,
                   bad_lines_are_named, bad_command_lines]))
