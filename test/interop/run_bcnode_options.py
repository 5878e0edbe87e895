#!/usr/bin/python3
"""bcnode as its users meet it: options, signals, data folders that it has to refuse."""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

from nodes import BCCTL, BCNODE, Nodes, ask, check, main, run

NOBODY = 65534
URL_LINE = re.compile(r"bcnode: listening on http://127\.0\.0\.1:(\d+)/\n")
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|info|debug) +\S.*")


def refused(status, *options, says="", environment=None, nodes=None):
    """bcnode ends at once with that status and a sentence, and prints no URL."""
    command = [BCNODE, *options]
    if nodes is not None and "--data" not in options:
        command += ["--data", nodes.folder / "unused"]
    found, out, err = run(command, seconds=20, environment=environment)
    check(found == status, f"{options}: exit status {found}, not {status}: {err}")
    check(not out, f"{options}: standard output has {out!r}")
    check(err and re.search(says, err), f"{options}: it says {err!r}")
    return err


def contents(folder):
    """Name, mode and hash of each file."""
    return {str(path.relative_to(folder)): (path.stat().st_mode,
                                            hashlib.sha256(path.read_bytes()).hexdigest())
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file()}


def help_and_version():
    status, out, err = run([BCNODE, "--help"])
    check(status == 0 and out.startswith("Usage: bcnode") and not err, err)
    for option in ("-p", "--bind", "--network", "--data", "--peer", "--threads", "--version"):
        check(option in out, f"the help does not name {option}")
    status, out, err = run([BCNODE, "--version"])
    check(status == 0 and re.fullmatch(r"bcnode \d+\.\d+\.\d+\n", out) and not err, f"{out}{err}")


def bad_options():
    with Nodes() as nodes:
        for port in ("65536", "-1", "x", "", "80 ", "5000x"):
            refused(2, "-p", port, says="--port takes a number from 0 to 65535", nodes=nodes)
        for threads in ("0", "1025", "x", ""):
            refused(2, "--threads", threads, says="--threads takes a number", nodes=nodes)
        for seconds in ("0", "86401", "x"):
            refused(2, "--peer-timeout", seconds, says="--peer-timeout takes", nodes=nodes)
        for address in ("", "localhost", "1.2.3", "::g", "127.0.0.1:80"):
            refused(2, "--bind", address, says="--bind takes an IPv4 or IPv6 address", nodes=nodes)
        for peer in ("", "ftp://host", "http://", "http://a b", "http://host:99999",
                     "http://user:word@host", "http://host/path"):
            refused(2, "--peer", peer, says="--peer", nodes=nodes)
        for network in ("", "nowhere", "/nonexistent/n.json", "none.json"):
            refused(2, "--network", network, says="network", nodes=nodes)
        refused(2, "--data", "", says="--data takes")
        refused(2, "--dance", says="^bcnode: .*dance", nodes=nodes)
        refused(2, "-p", says="^bcnode: .*p", nodes=nodes)
        refused(2, "file", says='"file"', nodes=nodes)
        check(not (nodes.folder / "unused").exists(), "a bad command line made a data folder")


def one_line_on_standard_output():
    with Nodes() as nodes:
        node = nodes.bcnode("--verbose")
        check(URL_LINE.fullmatch(node.first_line), node.first_line)
        node.mine()
        node.process.send_signal(signal.SIGTERM)
        rest = node.process.stdout.read()
        check(node.wait() == 0 and not rest, f"standard output goes on: {rest}")


def the_log():
    with Nodes() as nodes:
        quiet, verbose = nodes.bcnode(), nodes.bcnode("--verbose")
        for node in (quiet, verbose):
            node.mine()
            check(node.stop() == 0, "the node did not end well")
            lines = node.log().splitlines()
            strange = [line for line in lines if not LOG_LINE.fullmatch(line)]
            check(lines and not strange, f"lines of the log: {strange}")
            check(any("connected: height 1 " in line for line in lines), "no line for a new block")
            check(any("tip: height 1 " in line for line in lines), "no line for a new tip")
        check("/mine" in verbose.log(), "--verbose does not log requests")
        check("/mine" not in quiet.log(), "requests are logged without --verbose")


def signals_end_it():
    with Nodes() as nodes:
        for number in (signal.SIGINT, signal.SIGTERM):
            node = nodes.bcnode()
            check(node.stop(number) == 0, f"the exit status after {number} is not 0")


def hard_network(nodes):
    path = nodes.folder / "hard.json"
    path.write_text('{"rules":"tutorial","version":1,"name":"hard","dialect":1,"zeros":40}')
    return path


