"""Gives the same blocks to `bcctl replay` and to the model, and says where they differ."""
import itertools
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))
# pylint: disable=wrong-import-position
from nodes import BCCTL, Failure

SECONDS = 60
SEED = os.environ.get("BC_TEST_SEED", "1")
SCALE = int(os.environ.get("BC_TEST_SCALE", "100"))


class Replay:
    """One program, started once for each chain."""

    def __init__(self, folder, program=None):
        self.command = [*(program or [str(BCCTL), "replay", "--network"])]
        self.network_path = pathlib.Path(folder, "network.json")

    def answers(self, network, text):
        self.network_path.write_bytes(network.canonical)
        result = subprocess.run([*self.command, str(self.network_path)], input=text.encode(), check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
        if result.returncode != 0:
            raise Failure(f"{self.command[0]} ended with {result.returncode}: "
                          f"{result.stderr.decode(errors='replace')[-2000:]}")
        return result.stdout.decode().splitlines()

    def compare(self, network, text, expected, preamble=""):
        """Failure with the first line that differs, if one does. The preamble is not answered. What is
        expected may be a function, which says of a line what it should have been."""
        found = self.answers(network, preamble + text)
        expected = [want(found[number] if number < len(found) else "") if callable(want) else want
                    for number, want in enumerate(expected)]
        if found == expected:
            return
        number = next((at for at, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]),
                      min(len(found), len(expected)))
        given = text.splitlines()
        raise Failure("\n".join((
            f"line {number + 1} of {len(given)} differs",
            f"  given:    {given[number][:400] if number < len(given) else '(the end)'}",
            f"  model:    {expected[number] if number < len(expected) else '(nothing)'}",
            f"  program:  {found[number] if number < len(found) else '(nothing)'}",
            f"  words:    {different_words(expected[number:number + 1], found[number:number + 1])}",
            f"  before:   {expected[number - 1] if number else '(the beginning)'}")))


def different_words(expected, found):
    """Of two lines, in lists that may be empty: number, what the model and what the program says."""
    pairs = itertools.zip_longest(*(" ".join(line).split() for line in (expected, found)))
    return [(number, *pair) for number, pair in enumerate(pairs) if pair[0] != pair[1]][:4]
