#!/usr/bin/python3
"""Measures, prints a table, and writes build/bench.json: docs/performance.md says what and how.

Exit status 1 when a benchmark is broken. A goal that is missed is only said.
"""
import contextlib
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(ROOT, os.environ.get("BC_BUILD", "build")).resolve()
WORK = BUILD / "bench"  # what the benchmarks write; can be deleted

ROUNDS = 15
WITHIN_NOISE = 1.10
SHORT = 100
MIDDLE = 25_000  # more blocks than the caches hold
LONG = 100_000
NO_ZEROS = {"rules": "tutorial", "version": 1, "name": "bench", "dialect": 1, "zeros": 0}
MIB = 1 << 20

# Of the ledger's rules. A block of 1 MiB, the default limit, holds 6,551 transfers.
TRANSFERS = 6500
HEADERS = 100_000
MILLION = 1_000_000
OPENINGS = 5  # rounds: each is a process and takes seconds
PROOF_BYTES = 2048

# By default a chain keeps 8 MiB of blocks, and the SQLite store 4 MiB of pages.
CACHES_MIB = 12


class Worker:
    """A program that obeys lines "COMMAND NUMBER" and answers each with a number."""

    def __init__(self, *command):
        self.command = [str(part) for part in command]
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def tell(self, command, number):
        self.process.stdin.write(f"{command} {number}\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.command)} ended")
        return float(line)

    def ask(self, command, number=0):
        self.tell(command, number)
        return self.hear()

    def memory_mib(self):
        return peak_mib(self.process.pid)

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise RuntimeError(f"{' '.join(self.command)}: exit status {self.process.returncode}")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.close()
        else:
            self.process.kill()
            self.process.wait()


def bench(name, *arguments):
    return Worker(BUILD / "bin" / f"bench_{name}", *arguments)


def python_peer(file):
    return Worker(sys.executable, ROOT / "test" / "bench" / "peer.py", file)


def medians(*measure, rounds=ROUNDS):
    """The median of what each function gives. They take turns, and begin each round in turn."""
    values = [[] for _ in measure]
    for number in range(rounds):
        for at in range(len(measure)):
            turn = (at + number) % len(measure)
            values[turn].append(measure[turn]())
    return [statistics.median(each) for each in values]


class Table:
    """`ratio` is value / peer_value, whatever the unit."""

    def __init__(self):
        self.rows = []

    def add(self, name, unit, value, peer=None, peer_value=None, goal="", met=None):
        ratio = None if peer_value is None else value / peer_value
        if met is not None:
            met = bool(met(value if ratio is None else ratio))
        self.rows.append({"name": name, "unit": unit, "value": value, "peer": peer,
                          "peer_value": peer_value, "ratio": ratio, "goal": goal, "met": met})
        print(self.line(self.rows[-1]), flush=True)

    @staticmethod
    def heading():
        return (f"{'':52} {'value':>10} {'unit':9} {'peer value':>10} {'ratio':>6}  {'goal':22} met\n"
                f"{'-' * 120}")

    @staticmethod
    def line(row):
        peer_value = "" if row["peer_value"] is None else f"{row['peer_value']:.4g}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        met = {None: "", True: "yes", False: "MISSED"}[row["met"]]
        peer = f"\n    against {row['peer']}" if row["peer"] else ""
        return (f"{row['name']:52} {row['value']:10.4g} {row['unit']:9} {peer_value:>10} {ratio:>6}"
                f"  {row['goal']:22} {met}{peer}")


def at_least(bound):
    return {"goal": f"ratio at least {bound}", "met": lambda ratio: ratio >= bound}


def at_most(bound):
    return {"goal": f"ratio at most {bound}", "met": lambda ratio: ratio <= bound}


def below(bound, unit):
    return {"goal": f"below {bound} {unit}", "met": lambda value: value < bound}


def no_less_than(bound, unit):
    return {"goal": f"at least {bound:,} {unit}", "met": lambda value: value >= bound}