def signals_end_it_while_it_mines():
    with Nodes() as nodes:
        for number in (signal.SIGINT, signal.SIGTERM):
            node = nodes.bcnode("--threads", "2", network=hard_network(nodes),
                                data=nodes.folder / "hard")
            answers = []

            def mine(url=node.url, answers=answers):
                with contextlib.suppress(OSError):
                    answers.append(ask(url + "/mine").status)

            miners = [threading.Thread(target=mine) for _ in range(3)]
            for miner in miners:
                miner.start()
            time.sleep(0.5)
            check(node.get("/chain").status == 200, "a node that mines does not answer")
            start = time.monotonic()
            check(node.stop(number) == 0, f"the exit status after {number} is not 0")
            check(time.monotonic() - start < 5, "it took more than 5 seconds to end")
            for miner in miners:
                miner.join(10)
            check(200 not in answers, "a block that cannot be found was found")


def signals_end_it_while_it_resolves():
    """A peer that takes the connection and says nothing."""
    with Nodes() as nodes, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        node = nodes.bcnode("--peer", f"127.0.0.1:{silent.getsockname()[1]}")

        def resolve():
            with contextlib.suppress(OSError):
                node.get("/nodes/resolve")

        asking = threading.Thread(target=resolve)
        asking.start()
        time.sleep(0.5)
        start = time.monotonic()
        check(node.stop() == 0, "the exit status is not 0")
        check(time.monotonic() - start < 5, "it took more than 5 seconds to end")
        asking.join(10)


def everything_is_there_after_a_restart():
    with Nodes() as nodes:
        data = nodes.folder / "data"
        node = nodes.bcnode("--peer", "http://localhost:9", "--peer", "LOCALHOST:9", data=data)
        first = node.mine()
        node.send({"sender": "waits", "recipient": "for the next block", "amount": 1})
        node.register("http://127.0.0.1:8")
        chain = node.chain()
        check(node.stop() == 0, "the node did not end well")
        node = nodes.bcnode(data=data)
        check(node.chain() == chain, "the chain is another one")
        check(sorted(node.register()) == ["127.0.0.1:8", "localhost:9"], "the peers are others")
        second = node.mine()
        check([tx["sender"] for tx in second["transactions"]] == ["waits", "0"],
              "the waiting transaction is gone")
        identifiers = {block["transactions"][-1]["recipient"] for block in (first, second)}
        check(len(identifiers) == 1, "the identifier is another one")
        check(re.fullmatch("[0-9a-f]{32}", identifiers.pop()), "the identifier is not 32 digits")
        other = nodes.bcnode().mine()["transactions"][0]["recipient"]
        check(other != first["transactions"][0]["recipient"], "two nodes have one identifier")


def store_that_fails_while_it_runs():
    """A commit whose outcome is unknown, made by forbidding the node to write files. Nobody calls
    again: the node finds out by itself, says so and ends."""
    with Nodes() as nodes:
        data = nodes.folder / "data"
        process = subprocess.Popen([BCNODE, "-p", "0", "--data", data], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   restore_signals=False)  # SIGXFSZ stays ignored: EFBIG comes
        try:
            url = process.stdout.readline().decode().split(" on ")[1].strip()
            time.sleep(0.5)  # nothing is due: it sleeps
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, 0))
            answer = ask(url + "transactions/new", {"sender": "a", "recipient": "b", "amount": 1})
            check(answer.status >= 500, f"a record that is not kept is taken: {answer.status}")
            err = process.communicate(timeout=5)[1].decode()
        finally:
            process.kill()
            process.communicate()
        check(process.returncode == 1, f"exit status {process.returncode}: {err}")
        check(err.count("\nbcnode: ") == 1 and
              re.search(r"\nbcnode: the store failed, .*; start bcnode again\n\Z", err), err)
        check(len(nodes.bcnode(data=data).chain()) == 1, "the chain is not whole")


def second_process_on_the_same_data():
    with Nodes() as nodes:
        data = nodes.folder / "data"
        node = nodes.bcnode(data=data)
        node.mine()
        refused(1, "-p", "0", "--data", data, says="(?i)lock|use|another")
        check(len(node.chain()) == 2 and node.mine()["index"] == 3, "the first node was harmed")
        check(node.kill() == -signal.SIGKILL, "the first node had ended")
        check(len(nodes.bcnode(data=data).chain()) == 3, "the lock outlived its owner")


