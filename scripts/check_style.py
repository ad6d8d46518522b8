#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what a formatter cannot: lengths, the licence line, words that stand for unfinished work.

Prints `file:line: rule` for each offence and exits 1; warnings and figures do not fail.
Part of `./dev lint`.
"""
import pathlib
import re
import statistics
import subprocess
import sys

WARN_LINES = 500
MAX_LINES = 800
LONG_FUNCTION = 60
LONG_SHARE = 0.03

LICENCE = "SPDX-License-Identifier: Apache-2.0"
CODE = re.compile(r"\.([ch]pp|py|sh|cmake)$|(^|/)(CMakeLists\.txt|dev|\.ci/run|\.clang-tidy)$")
TEST = re.compile(r"_test\.cpp$|^tests/")
# The one place where a test may wait by polling.
POLLING = "tests/e2e/lib/"

# (pattern, the files it is for, rule). The brackets keep this file from matching itself.
RULES = (
    (r"\b(TO[D]O|FIX[M]E|XX[X])\b|[n]ot implemented", re.compile(""), "unfinished work is not committed"),
    (r"asio::[d]etached", re.compile(r"\.[ch]pp$"), "detached loses exceptions; use spawn_logged"),
    (r"\b(sleep_for|sleep_until|[u]sleep|nanosleep|[t]ime\.sleep)\b|::[s]leep\(", TEST,
     "a test waits for an event, not for time"),
    (r"(?<!fmt::)\b(getpw(nam|uid)|getgr(nam|gid)|gmtime|localtime|ctime|asctime|strtok|inet_ntoa|ttyname"
     r"|gethostby(name|addr)|ptsname|strerror) ?\(", re.compile(r"\.[ch]pp$"),
     "its result is shared between threads; use the _r form or what replaces it"),
)


def tree_files(root):
    """What git knows or would add: so build output and editors' files are left out."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in listed.split("\0") if name and (root / name).is_file())


def offences(file, text):
    """Yields (line number, rule)."""
    lines = text.splitlines()
    if CODE.search(file):
        if not any(LICENCE in line for line in lines[:2]):
            yield 1, f"the first line is to say {LICENCE}"
        if len(lines) > MAX_LINES:
            yield MAX_LINES, f"{len(lines)} lines; at most {MAX_LINES}: split it"
    for pattern, where, rule in RULES:
        if not where.search(file) or (where is TEST and file.startswith(POLLING)):
            continue
        for number, line in enumerate(lines, 1):
            if re.search(pattern, line):
                yield number, rule


LITERALS = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'',
                      re.S)
# What stands before the `{` of a function: a parameter list and what may follow it.
SIGNATURE = re.compile(r"\)\s*(const|noexcept|override|final|mutable|&&?|->[^;{}()]*|:[^;{}]*|requires[^;{}]*"
                       r"|\s)*$")
# `: a_{1}, b_{2}` before a constructor's body: those braces open nothing.
MEMBER_BRACES = re.compile(r"(?<=[,:])\s*\w+\{[^{};]*\}(?=\s*[,{])")
CONTROL = re.compile(r"(?:^|[;{}\s])(if|for|while|switch|catch|do|else|return|case)\b[^;{}]*$")


def functions(text):
    """Yields (line, length) of each outermost function body, found by its braces: near enough."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    text = re.sub(r"^[ \t]*#.*?(?<!\\)$", "", LITERALS.sub(blank, text), flags=re.M)
    text = MEMBER_BRACES.sub(blank, text)
    stack, begin = [], 0
    for match in re.finditer(r"[{};]", text):
        at, brace = match.start(), match.group()
        if brace == "{":
            head = text[begin:at]
            inside = any(is_function for is_function, _ in stack)
            is_function = not inside and bool(SIGNATURE.search(head)) and not CONTROL.search(head)
            stack.append((is_function, text.count("\n", 0, at) + 1))
        elif brace == "}" and stack:
            is_function, line = stack.pop()
            if is_function:
                yield line, text.count("\n", 0, at) + 2 - line
        begin = at + 1


def print_figures(sources):
    lengths = [len(text.splitlines()) for text in sources.values()]
    bodies = [(length, f"{file}:{line}") for file, text in sources.items()
              for line, length in functions(text)]
    if not bodies:
        return
    long = sorted((body for body in bodies if body[0] > LONG_FUNCTION), reverse=True)
    share = len(long) / len(bodies)
    print(f"{len(lengths)} C++ files: median {statistics.median(lengths):.0f} lines,"
          f" longest {max(lengths)}; {len(bodies)} functions: {len(long)} above {LONG_FUNCTION}"
          f" lines ({share:.1%}), longest {max(bodies)[0]}")
    for length, where in long:
        print(f"{where}: note: a function of {length} lines")
    if share > LONG_SHARE:
        print(f"warning: more than {LONG_SHARE:.0%} of the functions are above {LONG_FUNCTION} lines")


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    found, sources = 0, {}
    for file in tree_files(root):
        try:
            text = (root / file).read_text()
        except UnicodeDecodeError:
            continue  # corpus entries and other bytes
        if file.startswith("fuzz/corpus/"):
            continue
        if re.search(r"\.[ch]pp$", file):
            sources[file] = text
            if WARN_LINES < len(text.splitlines()) <= MAX_LINES:
                print(f"{file}: warning: more than {WARN_LINES} lines")
        for line, rule in offences(file, text):
            print(f"{file}:{line}: {rule}")
            found += 1
    print_figures(sources)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
