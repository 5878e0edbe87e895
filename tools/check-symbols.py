#!/usr/bin/python3
"""Checks the symbols of the built libraries.

- A static library defines only bc_* and bc__* (so it collides with nothing in the host).
- A shared library exports what test/abi/NAME.symbols lists, all under the version LIBBC_0.
- What is exported is declared in a public header, and the other way round.
"""
import argparse
import difflib
import glob
import os
import re
import subprocess
import sys

import csource

VERSION = "LIBBC_0"
MACOS = sys.platform == "darwin"


def nm(*arguments):
    """Yields (type, name, version) of each defined external symbol."""
    output = subprocess.run(["nm", *arguments], check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[1] != "U":
            name, _, version = fields[2].partition("@")
            yield fields[1], name[1:] if MACOS else name, version.lstrip("@")


def check_static(path):
    return [f"{path}: external symbol {name} is neither bc_ nor bc__"
            for _, name, _ in nm("-gU" if MACOS else "--extern-only", path)
            if not name.startswith("bc_")]


def exported(path):
    """Returns (sorted names, problems) of a shared library."""
    names, problems = [], []
    for kind, name, version in nm(*(["-gU"] if MACOS else ["-D", "--defined-only"]), path):
        if kind == "A":
            continue  # the version's own name
        names.append(name)
        if not MACOS and version != VERSION:
            problems.append(f"{path}: {name} has version {version or 'none'}, not {VERSION}")
        if name.startswith("bc__"):
            problems.append(f"{path}: exports the internal name {name}")
    return sorted(names), problems


def read_list(path):
    return csource.read(path).split() if os.path.exists(path) else []


def check_list(path, names):
    """Compares with the committed list."""
    listed = read_list(path)
    problems = list(difflib.unified_diff(listed, names, path, "what the library exports", n=0, lineterm=""))
    gone = [name for name in listed if name not in names]
    if gone:
        problems.append(f"no longer exported, which breaks programs that use them: {' '.join(gone)}")
    if problems:
        problems.append("if this is meant: make abi-update, and a line under ABI in CHANGELOG.md")
    return problems


def declared():
    """Names of the functions that public headers declare."""
    headers = sorted(glob.glob("include/bc/*.h"))
    source = "".join(f"#include <bc/{os.path.basename(header)}>\n" for header in headers)
    compiler = os.environ.get("CC", "cc").split()
    text = subprocess.run([*compiler, "-E", "-P", "-std=c11", "-Iinclude", "-x", "c", "-"], input=source,
                          check=True, capture_output=True, text=True).stdout
    while True:  # struct members and bodies of inline functions go, innermost first
        shorter = re.sub(r"\{[^{}]*\}", ";", text)
        if shorter == text:
            break
        text = shorter
    names = set()
    for statement in text.split(";"):
        match = re.search(r"\b(bc_\w+)\s*\(", statement)
        if match and not re.search(r"\b(typedef|static)\b", statement):
            names.add(match[1])
    return names


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--update", action="store_true", help="rewrite the lists in test/abi")
    arguments = parser.parse_args()

    ending = "dylib" if MACOS else "so"
    libraries = sorted(glob.glob(f"{arguments.build}/libbc*.a"))
    problems, all_exported = [], set()
    for library in libraries:
        stem = os.path.splitext(os.path.basename(library))[0]
        names, wrong = exported(f"{arguments.build}/{stem}.{ending}")
        all_exported.update(names)
        list_path = f"test/abi/{stem}.symbols"
        if arguments.update:
            with open(list_path, "w", encoding="utf-8") as file:
                file.writelines(name + "\n" for name in names)
        problems += check_static(library) + wrong + check_list(list_path, names)
    in_headers = declared()
    problems += [f"{name}: declared in include/bc but exported by no library"
                 for name in sorted(in_headers - all_exported)]
    problems += [f"{name}: exported but declared in no header of include/bc"
                 for name in sorted(all_exported - in_headers)]
    return csource.close("check-symbols", problems, len(libraries))


if __name__ == "__main__":
    sys.exit(main())