def data_of_another_network():
    with Nodes() as nodes:
        data = nodes.folder / "data"
        node = nodes.bcnode(data=data)
        node.mine()
        check(node.stop() == 0, "the node did not end well")
        before = contents(data)
        refused(1, "-p", "0", "--network", "tutorial-v2", "--data", data, says="network")
        check(contents(data) == before, "a folder that was refused has changed")
        check(len(nodes.bcnode(data=data).chain()) == 2, "the chain is not whole")


def data_that_is_damaged():
    with Nodes() as nodes:
        data = nodes.folder / "data"
        node = nodes.bcnode(data=data)
        check(node.stop() == 0, "the node did not end well")
        database = max(data.iterdir(), key=lambda path: path.stat().st_size)
        for what, damage in (("rubbish", b"rubbish " * 4096), ("a cut file", None)):
            kept = database.read_bytes()
            database.write_bytes(kept[:1500] if damage is None else damage)
            before = contents(data)
            refused(1, "-p", "0", "--data", data, says="bcnode: .{10}")
            check(contents(data) == before, f"{what}: the refused file has changed")
            database.write_bytes(kept)
        check(len(nodes.bcnode(data=data).chain()) == 1, "the chain that was put back is not whole")


def run_as_nobody(nodes, *options):
    """As a user whom modes bind: root may write everywhere."""
    binary = BCNODE
    extra = {}
    if os.geteuid() == 0:
        binary = nodes.folder / "bcnode"
        shutil.copy(BCNODE, binary)
        nodes.folder.chmod(0o755)
        extra = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return subprocess.run([binary, "-p", "0", *options], capture_output=True, timeout=20,
                          check=False, stdin=subprocess.DEVNULL, **extra)


def folder_that_cannot_be_written():
    with Nodes() as nodes:
        closed = nodes.folder / "closed"
        closed.mkdir(0o755)
        closed.chmod(0o555)
        for data in (closed, closed / "below"):
            result = run_as_nobody(nodes, "--data", data)
            check(result.returncode == 1 and not result.stdout, f"{data}: {result}")
            check(result.stderr.startswith(b"bcnode: ") and b"closed" in result.stderr,
                  f"{data}: it says {result.stderr}")


def data_that_cannot_be_written():
    with Nodes() as nodes:
        data = nodes.folder / "data"
        node = nodes.bcnode(data=data)
        node.mine()
        check(node.stop() == 0, "the node did not end well")
        for path in data.iterdir():
            path.chmod(0o444)
        data.chmod(0o555)
        before = contents(data)
        result = run_as_nobody(nodes, "--data", data)
        check(result.returncode == 1 and result.stderr.startswith(b"bcnode: "), f"{result}")
        check(re.search(rb"(?i)read-?only|permission|write", result.stderr), f"{result.stderr}")
        check(contents(data) == before, "a folder that was refused has changed")
        data.chmod(0o700)


def file_in_place_of_a_folder():
    with Nodes() as nodes:
        file = nodes.folder / "file"
        file.write_text("hello")
        refused(1, "-p", "0", "--data", file, says="not a folder")
        refused(1, "-p", "0", "--data", file / "below", says="folder")
        check(file.read_text() == "hello", "the file has changed")


def port_in_use():
    with Nodes() as nodes:
        node = nodes.bcnode()
        port = node.url.rsplit(":", 1)[1]
        refused(1, "-p", port, says=port, nodes=nodes)
        check(node.get("/chain").status == 200, "the first node was harmed")


