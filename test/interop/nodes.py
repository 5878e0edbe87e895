"""What the tests of running programs share: starting nodes, asking them, cleaning up."""
import contextlib
import json
import os
import pathlib
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(ROOT, os.environ.get("BC_BUILD", "build")).resolve()
BCNODE = BUILD / "bin" / "bcnode"
BCCTL = BUILD / "bin" / "bcctl"
SECONDS_TO_START = 20
SECONDS_TO_ANSWER = 30

# No proxy stands between programs on one machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failure(Exception):
    """Something is not as the test says it must be."""


def check(condition, what):
    if not condition:
        raise Failure(what)


class Answer:
    def __init__(self, status, body):
        self.status = status
        self.body = body

    def json(self):
        return json.loads(self.body)


def ask(url, body=None, seconds=SECONDS_TO_ANSWER, content_type="application/json"):
    """GETs, or POSTs where there is a body (bytes, text, or what is to be JSON)."""
    if body is not None and not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type})
    try:
        with OPENER.open(request, timeout=seconds) as response:
            return Answer(response.status, response.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.read())


class Node:
    """A running program that says on its first line where it listens."""

    def __init__(self, command, log_path, environment=None):
        self.log_path = pathlib.Path(log_path)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.PIPE, stderr=log, env=environment)
        try:
            self.first_line = self._first_line()
        except BaseException:
            self.kill()
            raise
        self.url = self.first_line.split(" on ")[1].strip().rstrip("/")
        self.peer = self.url.replace("http://", "")

    def _first_line(self):
        end = time.monotonic() + SECONDS_TO_START
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0, end - time.monotonic())):
                    raise Failure(f"no URL in {SECONDS_TO_START} seconds: {self.log()}")
                piece = os.read(self.process.stdout.fileno(), 1)
                if not piece:
                    raise Failure(f"ended without a URL: {self.log()}")
                line += piece
        return line.decode()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def get(self, path, **options):
        return ask(self.url + path, **options)

    def post(self, path, body, **options):
        return ask(self.url + path, body, **options)

    def send(self, record):
        answer = self.post("/transactions/new", record)
        check(answer.status == 201, f"transaction not taken: {answer.status} {answer.body[:200]}")
        return answer

    def mine(self):
        answer = self.get("/mine")
        check(answer.status == 200, f"no block mined: {answer.status} {answer.body[:200]}")
        return answer.json()

    def chain(self):
        answer = self.get("/chain")
        check(answer.status == 200, f"no chain: {answer.status} {answer.body[:200]}")
        return answer.json()["chain"]

    def register(self, *peers):
        answer = self.post("/nodes/register", {"nodes": list(peers)})
        check(answer.status == 201, f"peer not taken: {answer.status} {answer.body[:200]}")
        return answer.json()["total_nodes"]

    def resolve(self):
        """True where the chain was replaced."""
        return self.resolve_and_report()[0]

    def resolve_and_report(self):
        """(replaced or not, the report by peer, which only our nodes give)"""
        answer = self.get("/nodes/resolve", seconds=60)
        check(answer.status == 200, f"not resolved: {answer.status} {answer.body[:200]}")
        value = answer.json()
        replaced = value["message"] == "Our chain was replaced"
        check(replaced or value["message"] == "Our chain is authoritative", value["message"])
        check(isinstance(value["new_chain" if replaced else "chain"], list), "no chain in the answer")
        return replaced, {line["peer"]: line for line in value.get("report", [])}

    def kill(self):
        self.process.kill()
        return self.wait()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.wait()

    def wait(self, seconds=20):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"did not end in {seconds} seconds: {self.log()[-2000:]}") from None
        finally:
            self.process.stdout.close()
        return status


class Nodes:
    """A folder for one test and the nodes that run in it; both are gone at the end. Of our nodes those
    that run until then have to end well, so that a sanitizer's complaint is not lost."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bc-test-"))
        self.running = contextlib.ExitStack()
        self.ours = []
        self.count = 0
        return self

    def __exit__(self, failure, *_):
        try:
            for node in self.ours if failure is None else []:
                if node.process.returncode is None:
                    status = node.stop()
                    check(status == 0, f"a node ended with {status}: {node.log()[-4000:]}")
        finally:
            self.running.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, command, environment=None):
        self.count += 1
        node = Node(command, self.folder / f"log-{self.count}", environment)
        self.running.callback(lambda: node.process.poll() is None and node.kill())
        return node

    def python(self, network="tutorial"):
        script = pathlib.Path(__file__).with_name("python_node.py")
        return self._start([sys.executable, script, "-p", "0", "--network", network])

    def bcnode(self, *options, network="tutorial", data=None, environment=None):
        data = data or self.folder / f"data-{self.count + 1}"
        node = self._start([BCNODE, "-p", "0", "--network", network, "--data", data, *options],
                           environment)
        self.ours.append(node)
        return node


def run(command, text=None, seconds=60, environment=None, folder=None):
    """Runs a program to its end; returns (exit status, standard output, standard error)."""
    result = subprocess.run([str(part) for part in command], input=text, capture_output=True,
                            timeout=seconds, env=environment, cwd=folder, check=False,
                            stdin=None if text is not None else subprocess.DEVNULL)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


def main(tests):
    """Runs functions one after the other, a line for each; returns an exit status."""
    failed = 0
    for test in tests:
        start = time.monotonic()
        try:
            test()
            verdict = "passed"
        except (Failure, AssertionError, OSError, ValueError, KeyError,
                subprocess.SubprocessError) as problem:
            failed += 1
            verdict = f"FAILED: {type(problem).__name__}: {problem}"
        print(f"{test.__name__:45} {time.monotonic() - start:6.1f} s  {verdict}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed or not tests else 0