def no_more_than(bound, unit):
    return {"goal": f"at most {bound:,} {unit}", "met": lambda value: value <= bound}


def make_chain_file(path, blocks):
    """A chain, and white space as Flask's jsonify leaves it."""
    with bench("chain", path) as worker:
        worker.ask("write", blocks - 1)
    answer = json.loads(path.read_text())
    path.write_text(json.dumps(answer, sort_keys=True, separators=(",", ":")) + "\n")


def measure_json(table):
    blocks = 10_000
    path = WORK / "chain.json"
    make_chain_file(path, blocks)
    megabytes = path.stat().st_size / 1e6

    def warm(worker, command, number=0):
        """The second of two: the first finds the caches as the other side left them."""
        worker.ask(command, number)
        return worker.ask(command, number)

    with bench("json", path) as ours, python_peer(path) as python:
        ours_s, python_s = medians(lambda: warm(ours, "verify", blocks),
                                   lambda: warm(python, "verify", blocks))
        table.add("parse and verify a chain of 10,000 blocks", "blocks/s", blocks / ours_s,
                  "json.loads and the article's valid_chain", blocks / python_s, **at_least(4))
        ours_s, python_s = medians(lambda: warm(ours, "canonical"), lambda: warm(python, "canonical"))
        table.add("read JSON and write its canonical form", "MB/s", megabytes / ours_s,
                  "json.loads and json.dumps(sort_keys)", megabytes / python_s, **at_least(10))


def measure_search(table):
    attempts = 1_000_000
    with bench("search", 1) as one, bench("search", 1) as other, bench("search", 2) as pair, \
            python_peer(os.devnull) as python:

        def two_processes():
            one.tell("search", attempts)
            other.tell("search", attempts)
            return 1 / one.hear() + 1 / other.hear()

        ours, theirs = medians(lambda: 1 / one.ask("search", attempts),
                               lambda: 1 / python.ask("search", 4))
        table.add("search for a proof, one thread", "tries/s", ours, "the article's loop", theirs,
                  **at_least(2.5))
        threads, processes = medians(lambda: 1 / pair.ask("search", 2 * attempts), two_processes)
        enough = os.cpu_count() >= 2
        table.add("search for a proof, two threads", "tries/s", threads,
                  "two processes of one thread together", processes,
                  **(at_least(0.95) if enough else {"goal": "needs two processors"}))


def measure_append(table, kind, count, *arguments):
    with bench("append", kind, *arguments) as worker:
        long, short = medians(lambda: worker.ask("long", count), lambda: worker.ask("short", count))
        table.add(f"append to {LONG:,} blocks, {kind} store", "us/block", long * 1e6,
                  f"to {SHORT} blocks", short * 1e6, **at_most(WITHIN_NOISE))


def status_mib(pid, member):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{member}:"):
            return int(line.split()[1]) * 1024 / MIB
    raise RuntimeError(f"no {member} in /proc/{pid}/status")


def peak_mib(pid):
    return status_mib(pid, "VmHWM")


def make_database(path, height):
    path.parent.mkdir(parents=True, exist_ok=True)
    with bench("open", path) as worker:
        worker.ask("make", height)


def measure_open(table, path):
    peaks = []

    def seconds():
        with bench("open", path) as worker:
            taken = worker.ask("open")
            peaks.append(worker.memory_mib() if os.path.exists("/proc/self/status") else None)
            return taken

    (taken,) = medians(seconds)
    table.add(f"open {LONG:,} blocks, sqlite store", "s", taken, **below(1, "s"))
    if None not in peaks:
        table.add(f"open {LONG:,} blocks, most memory resident", "MiB", max(peaks), **below(64, "MiB"))


@contextlib.contextmanager
def running_node(folder):
    """bcnode on a folder; its process id and its URL."""
    network = WORK / "network.json"
    network.write_text(json.dumps(NO_ZEROS))
    command = [BUILD / "bin" / "bcnode", "-p", "0", "--network", network, "--data", folder]
    with open(WORK / "bcnode.log", "ab") as log:
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=log,
                                   text=True)
    try:
        line = process.stdout.readline()
        if " on " not in line:
            raise RuntimeError(f"bcnode did not start: {WORK / 'bcnode.log'}")
        yield process.pid, line.split(" on ")[1].strip().rstrip("/")
    finally:
        process.terminate()
        process.wait()


