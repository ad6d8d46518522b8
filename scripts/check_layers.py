#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the direction of the #include lines: a folder includes what lies below it, never the reverse.

Prints `file:line: rule` for each offence and exits 1. Run from anywhere; part of `./dev lint`.
"""
import pathlib
import re
import sys

PUBLIC = "include/nigh"
# Public values without behaviour, which every folder may speak of.
VALUES = ("nigh/error.hpp", "nigh/files.hpp", "nigh/tunnels.hpp", "nigh/types.hpp")
LOW = ("base", "wire", "ssh", "http2", "io")

# Folder of src/ -> the folders that its files may include, beside their own. A file belongs to the
# longest entry that its path starts with; "service/*" stands for any one folder below service/.
LAYERS = {
    "base": (),
    "wire": ("base",),
    "ssh": ("base", "wire"),
    "http2": ("base", "wire"),
    "io": ("base", "wire", "ssh", "http2"),
    "files": ("base", "wire"),
    "delta": ("base",),
    "service/*": LOW + ("files", "delta"),  # and never another service, but for
    "service/session": LOW + ("service/run",),  # what resumes that one's streams
    "service/tunnel": LOW + ("service/session",),  # keeps bytes in the same way
    "client": LOW + ("files", "service/*", PUBLIC),
    "keep": LOW + ("client", PUBLIC),
    "plain": LOW + ("client",),
    "server/link": LOW,
    # What guards the host key stays smaller than what it guards.
    "server/keeper": ("base", "wire", "ssh", "io", "server/link"),
    "server/worker": LOW + ("service/*", "server/link"),
    "server/files": LOW + ("files", "service/*", "server/link"),
    "server/holder": LOW + ("service/*", "server/link"),
    "server/channels": LOW + ("service/*", "server/link"),
    "server/front": LOW + ("service/*", "server/link"),
    "server/publish": LOW + ("client", "service/tunnel", "server/link"),  # a client of relays
    "server": LOW + ("server/link", "server/keeper", "server/worker", "server/holder",
                     "server/files", "server/channels", "server/front", "server/publish", PUBLIC),
    "cli": ("base", PUBLIC),
    "cli/program": ("base", "cli", "keep", "plain", "server"),  # where the client and the server become one file
    PUBLIC: (),
    "examples": (PUBLIC,),
}

# Library header -> (the files that may include it, the rule in words). The first match decides.
LIBRARIES = (
    (r"openssl/ssl\.h$", r"src/io/", "libssl is used in src/io only"),
    (r"openssl/", r"src/(ssh|io|files)/",
     "libcrypto is used in src/ssh, src/io and src/files only"),
    (r"nghttp2/", r"src/http2/", "nghttp2 is used in src/http2 only"),
    (r"boost/asio", rf"src/io/|(?!{PUBLIC}).*\.cpp$|{PUBLIC}/async\.hpp$",
     "Asio is included in src/io, in .cpp files and in async.hpp only"),
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The entry of LAYERS that a path belongs to, `path` being as it is included; None if none."""
    parts = path.split("/")
    if parts[0] == "nigh":
        return PUBLIC
    for length in range(len(parts) - 1, 0, -1):
        entry = "/".join(parts[:length])
        if entry in LAYERS:
            return entry
        if length > 1 and "/".join(parts[:length - 1] + ["*"]) in LAYERS:
            return entry
    return None


def allows(entry, target):
    rule = LAYERS[entry] if entry in LAYERS else LAYERS[entry.rsplit("/", 1)[0] + "/*"]
    return target == entry or target in rule or target.rsplit("/", 1)[0] + "/*" in rule


def offences(file, text, is_neighbour=lambda name: False):
    """Yields (line number, rule) for the file, named from the root of the tree.

    `is_neighbour` tells whether a quoted name is a file in the same folder.
    """
    inside = file.removeprefix("src/").removeprefix("include/")
    own = layer_of(inside)
    if own is None and file.startswith(("src/", "include/")):
        yield 1, f"{file.rsplit('/', 1)[0]} is not in the table of scripts/check_layers.py"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, name = match.groups()
        if own and not (quote == '"' and is_neighbour(name)):
            target = None if name in VALUES else layer_of(name)
            if target and not allows(own, target):
                yield number, f"{own} must not include {name}"
        for library, where, rule in LIBRARIES:
            if re.match(library, name):
                if file.startswith(("src/", "include/")) and not re.match(where, file):
                    yield number, rule
                break


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    found = 0
    for folder in ("src", "include", "examples"):
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            def neighbour(name, here=path.parent):
                return (here / name).is_file()
            file = path.relative_to(root).as_posix()
            for line, rule in offences(file, path.read_text(), neighbour):
                print(f"{file}:{line}: {rule}")
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