def port_5000_by_default():
    with Nodes() as nodes:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free = probe.connect_ex(("127.0.0.1", 5000)) != 0
        if not free:
            refused(1, says="5000", nodes=nodes)
            return
        process = subprocess.Popen([BCNODE, "--data", nodes.folder / "data"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = process.stdout.readline()
        process.terminate()
        err = process.communicate(timeout=20)[1]
        check(line == b"bcnode: listening on http://127.0.0.1:5000/\n", f"{line} {err}")


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def start_with(nodes, environment):
    """Starts without --data; PATH and so on are not needed."""
    log = nodes.folder / "log"
    with open(log, "ab") as err:
        process = subprocess.Popen([BCNODE, "-p", "0"], env=environment, stdout=subprocess.PIPE,
                                   stderr=err, stdin=subprocess.DEVNULL)
    line = process.stdout.readline()
    process.terminate()
    process.communicate(timeout=20)
    check(URL_LINE.fullmatch(line.decode()), f"{line} {log.read_text()}")


def data_folder_of_the_user():
    with Nodes() as nodes:
        home, xdg = nodes.folder / "home", nodes.folder / "xdg"
        home.mkdir()
        start_with(nodes, {"HOME": str(home), "XDG_DATA_HOME": str(xdg)})
        check((xdg / "bcnode" / "tutorial").is_dir() and not any(home.iterdir()),
              "not in XDG_DATA_HOME")
        check(mode_of(xdg / "bcnode" / "tutorial") == 0o700, "others may look into the folder")
        ours = home / ".local" / "share" / "bcnode" / "tutorial"
        start_with(nodes, {"HOME": str(home)})
        check(ours.is_dir() and mode_of(ours) == 0o700, "not in ~/.local/share")
        shutil.rmtree(home / ".local")
        for value in ("", "relative/path"):
            start_with(nodes, {"HOME": str(home), "XDG_DATA_HOME": value})
            check(ours.is_dir(), f"XDG_DATA_HOME={value!r} was not passed over")
            shutil.rmtree(home / ".local")
        refused(1, "-p", "0", environment={}, says="--data")
        strange = nodes.folder / "strange.json"
        for name in ("../up", ".hidden"):
            strange.write_text(json.dumps({"rules": "tutorial", "version": 1, "name": name,
                                           "dialect": 1, "zeros": 4}))
            status, out, err = run([BCNODE, "-p", "0", "--network", strange], seconds=20,
                                   environment={"HOME": str(home)})
            check(status in (1, 2) and not out and err, f"a network named {name}: {status} {err}")
        check(not any(home.iterdir()), "a strange name made a folder")


def network_from_a_file():
    with Nodes() as nodes:
        easy = nodes.folder / "easy.json"
        easy.write_text('{"rules":"tutorial","version":1,"name":"easy","dialect":2,"zeros":1}')
        node = nodes.bcnode(network=easy)
        check(node.chain()[0]["previous_hash"] == "1", "not the dialect of the description")
        for _ in range(5):
            node.mine()
        status, out, err = run([BCCTL, "verify", "--network", easy, "-"],
                               text=node.get("/chain").body)
        check(status == 0 and "6 blocks" in out, f"{out}{err}")


def threads_find_the_least_proof():
    with Nodes() as nodes:
        node = nodes.bcnode("--threads", "2")
        check([node.mine()["proof"] for _ in range(4)] == [35293, 35089, 119678, 146502],
              "not the least proofs")


def calls_at_one_time_get_a_block_each():
    with Nodes() as nodes:
        node = nodes.bcnode()
        mined = []
        miners = [threading.Thread(target=lambda: mined.append(node.mine()["index"]))
                  for _ in range(5)]
        for miner in miners:
            miner.start()
        for miner in miners:
            miner.join()
        check(sorted(mined) == [2, 3, 4, 5, 6], f"the blocks are {sorted(mined)}")


def address_that_others_can_reach():
    with Nodes() as nodes:
        node = nodes.bcnode("--bind", "0.0.0.0")
        check(node.get("/chain").status == 200, "the URL does not work")
        check(node.stop() == 0, "the node did not end well")
        check("warning" in node.log() and "0.0.0.0" in node.log(), "no warning in the log")
        node = nodes.bcnode("--bind", "127.0.0.2")
        check(node.stop() == 0, "the node did not end well")
        check("warning" not in node.log(), f"a warning without a reason: {node.log()}")


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def ipv6():
    with Nodes() as nodes:
        if not has_ipv6():
            refused(1, "-p", "0", "--bind", "::1", says="::1", nodes=nodes)
            return
        node = nodes.bcnode("--bind", "::1")
        check(re.fullmatch(r"http://\[::1\]:\d+", node.url), node.url)
        check(node.get("/chain").status == 200, "the URL does not work")
        other = nodes.bcnode("--peer", node.url)
        node.mine()
        check(other.resolve(), "a peer with an IPv6 address was not asked")


def address_that_is_not_ours():
    with Nodes() as nodes:
        refused(1, "-p", "0", "--bind", "192.0.2.1", says=r"192\.0\.2\.1.*\(.{5,}\)", nodes=nodes)


if __name__ == "__main__":
    sys.exit(main([
        help_and_version,
        bad_options,
        one_line_on_standard_output,
        the_log,
        signals_end_it,
        signals_end_it_while_it_mines,
        signals_end_it_while_it_resolves,
        everything_is_there_after_a_restart,
        store_that_fails_while_it_runs,
        second_process_on_the_same_data,
        data_of_another_network,
        data_that_is_damaged,
        folder_that_cannot_be_written,
        data_that_cannot_be_written,
        file_in_place_of_a_folder,
        port_in_use,
        port_5000_by_default,
        data_folder_of_the_user,
        network_from_a_file,
        threads_find_the_least_proof,
        calls_at_one_time_get_a_block_each,
        address_that_others_can_reach,
        address_that_is_not_ours,
        ipv6,
    ]))
