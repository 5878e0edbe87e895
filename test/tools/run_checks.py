#!/usr/bin/python3
"""Shows that the checks in tools/ find what they are there to find: each gets a small tree that is
right, then one with a fault, and the runner gets suites that pass, fail, skip and hang."""
import os
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
RIGHT = {
    "include/bc/bc.h": "#include <stdint.h>\n",
    "lib/bytes.h": "#include <stddef.h>\n",
    "src/rules/tutorial.h": "enum { BC_RULES_TUTORIAL };\n",
    "src/base/error.h": "#include <bc/bc.h>\n#include \"lib/bytes.h\"\n/* the tutorial's */\n",
    "src/chain/tree.c": '#include "tree.h"\n#include "src/base/error.h"\n// a ledger\n',
    "src/chain/tree.h": "",
    "src/adapters/http/http.c": '#include <bc/bc.h>\n#include "client.h"\n',
    "src/adapters/http/client.h": "",
    "examples/common/options.h": "",
    "examples/bcnode/main.c": '#include <bc/bc.h>\n#include "examples/common/options.h"\n',
}


def run_tool(tool, files, *arguments, environment=None):
    """Runs tools/TOOL in a folder that holds the files; returns (exit status, output)."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            full = os.path.join(folder, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([sys.executable, os.path.join(ROOT, "tools", tool), *arguments], cwd=folder,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, **(environment or {})})
        return done.returncode, done.stdout


class Layers(unittest.TestCase):
    def test_right_tree_passes(self):
        self.assertEqual(run_tool("check-layers.py", RIGHT), (0, ""))

    def test_empty_tree_fails(self):
        self.assertEqual(run_tool("check-layers.py", {})[0], 1)

    def test_wrong_includes_are_found(self):
        for path, line, found in (
            ("src/base/up.c", '#include "src/chain/tree.h"', "src/base may not include src/chain/tree.h"),
            ("src/base/up.c", '#include "../chain/tree.h"', "src/base may not include src/chain/tree.h"),
            ("lib/up.c", "#include <bc/bc.h>", "lib may not include include/bc/bc.h"),
            ("lib/up.c", '#  include "src/base/error.h"', "lib may not include src/base/error.h"),
            ("src/adapters/http/deep.c", '#include "src/base/error.h"', "may not include src/base/error.h"),
            ("src/adapters/http/deep.c", '#include "lib/bytes.h"', "may not include lib/bytes.h"),
            ("examples/bcnode/deep.c", '#include "lib/bytes.h"', "may not include lib/bytes.h"),
            ("include/bc/more.h", '#include "lib/bytes.h"', "include may not include lib/bytes.h"),
            ("src/base/gone.c", '#include "nowhere.h"', "may not include nowhere.h"),
            ("src/other/new.c", "", "in no room"),
        ):
            with self.subTest(path=path, line=line):
                status, output = run_tool("check-layers.py", {**RIGHT, path: line + "\n"})
                self.assertEqual(status, 1)
                self.assertIn(found, output)

    def test_rule_set_names_are_found(self):
        for line in ('const char *n = "tutorial";', "if (rules == BC_RULES_LEDGER) {}", 'char *s = "/*"; int ledger;'):
            with self.subTest(line=line):
                status, output = run_tool("check-layers.py", {**RIGHT, "src/chain/n.c": "/* one */\n" + line + "\n"})
                self.assertEqual(status, 1)
                self.assertIn("src/chain/n.c:2: names a rule set", output)


class Sizes(unittest.TestCase):
    @staticmethod
    def function(lines):
        return "int f(void)\n{\n" + "    x();\n" * (lines - 2) + "}\n"

    def test_bounds(self):
        for files, status in (
            ({"lib/a.c": self.function(70)}, 0),
            ({"lib/a.c": self.function(71)}, 1),
            ({"src/base/a.c": "\n" * 800}, 0),
            ({"test/lib/a.c": "\n" * 801}, 1),
            ({"include/bc/bc.h": "\n" * 801}, 1),  # nothing was checked
        ):
            with self.subTest(files=list(files)):
                self.assertEqual(run_tool("check-sizes.py", files)[0], status)


class Docs(unittest.TestCase):
    def test_console_blocks_are_run(self):
        for block, found in (
            ("$ echo one\none\n$ printf 'two\\nthree\\n'\ntwo\nthree\n", None),
            ("$ true\n", None),
            ("$ echo one\ntwo\n", "docs/a.md: `echo one` ends with 0 and prints\none"),
            ("$ echo one\n", "docs/a.md: `echo one` ends with 0"),
            ("$ echo one\none\n$ false\n", "docs/a.md: `false` ends with 1"),
            ("one\n", "docs/a.md: a console block begins with no `$ `"),
        ):
            with self.subTest(block=block):
                files = {**RIGHT, "Makefile": "", "docs/a.md": f"# A\n\n```console\n{block}```\n"}
                status, output = run_tool("check-docs.py", files)
                self.assertEqual(status, 0 if found is None else 1, output)
                self.assertIn(found or "1 pages, 0 blocks compiled, 1 run", output)


class Runner(unittest.TestCase):
    def run_suites(self, *arguments):
        status, output = run_tool("run-tests.py", {}, *arguments)
        return status, output, output.splitlines()[-1]

    def test_counts(self):
        status, _, last = self.run_suites("a: exit 0", "b: exit 0", "--serial", "c: exit 77")
        self.assertEqual((status, last), (0, "2 passed, 0 failed, 1 skipped"))

    def test_failure_is_shown_whole(self):
        status, output, last = self.run_suites("--jobs", "2", "a: echo first; echo second >&2; exit 3", "b: true")
        self.assertEqual((status, last), (1, "1 passed, 1 failed"))
        self.assertIn("first\nsecond\n", output)
        self.assertIn("status 3", output)

    def test_death_by_signal_is_a_failure(self):
        self.assertEqual(self.run_suites("a: kill -9 $$")[2], "0 passed, 1 failed")

    def test_hanging_suite_ends_with_its_children(self):
        status, output, last = self.run_suites("--timeout", "0.2", "a: sleep 600 & wait")
        self.assertEqual((status, last), (1, "0 passed, 1 failed"))
        self.assertIn("more than 0.2 seconds", output)

    def test_process_left_behind_does_not_hold_up(self):
        start = time.monotonic()
        self.assertEqual(self.run_suites("a: sleep 600 &")[2], "1 passed, 0 failed")
        self.assertLess(time.monotonic() - start, 60)

    def test_no_suite_fails(self):
        self.assertEqual(self.run_suites()[::2], (1, "0 passed, 0 failed"))
        self.assertEqual(self.run_suites("a: exit 77")[::2], (1, "0 passed, 0 failed, 1 skipped"))


if __name__ == "__main__":
    unittest.main()
