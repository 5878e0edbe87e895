#!/usr/bin/python3
"""Runs test suites, one line a suite, and closes with `N passed, N failed`.

A suite is a program (build/test/lib/test_bytes), a script (test/interop/run_peers.py), or a shell
command with a name before it ('layers: tools/check-layers.py'). Exit status 0 is a pass, 77 a skip,
anything else a failure, whose whole output is shown. Suites before --serial may run side by side,
those after it run alone. No suite run is a failure too.
"""
import argparse
import concurrent.futures
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77


class Suite:
    def __init__(self, text, build, wrapper):
        named = re.match(r"([\w./-]+): (.+)", text, re.S)
        if named:
            self.name, self.command = named[1], ["sh", "-c", named[2]]
        else:
            self.name = os.path.splitext(os.path.relpath(text, build))[0] if in_folder(text, build) \
                else os.path.splitext(text)[0]
            self.command = interpreter(text) + [text]
            if in_folder(text, build):
                self.command = wrapper + self.command


def in_folder(path, folder):
    return os.path.abspath(path).startswith(os.path.abspath(folder) + os.sep)


def interpreter(path):
    if path.endswith(".py"):
        return [sys.executable]
    return ["bash"] if path.endswith(".sh") else []


def run(suite, timeout):
    """Returns (exit status, output, seconds). What the suite started ends with it."""
    start = time.monotonic()
    # A file, not a pipe: a process that was left behind would keep a pipe open.
    with tempfile.TemporaryFile() as file:
        process = subprocess.Popen(suite.command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            status = process.wait(timeout)
            ending = ""
        except subprocess.TimeoutExpired:
            status = -signal.SIGKILL
            ending = f"\nended: more than {timeout:g} seconds\n"
        seconds = time.monotonic() - start
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass  # nobody is left
        process.wait()
        file.seek(0)
        return status, file.read().decode(errors="replace") + ending, seconds


class Report:
    def __init__(self, log):
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}
        self.log = log

    def add(self, suite, status, output, seconds):
        result = {0: "passed", SKIPPED: "skipped"}.get(status, "failed")
        self.counts[result] += 1
        print(f"{result:8} {seconds:7.1f} s  {suite.name}", flush=True)
        if result == "failed":
            what = f"signal {-status}" if status < 0 else f"status {status}"
            print(f"--- {suite.name} ({what}): {shlex.join(suite.command)}")
            print(output.rstrip("\n"))
            print(f"--- end of {suite.name}", flush=True)
        elif result == "skipped":
            print("         " + output.strip().replace("\n", "\n         "), flush=True)
        self.log.write(f"{suite.name}\t{seconds:.1f}\t{result}\n")
        self.log.flush()

    def close(self):
        line = f"{self.counts['passed']} passed, {self.counts['failed']} failed"
        if self.counts["skipped"]:
            line += f", {self.counts['skipped']} skipped"
        if not any(self.counts.values()):
            print("no test was run")
        print(line, flush=True)
        return 0 if self.counts["passed"] and not self.counts["failed"] else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one suite")
    parser.add_argument("--wrap", default="", help="command that compiled suites run under")
    parser.add_argument("--log", default=os.devnull, help="file for name, seconds, result")
    parser.add_argument("suites", nargs="*")
    parser.add_argument("--serial", nargs="*", default=[])
    arguments = parser.parse_args()

    build = os.environ.get("BC_BUILD", "build")
    wrapper = shlex.split(arguments.wrap)
    side_by_side = [Suite(text, build, wrapper) for text in arguments.suites]
    alone = [Suite(text, build, wrapper) for text in arguments.serial]
    os.makedirs(os.path.dirname(os.path.abspath(arguments.log)), exist_ok=True)
    with open(arguments.log, "w", encoding="utf-8") as log:
        report = Report(log)
        with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, arguments.jobs)) as pool:
            running = {pool.submit(run, suite, arguments.timeout): suite for suite in side_by_side}
            for done in concurrent.futures.as_completed(running):
                report.add(running[done], *done.result())
        for suite in alone:
            report.add(suite, *run(suite, arguments.timeout))
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
