# SPDX-License-Identifier: Apache-2.0
"""Trees of all that a Linux file system holds, the same for the same seed.

    tree = Tree(tmp_path / "source", seed=7)
    tree.grow("names", "sizes", "hard_links")

Each kind has a folder of its own below the root, called like the kind. Paths are bytes throughout.
What needs root (device nodes) is left out for anyone else. grow() sets the times of everything last,
so what is added by hand later has a time of its own.
"""
import os
import pathlib
import random
import shutil
import socket
import stat
import struct
import subprocess

NAMES = [
    "pläin ☃ UTF-8".encode(), "日本語のファイル".encode(), "e\u0301 two".encode(), "\u00e9 one".encode(),
    b"caf\xe9 Latin-1", b"\xff\xfe\x80 no UTF-8", b"cut \xe2\x98", b"new\nline", b"\nleads", b"trails\n",
    b"tab\ttab", b"carriage\rreturn", b"bell\x07 escape\x1b[31m", b"delete\x7f", b"\x01",
    b"-rf", b"--delete", b"-", b" ", b"  two  ", b" leads", b"trails ", b"'single'", b'"double"', b"it's \"both\"",
    b"back\\slash", b"ends\\", b"\\n", b"*", b"**", b"?", b"a[b]c", b"[", b"{a,b}", b"!not", b"#comment", b"~", b"~root",
    b"$HOME", b"$(id)", b"`id`", b"a;b", b"a|b", b"a&b", b"a>b", b"%2e%2e%2f", b"%", b"%00",
    b"colon:colon", b":",
    b"host:path", b"C:\\x", b"@", b"user@host", b"=", b"a=b", b".hidden", b"...", b".. ", b"..x", b"x..", b"con", b"nul",
    b"x" * 255, b"\xff" * 255, b"y" * 100 + b"\n" + b"z" * 154,
]
SMALL_SIZES = [0, 1, 2, 15, 16, 17, 255, 256, 511, 512, 4095, 4096, 4097, 8191, 8193, 16384, 32767, 32768, 32769]
THRESHOLDS = [64 << 10, 256 << 10, 1 << 20, 4 << 20]
TIMES = [  # seconds: before 1970, its begin, around 2**31 and 2**32
    -2_000_000_000, -1, 0, 1, 1_000_000_000, 2**31 - 1, 2**31, 2**32 - 1, 2**32 + 5, 7_000_000_000]
FILE_MODES = [0o000, 0o200, 0o400, 0o444, 0o600, 0o644, 0o666, 0o755, 0o111, 0o777]
FOLDER_MODES = [0o000, 0o111, 0o300, 0o500, 0o555, 0o700, 0o755, 0o777]
ALL = ("names", "sizes", "thresholds", "sparse", "deep", "wide", "symlinks", "hard_links", "xattrs", "acls",
       "specials", "devices", "set_id", "modes", "times", "owners", "empty")
WITHOUT_A = ("names", "sizes", "deep", "modes", "times", "empty")  # what is kept also without -a


