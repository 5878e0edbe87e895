#!/usr/bin/python3
"""Checks that files have at most 800 lines and functions at most 70.

Relies on the committed format: a function's braces, and only those, stand alone in column 0. The
public headers are exempt: one holds the whole API with its documentation.
"""
import sys

import csource

FILE_LINES = 800
FUNCTION_LINES = 70


def check(path):
    lines = csource.read(path).splitlines()
    problems = []
    if len(lines) > FILE_LINES:
        problems.append(f"{path}: {len(lines)} lines, more than {FILE_LINES}")
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            length = number - start + 1
            if length > FUNCTION_LINES:
                problems.append(f"{path}:{start}: function of {length} lines, more than {FUNCTION_LINES}")
            start = None
    return problems


def main():
    paths = csource.find("lib", "src", "examples", "test")
    problems = [problem for path in paths for problem in check(path)]
    return csource.close("check-sizes", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
