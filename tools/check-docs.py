#!/usr/bin/python3
"""Checks README.md and docs/*.md against the tree.

- A link to a file, and to a heading in one, leads somewhere.
- A C or C++ block that includes something compiles; one with a main function links as well.
- A name bc_... or BC_... that is set as code stands in a public header.
- `make TARGET` in a shell block, or as code in a sentence, is a target that there is.
- A console block is run: commands stand behind `$ `, and what they print is what stands below them.
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

import csource

BLOCK = re.compile(r"^```([\w+]*)[^\n]*\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# GNU C's warnings are for the reader's program: what the manual shows should be clean.
FLAGS = ["-Iinclude", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"]


def anchors(text):
    """The anchors that headings get: lower case, spaces to hyphens, punctuation dropped."""
    names = set()
    for heading in re.findall(r"^#+ +(.+?) *#*$", BLOCK.sub("", text), re.M):
        names.add(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-"))
    return names


def check_links(path, text):
    problems = []
    for target in LINK.findall(BLOCK.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue  # elsewhere in the world
        name, _, anchor = target.partition("#")
        file = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        if not os.path.exists(file):
            problems.append(f"{path}: link to {target}: no such file")
        elif anchor and file.endswith(".md") and anchor not in anchors(csource.read(file)):
            problems.append(f"{path}: link to {target}: no such heading")
    return problems


class Compiler:
    def __init__(self, build):
        packages = ["libsodium", "jansson"]
        self.libraries = sorted(glob.glob(f"{build}/libbc-*.a")) + [f"{build}/libbc.a"]
        for name, needs in (("sqlite", ["sqlite3"]), ("http", ["libcurl", "libmicrohttpd"])):
            if f"{build}/libbc-{name}.a" in self.libraries:
                packages += needs
        self.flags = subprocess.run([os.environ.get("PKG_CONFIG", "pkg-config"), "--cflags", "--libs", *packages],
                                    check=True, capture_output=True, text=True).stdout.split()

    def problem(self, language, code):
        """None, or what the compiler says."""
        cplusplus = language in ("cpp", "c++")
        compiler = os.environ.get("CXX" if cplusplus else "CC", "c++" if cplusplus else "cc").split()
        standard = "c++11" if cplusplus else "c11"
        whole = re.search(r"\bmain\s*\(", csource.without_comments(code))
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "block.cpp" if cplusplus else "block.c")
            with open(source, "w", encoding="utf-8") as file:
                file.write(code)
            command = [*compiler, f"-std={standard}", *FLAGS, source, "-o", f"{folder}/block"]
            if whole:
                command += self.libraries + self.flags
            else:
                command += ["-c", "-Wno-unused-function"]
            done = subprocess.run(command, capture_output=True, text=True)
        return done.stderr if done.returncode else None


def check_names(path, text, public):
    """Names as code that no public header has. `bc_chain_*` means a family and is not looked up."""
    inline = " ".join(re.findall(r"`([^`\n]+)`", BLOCK.sub("", text)))
    blocks = "\n".join(code for language, code in BLOCK.findall(text) if language in ("c", "cpp", "c++"))
    names = re.findall(r"\b(bc_(?!_)\w+|BC_\w+)\b(?!\*)(?!\.\.\.)", f"{inline}\n{csource.without_comments(blocks)}")
    return [f"{path}: {name} is in no public header" for name in sorted(set(names) - public) if not name.endswith("_")]


def make_targets():
    text = "".join(csource.read(path) for path in ["Makefile", *glob.glob("make/*.mk")]).replace("\\\n", " ")
    phony = re.findall(r"^\.PHONY:(.*)$", text, re.M)
    return {name for line in phony for name in line.split() if re.fullmatch(r"[\w-]+", name)}


def check_shell(path, code, targets):
    problems = []
    for line in code.splitlines():
        match = re.match(r"\s*(?:\$ )?(?:sudo )?make\b([^#&|;]*)", line)
        for word in match[1].split() if match else []:
            if re.fullmatch(r"[a-z][\w-]*", word) and word not in targets:
                problems.append(f"{path}: `{line.strip()}`: the Makefile has no target {word}")
    return problems


def check_console(path, code, build):
    """Runs the commands, where this build's programs are found first."""
    environment = {**os.environ, "PATH": f"{os.path.abspath(build)}/bin:{os.environ['PATH']}"}
    parts = re.split(r"^\$ (.*)\n", code, flags=re.M)
    problems = [] if parts[0] == "" and len(parts) > 1 else [f"{path}: a console block begins with no `$ `"]
    for command, shown in zip(parts[1::2], parts[2::2]):
        done = subprocess.run(["sh", "-c", command], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        if done.returncode or done.stdout != shown:
            problems.append(f"{path}: `{command}` ends with {done.returncode} and prints\n{done.stdout}{done.stderr}")
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    build = parser.parse_args().build
    compiler = Compiler(build)
    targets = make_targets()
    public = set(re.findall(r"\w+", "".join(csource.read(header) for header in glob.glob("include/bc/*.h"))))
    public |= {"BC_TEST_SEED", "BC_TEST_SCALE", "BC_TEST_HISTORIES", "BC_BUILD"}  # the environment of tests
    problems, compiled, consoles = [], 0, 0
    paths = [path for path in ["README.md", "CHANGELOG.md", *sorted(glob.glob("docs/*.md"))] if os.path.exists(path)]
    for path in paths:
        text = csource.read(path)
        problems += check_links(path, text)
        if path != "CHANGELOG.md":  # which tells of names that are gone
            problems += check_names(path, text, public)
        for language, code in BLOCK.findall(text):
            if language in ("c", "cpp", "c++") and "#include" in code:
                compiled += 1
                wrong = compiler.problem(language, code)
                if wrong:
                    problems.append(f"{path}: a {language} block does not build:\n{wrong}")
            elif language in ("sh", "shell", "console", "bash"):
                problems += check_shell(path, code, targets)
            if language == "console":
                consoles += 1
                problems += check_console(path, code, build)
        for code in re.findall(r"`([^`\n]+)`", BLOCK.sub("", text)):
            problems += check_shell(path, code, targets)
    print(f"{len(paths)} pages, {compiled} blocks compiled, {consoles} run")
    return csource.close("check-docs", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
