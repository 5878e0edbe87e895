"""Reading C sources for the checks."""
import os
import re

_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def without_comments(text):
    """The text with each comment replaced by as many newlines as it holds; strings stay."""
    def replace(match):
        token = match[0]
        return "\n" * token.count("\n") or " " if token.startswith("/") else token
    return _TOKEN.sub(replace, text)


def find(*folders, endings=(".c", ".h")):
    """Paths of the sources below the folders, sorted."""
    paths = []
    for folder in folders:
        for parent, _, names in os.walk(folder):
            paths += [os.path.join(parent, name) for name in names if name.endswith(endings)]
    return sorted(paths)


def close(name, problems, checked):
    """Prints the problems and returns the exit status. To have checked nothing is a problem."""
    if not checked:
        problems = problems + [f"{name}: no source was found"]
    for problem in problems:
        print(problem)
    return 1 if problems else 0