def serve_growth(folder):
    """MiB that a fresh bcnode grows by at most while it answers GET /chain, and the answer's size."""
    with running_node(folder) as (pid, url):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): the peak begins anew
        before = peak_mib(pid)
        size = 0
        with opener.open(f"{url}/chain", timeout=60) as response:
            while piece := response.read(65536):
                size += len(piece)
        return peak_mib(pid) - before, size / MIB


def measure_serve(table, folders):
    if not os.path.exists("/proc/self/clear_refs"):
        print("GET /chain: left out, for its memory is read from Linux's /proc")
        return
    growth = {}
    for height, folder in folders.items():
        runs = [serve_growth(folder) for _ in range(3)]
        growth[height] = max(mib for mib, _ in runs)
        print(f"    an answer of {height:,} blocks has {runs[0][1]:.1f} MiB")
    table.add(f"GET /chain of {LONG:,} blocks, growth of memory", "MiB", growth[LONG],
              f"of {MIDDLE:,} blocks, which fill the caches too", growth[MIDDLE],
              **at_most(WITHIN_NOISE))
    table.add(f"GET /chain of {LONG:,} blocks, more than of {SHORT}", "MiB",
              growth[LONG] - growth[SHORT], **below(CACHES_MIB, "MiB"))


def measure_sha256(table):
    with bench("sha256") as worker:
        for size in 64, 1000, 16384:
            ours, theirs = medians(lambda: worker.ask("ours", size),
                                   lambda: worker.ask("libsodium", size))
            table.add(f"SHA-256 of a message of {size} bytes", "MB/s", size / ours / 1e6, "libsodium",
                      size / theirs / 1e6)


@contextlib.contextmanager
def raw_verification(count):
    """Gives a function: signatures a second that libsodium verifies, in a process for each processor,
    all together. Each verifies `count`."""
    with contextlib.ExitStack() as stack:
        workers = [stack.enter_context(bench("signatures", 1)) for _ in range(os.cpu_count())]

        def measure():
            for worker in workers:
                worker.tell("libsodium", count)
            return sum(1 / worker.hear() for worker in workers)

        yield measure


def raw_name():
    return f"crypto_sign_verify_detached, {os.cpu_count()} processes together"


def measure_signatures(table):
    count = 2000
    processors = os.cpu_count()
    in_block = min(count * processors, 16_384)
    with bench("signatures", processors) as ours, raw_verification(count) as raw:
        rule_s, libsodium_s = medians(lambda: ours.ask("rule", count),
                                      lambda: ours.ask("libsodium", count))
        table.add("verify a signature by the rules, one thread", "1/s", 1 / rule_s,
                  "crypto_sign_verify_detached", 1 / libsodium_s)
        block, remembered, theirs = medians(
            lambda: 1 / ours.ask("block", in_block),
            lambda: 1 / ours.ask("remembered", in_block), raw)
        table.add(f"signatures of a block, {processors} threads", "1/s", block, raw_name(), theirs,
                  **at_least(0.9))
        table.add("signatures of a block, all remembered", "1/s", remembered, raw_name(), theirs,
                  **at_least(10))


def measure_transfers(table):
    processors = os.cpu_count()
    with bench("connect", processors, TRANSFERS, TRANSFERS, TRANSFERS) as ours, \
            raw_verification(2000) as raw:
        fresh, remembered, theirs = medians(lambda: TRANSFERS / ours.ask("fresh"),
                                            lambda: TRANSFERS / ours.ask("remembered"), raw)
        table.add(f"connect blocks of {TRANSFERS:,} transfers, {processors} threads", "1/s", fresh,
                  raw_name(), theirs, **at_least(0.9))
        table.add("connect them, all in the mempool before", "1/s", remembered, raw_name(), theirs,
                  **at_least(10))


