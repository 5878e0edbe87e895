#!/usr/bin/python3
"""Checks that includes go one way, downwards, and that rule sets are named in src/rules alone."""
import os
import re
import sys

import csource

# Top to bottom. A file includes its own room and those after it, and public headers (not from lib).
ROOMS = ["src/api", "src/sync", "src/mine", "src/chain", "src/rules", "src/block", "src/store",
         "src/base", "lib"]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
RULE_NAME = re.compile(r"tutorial|ledger|bc_rules_", re.I)


def room_of(path):
    for room in ROOMS + ["include"]:
        if path.startswith(room + "/"):
            return room
    parts = path.split("/")
    if path.startswith("src/adapters/"):
        return "/".join(parts[:3])
    if path.startswith("examples/"):
        return "/".join(parts[:2]) if len(parts) > 2 else "examples"
    return None


def resolve(path, bracket, name):
    """The included file as a path from the root; None for a system header."""
    places = ([os.path.dirname(path)] if bracket == '"' else []) + ["", "include"]
    for place in places:
        candidate = os.path.normpath(os.path.join(place, name))
        if os.path.isfile(candidate):
            return candidate
    return None if bracket == "<" else name


def allowed(room, target):
    """Whether a file of `room` may include the file `target`."""
    below = room_of(target)
    if below == "include":
        return room != "lib"
    if below == room:
        return True
    if room.startswith("examples"):
        return below == "examples/common"
    if room in ROOMS and below in ROOMS:
        return ROOMS.index(below) > ROOMS.index(room)
    return False


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check_includes(path, text):
    room = room_of(path)
    if room is None:
        return [f"{path}: in no room that tools/check-layers.py knows"]
    problems = []
    for match in INCLUDE.finditer(text):
        target = resolve(path, match[1], match[2])
        if target is not None and not allowed(room, target):
            problems.append(f"{path}:{line_of(text, match.start())}: {room} may not include {target}")
    return problems


def check_rule_names(path, text):
    if not path.startswith("src/") or path.startswith("src/rules/"):
        return []
    return [f"{path}:{line_of(text, match.start())}: names a rule set ({match[0]}); ask rules.h for a capability"
            for match in RULE_NAME.finditer(text)]


def main():
    problems = []
    paths = csource.find("lib", "src", "include", "examples")
    for path in paths:
        text = csource.without_comments(csource.read(path))
        problems += check_includes(path, text) + check_rule_names(path, text)
    return csource.close("check-layers", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