class Tree:
    """Grows below `root`, which it makes. `wide`, `deep` and `apparent` (bytes of the sparse files)
    say how large it gets."""

    def __init__(self, root, seed=1, wide=400, deep=200, apparent=64 << 20):
        self.root = os.fsencode(root)
        self.random = random.Random(seed)
        self.how_wide, self.how_deep, self.apparent = wide, deep, apparent
        self.folder_modes = []  # given at the end: most of them forbid to put something in
        os.makedirs(self.root, exist_ok=True)

    def grow(self, *kinds):
        """Grows these kinds, all without one; itself."""
        for kind in kinds or ALL:
            top = self.path(kind.encode())
            os.mkdir(top)
            getattr(self, f"_{kind}")(top)
        self.set_times()
        for path, mode in self.folder_modes:
            os.chmod(path, mode)
        return self

    def path(self, *names):
        return os.path.join(self.root, *names)

    def file(self, path, content=b"", mode=0o644):
        with open(path, "xb") as out:
            out.write(content)
        os.chmod(path, mode)
        return path

    def data(self, size):
        """Half of all files are noise, the others shrink well; blocks of zeros are in both."""
        if self.random.random() < 0.5:
            content = self.random.randbytes(size)
        else:
            line = b"%d the same line again and again\n" % self.random.getrandbits(16)
            content = (line * (size // len(line) + 1))[:size]
        if size > 16384:
            at = self.random.randrange(size - 8192)
            content = content[:at] + bytes(8192) + content[at + 8192:]
        return content

    def set_times(self):
        """A time with nanoseconds for everything; from the bottom up, since each change shows above."""
        for folder, folders, files in os.walk(self.root, topdown=False):
            for name in [*sorted(folders), *sorted(files)]:
                path = os.path.join(folder, name)
                if not path.startswith(self.path(b"times", b"")):
                    os.utime(path, ns=(0, self.any_time()), follow_symlinks=False)
        os.utime(self.root, ns=(0, self.any_time()))

    def any_time(self):
        return self.random.randrange(10**18, 1_600_000_000 * 10**9)

    def _names(self, top):
        for name in NAMES:
            self.file(os.path.join(top, name), name)
        folders = os.path.join(top, b"folders")
        links = os.path.join(top, b"links")
        os.mkdir(folders)
        os.mkdir(links)
        for name in NAMES:
            os.mkdir(os.path.join(folders, name))
            self.file(os.path.join(folders, name, name[::-1]), b"inside")
            os.symlink(name, os.path.join(links, name))

    def _sizes(self, top):
        for size in SMALL_SIZES:
            self.file(os.path.join(top, b"%d" % size), self.data(size))

    def _thresholds(self, top):
        for threshold in THRESHOLDS:
            for size in (threshold - 1, threshold, threshold + 1):
                self.file(os.path.join(top, b"%d" % size), self.data(size))

    def _sparse(self, top):
        size = self.apparent
        shapes = {
            b"all hole": [],
            b"hole at start": [size - 5000],
            b"hole in middle": [0, size - 65536],
            b"hole at end": [0, 4096],
            b"islands": sorted(self.random.randrange(size // 4096 - 2) * 4096 for _ in range(20)),
            b"odd places": [1, size // 3 + 17, size - 1 - 5000],
        }
        for name, offsets in shapes.items():
            with open(os.path.join(top, name), "xb") as out:
                out.truncate(size)
                for offset in offsets:
                    os.pwrite(out.fileno(), self.random.randbytes(5000), offset)
        with open(os.path.join(top, b"hole after short data"), "xb") as out:
            out.write(b"x")
            out.truncate(200_000)
        self.file(os.path.join(top, b"zeros without a hole"), bytes(1 << 20))

    def _deep(self, top):
        for level in range(self.how_deep):
            self.file(os.path.join(top, b"file"), b"%d" % level)
            top = os.path.join(top, b"d%d" % level)
            os.mkdir(top)

    def _wide(self, top):
        for number in range(self.how_wide):
            self.file(os.path.join(top, b"%05d" % number), self.random.randbytes(self.random.randrange(300)))

    def _symlinks(self, top):
        os.mkdir(os.path.join(top, b"folder"))
        self.file(os.path.join(top, b"file"), b"what the links lead to")
        self.file(os.path.join(top, b"folder", b"inner"), b"inner")
        targets = {
            b"relative": b"file", b"to folder": b"folder", b"into folder": b"folder/inner",
            b"up": b"../symlinks/file",
            b"absolute": b"/etc/hostname", b"dangling": b"no such file", b"dangling absolute": b"/no/such/file",
            b"itself": b"itself", b"loop a": b"loop b", b"loop b": b"loop a", b"here": b".", b"above": b"..",
            b"out": b"../../../..", b"bytes": b"\xff\n'", b"slashes": b"folder//inner", b"long": b"l/" * 2000 + b"end",
        }
        for name, target in targets.items():
            os.symlink(target, os.path.join(top, name))
        os.symlink(b"../file", os.path.join(top, b"folder", b"to sibling"))

    def _hard_links(self, top):
        for folder in (b"a", b"b", b"b/c"):
            os.mkdir(os.path.join(top, folder))
        groups = [
            [b"one", b"two", b"three"], [b"a/across", b"b/across"], [b"b/c/late", b"a/early", b"top"],
            [b"z first", b"a/z second", b"b/c/z third", b"b/z fourth"]]
        for number, (first, *others) in enumerate(groups):
            self.file(os.path.join(top, first), self.data(1000 * number))
            for name in others:
                os.link(os.path.join(top, first), os.path.join(top, name))
        large = self.file(os.path.join(top, b"large"), self.data(600_000))
        os.link(large, os.path.join(top, b"a", b"large"))
        os.symlink(b"one", os.path.join(top, b"link 1"))
        os.link(os.path.join(top, b"link 1"), os.path.join(top, b"link 2"), follow_symlinks=False)

    def _xattrs(self, top):
        for name, attributes in {
            b"one": {"user.one": b"1"}, b"empty value": {"user.empty": b""},
            b"many": {f"user.{n}": b"%d" % n for n in range(30)},
            b"bytes": {"user.bytes": bytes(range(256))}, b"large": {"user.large": self.random.randbytes(3000)},
            b"name": {"user.ä ☃": b"name"}, b"folder": {"user.of.folder": b"d"},
        }.items():
            path = os.path.join(top, name)
            os.mkdir(path) if name == b"folder" else self.file(path, name)
            for key, value in attributes.items():
                os.setxattr(path, key, value)

    def _acls(self, top):
        for number in range(3):
            path = self.file(os.path.join(top, b"file %d" % number), b"acl", mode=0o640)
            os.setxattr(path, "system.posix_acl_access", acl(6, 4, 0, users={1000 + number: 6}, groups={50: number}))
        folder = os.path.join(top, b"folder")
        os.mkdir(folder)
        self.file(os.path.join(folder, b"plain"), b"older than the default ACL, and so without one")
        os.mkdir(os.path.join(folder, b"plain folder"))
        os.setxattr(folder, "system.posix_acl_access", acl(7, 5, 5, users={1000: 7}))
        os.setxattr(folder, "system.posix_acl_default", acl(7, 5, 0, users={1001: 5}))
        self.file(os.path.join(folder, b"inherits"), b"it has what the folder gives")

    def _specials(self, top):
        for name, mode in {b"fifo": 0o644, b"fifo private": 0o600}.items():
            os.mkfifo(os.path.join(top, name))
            os.chmod(os.path.join(top, name), mode)
        make_socket(os.path.join(top, b"socket"))

    def _devices(self, top):
        if os.geteuid() != 0:
            return
        for name, kind, number in ((b"null", stat.S_IFCHR, (1, 3)), (b"odd", stat.S_IFCHR, (250, 70_000)),
                                   (b"loop", stat.S_IFBLK, (7, 200))):
            os.mknod(os.path.join(top, name), kind | 0o600, os.makedev(*number))

    def _set_id(self, top):
        for mode in (0o4755, 0o2755, 0o6711, 0o1644, 0o7000):
            self.file(os.path.join(top, b"file %o" % mode), b"set-id", mode)
        for mode in (0o2775, 0o1777, 0o3700):
            folder = os.path.join(top, b"folder %o" % mode)
            os.mkdir(folder)
            os.chmod(folder, mode)
            self.file(os.path.join(folder, b"in it"), b"x")

    def _modes(self, top):
        modes = FILE_MODES if os.geteuid() == 0 else [mode for mode in FILE_MODES if mode & 0o400]
        for mode in modes:
            self.file(os.path.join(top, b"file %03o" % mode), b"mode %o" % mode, mode)
        modes = FOLDER_MODES if os.geteuid() == 0 else [mode for mode in FOLDER_MODES if mode & 0o500 == 0o500]
        for mode in modes:
            folder = os.path.join(top, b"folder %03o" % mode)
            os.mkdir(folder)
            os.mkdir(os.path.join(folder, b"deeper"))
            self.file(os.path.join(folder, b"deeper", b"in it"), b"x")
            self.folder_modes.append((folder, mode))

    def _times(self, top):
        for seconds in TIMES:
            for nanoseconds in (0, 1, 999_999_999):
                path = self.file(os.path.join(top, b"%d.%09d" % (seconds, nanoseconds)), b"time")
                os.utime(path, ns=(0, seconds * 10**9 + nanoseconds))
        folder = os.path.join(top, b"folder")
        os.mkdir(folder)
        os.utime(self.file(os.path.join(folder, b"in it"), b"x"), ns=(0, 5))
        os.utime(folder, ns=(0, -5 * 10**9 + 3))

    def _owners(self, top):
        if os.geteuid() != 0:
            return
        for user, group in ((0, 1), (1, 0), (65534, 65534), (12345, 23456)):  # the last without a name
            path = self.file(os.path.join(top, b"file %d %d" % (user, group)), b"owner")
            os.chown(path, user, group)
            folder = os.path.join(top, b"folder %d %d" % (user, group))
            os.mkdir(folder)
            os.chown(folder, user, group)
            link = os.path.join(top, b"link %d %d" % (user, group))
            os.symlink(b"x", link)
            os.chown(link, user, group, follow_symlinks=False)

    def _empty(self, top):
        os.makedirs(os.path.join(top, b"in", b"in", b"in"))
        for number in range(10):
            os.mkdir(os.path.join(top, b"%d" % number))


def acl(user, group, other, users={}, groups={}):
    """The bytes of a POSIX ACL as the kernel takes them: system.posix_acl_access, …_default."""
    nobody = 0xFFFFFFFF
    mask = [(0x10, 7, nobody)] if users or groups else []
    entries = [(1, user, nobody), *((2, bits, uid) for uid, bits in sorted(users.items())),
               (4, group, nobody), *((8, bits, gid) for gid, bits in sorted(groups.items())),
               *mask, (0x20, other, nobody)]
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def make_socket(path):
    """Through a descriptor of its folder: the path may be longer than an address of a socket is."""
    folder = os.open(os.path.dirname(path), os.O_PATH | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(b"/proc/self/fd/%d/%s" % (folder, os.path.basename(path)))
    finally:
        os.close(folder)


def long_chain(root, levels=25, length=250):
    """Folders in each other, as deep as that the path of the last is beyond PATH_MAX, with a file in
    it; the names. No program can reach it by its path."""
    names = [bytes([97 + level % 26]) * length for level in range(levels)]
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for name in names:
        os.mkdir(name, dir_fd=folder)
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder = inner
    with open(os.open(b"bottom", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=folder), "wb") as out:
        out.write(b"down here")
    os.close(folder)
    return names


def copy_tree(source, target, *options):
    """A copy by rsync with all that it keeps, as the state from which two trees part."""
    os.makedirs(target, exist_ok=True)
    subprocess.run(["rsync", "-aHAXS", "--numeric-ids", "--modify-window=-1", *options,
                    os.path.join(os.fsencode(source), b""), os.fsencode(target)], check=True)
    return pathlib.Path(os.fsdecode(target))


def remove(path):
    """Also with folders that nobody may enter, as far as they are one's own."""
    for folder, folders, _ in os.walk(os.fsencode(path)):
        for name in folders:
            if not os.path.islink(os.path.join(folder, name)):
                os.chmod(os.path.join(folder, name), 0o700)
    shutil.rmtree(path)