def has_sha_instructions():
    with contextlib.suppress(OSError):
        words = pathlib.Path("/proc/cpuinfo").read_text().split()
        return "sha_ni" in words or "sha2" in words
    return False


def measure_headers(table):
    with bench("headers", HEADERS) as worker:
        judge, hashing = medians(lambda: 1 / worker.ask("judge"), lambda: 1 / worker.ask("hash"))
    enough = has_sha_instructions()
    table.add("judge headers and link them, one thread", "1/s", judge,
              **(no_less_than(500_000, "1/s") if enough else {"goal": "needs SHA instructions"}))
    table.add("judge headers and link them, one thread", "1/s", judge, "SHA-256 of each alone",
              hashing)


def measure_accounts(table):
    transfers = 2000
    processors = os.cpu_count()
    senders = transfers * (ROUNDS + 1)  # each sends once, so that it is not in the cache
    with bench("connect", processors, transfers, MILLION, senders, WORK / "million.sqlite") as many, \
            bench("connect", processors, transfers, 10, 10, WORK / "ten.sqlite") as few:
        many_s, few_s = medians(lambda: many.ask("fresh"), lambda: few.ask("fresh"))
        table.add(f"connect {transfers:,} transfers among {MILLION:,} accounts, sqlite", "ms",
                  many_s * 1e3, "among ten accounts", few_s * 1e3, **at_most(2))


def measure_history(table):
    path = WORK / "history.sqlite"
    with bench("history", path) as worker:
        worker.ask("make", MILLION)
    held = peak = 0

    def opening():
        nonlocal held, peak
        with bench("history", path) as worker:
            taken = worker.ask("open")
            held = max(held, worker.ask("held"))
            peak = max(peak, worker.ask("peak"))
            return taken

    (taken,) = medians(opening, rounds=OPENINGS)
    table.add(f"open {MILLION:,} headers, sqlite store", "s", taken, **below(5, "s"))
    table.add(f"memory of {MILLION:,} headers", "B/header", held / MILLION,
              **no_more_than(200, "B/header"))
    table.add("the most while they are opened", "B/header", peak / MILLION)
    with bench("history", path) as worker:
        worker.ask("open")
        few_s, full_s = medians(lambda: worker.ask("prove", 60), lambda: worker.ask("full", 1))
        table.add(f"prove a transaction, one of 100, {MILLION:,} blocks", "ms", few_s * 1e3,
                  **below(1, "ms"))
        table.add(f"prove a transaction, one of {TRANSFERS + 1:,}", "ms", full_s * 1e3)
        table.add("the largest of these proofs", "B", worker.ask("largest"),
                  **below(PROOF_BYTES, "B"))


def main():
    start = time.monotonic()
    table = Table()
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; "
          f"medians of {ROUNDS} rounds, ratio: value / peer value")
    print(Table.heading())
    measure_json(table)
    measure_search(table)
    folders = {height: WORK / str(height) for height in (SHORT, MIDDLE, LONG)}
    for height, folder in folders.items():
        make_database(folder / "chain.sqlite", height)
    measure_open(table, folders[LONG] / "chain.sqlite")
    measure_serve(table, folders)
    measure_append(table, "memory", 50, LONG)
    measure_append(table, "sqlite", 50, folders[LONG] / "chain.sqlite", WORK / "short.sqlite")
    measure_signatures(table)
    measure_transfers(table)
    measure_headers(table)
    measure_accounts(table)
    measure_history(table)
    measure_sha256(table)
    (BUILD / "bench.json").write_text(json.dumps(table.rows, indent=1) + "\n")
    missed = sum(row["met"] is False for row in table.rows)
    judged = sum(row["met"] is not None for row in table.rows)
    written = os.path.relpath(BUILD / "bench.json")
    print(f"{judged - missed} of {judged} goals met; {written} written after "
          f"{time.monotonic() - start:.0f} s")
    shutil.rmtree(WORK, ignore_errors=True)


if __name__ == "__main__":
    main()
