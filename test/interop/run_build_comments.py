#!/usr/bin/python3
"""The command in the first comment of each example builds it against an installed libbc."""
import os
import pathlib
import re
import shutil
import sys
import tempfile

from nodes import BUILD, ROOT, check, main, run

SKIPPED = 77
EXAMPLES = {"minimal": "examples/minimal.c", "two_nodes": "examples/two_nodes.c",
            "inventory": "examples/inventory.c", "audit_log": "examples/audit_log/main.c",
            "bcctl": "examples/bcctl/main.c",
            "bcnode": "examples/bcnode/main.c"}
WITHOUT_JOB_SERVER = re.sub(r" ?-j\d*| ?--jobserver-\w+=\S+", "", os.environ.get("MAKEFLAGS", ""))


def install(prefix):
    status, out, err = run([os.environ.get("MAKE", "make"), "install", f"BUILD={BUILD}", "DESTDIR=",
                            f"PREFIX={prefix}"], folder=ROOT, seconds=300,
                           environment=dict(os.environ, MAKEFLAGS=WITHOUT_JOB_SERVER))
    check(status == 0, out + err)
    libraries = str(prefix / "lib")
    found = [libraries + "/pkgconfig", os.environ.get("PKG_CONFIG_PATH", "")]
    return dict(os.environ, PKG_CONFIG_PATH=":".join(found), LD_LIBRARY_PATH=libraries,
                DYLD_LIBRARY_PATH=libraries)


def command_of(source):
    """The lines of the first comment that begin deeper, as one command."""
    comment = pathlib.Path(ROOT, source).read_text(encoding="utf-8").split("*/")[0]
    command = "\n".join(re.findall(r"^ \*     +(.+)$", comment, re.M)).replace("\\\n", " ")
    check(command.startswith("cc "), f"{source}: no command in {comment!r}")
    return command


def first_comments_build_the_examples():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = install(folder / "prefix")
        shutil.copytree(ROOT / "examples", folder / "copy" / "examples")
        for program, source in EXAMPLES.items():
            place = folder / "copy"
            if program + ".c" in source:
                place = place / "examples"
            status, out, err = run(["sh", "-c", command_of(source)], folder=place, seconds=120,
                                   environment=environment)
            check(status == 0 and not err, f"{source}: {out}{err}")
            status, out, err = run([place / program, "--version"], folder=place,
                                   environment=environment)
            check(status == 0 and out, f"{program}: {status} {out}{err}")


def is_instrumented():
    """Libraries of a sanitizer's or a coverage build need flags of which the comments say nothing."""
    return re.search(rb"__asan_|__tsan_|__ubsan_|__gcov_", (BUILD / "libbc.a").read_bytes())


if __name__ == "__main__":
    if is_instrumented():
        print("skipped: the libraries are instrumented")
        sys.exit(SKIPPED)
    sys.exit(main([first_comments_build_the_examples]))
