# SPDX-License-Identifier: Apache-2.0
"""Random changes to a tree, as a day of work on it makes them; the same for the same seed.

    edits = Edits(root, seed=7)
    done = edits.some(5)  # ["append 512 bytes to b'a/b'", …]

Whatever gets another content gets another time, since that is what a transfer goes by.
"""
import os
import random
import shutil
import stat


class Edits:
    """Of the tree at `root`. Starts with an empty one too: it fills."""

    def __init__(self, root, seed, largest=200_000):
        self.root = os.fsencode(root)
        self.random = random.Random(seed)
        self.largest = largest
        self.clock = 1_500_000_000 * 10**9
        self.created = 0

    def some(self, count):
        """Does `count` edits and says what they were."""
        done = []
        while len(done) < count:
            edit, weight = zip(*WEIGHTS.items())
            if said := getattr(self, self.random.choices(edit, weight)[0])():
                done.append(said)
        return done

    # What there is to choose from. Sorted, since the order of a folder differs between machines.

    def _all(self, wanted):
        found = []
        for folder, folders, files in os.walk(self.root):
            folders.sort()
            for name in sorted([*folders, *files]):
                path = os.path.join(folder, name)
                if wanted(os.lstat(path).st_mode):
                    found.append(path)
        return found

    def _pick(self, wanted=lambda mode: True):
        found = self._all(wanted)
        return self.random.choice(found) if found else None

    def _mostly_no_folder(self):
        """Else the tree stays small for ever."""
        folders = self.random.random() < 0.05
        return lambda mode: folders or not stat.S_ISDIR(mode)

    def _folder(self):
        return self.random.choice([self.root, *self._all(stat.S_ISDIR)])

    def _new_path(self):
        self.created += 1
        odd = self.random.choice([b"", b"", b"", b" ", b"\n", b"\xff", b"'", "ü".encode(), b"*", b"-"])
        path = os.path.join(self._folder(), odd + b"n%d" % self.created)
        return self._new_path() if os.path.lexists(path) else path

    def _touch(self, path):
        self.clock += self.random.randrange(1, 10**10)
        os.utime(path, ns=(0, self.clock), follow_symlinks=False)

    def _size(self):
        return self.random.choice([0, 1, self.random.randrange(5000), self.random.randrange(self.largest)])

    def _name(self, path):
        return repr(path[len(self.root) + 1:])

    # The edits. None: there is nothing to do that to.

    def create(self):
        path, size = self._new_path(), self._size()
        with open(path, "xb") as out:
            out.write(self.random.randbytes(size))
        self._touch(path)
        return f"create {self._name(path)} with {size} bytes"

    def copy(self):
        if source := self._pick(stat.S_ISREG):
            path = self._new_path()
            _copy(source, path)
            return f"copy {self._name(source)} to {self._name(path)}"

    def make_folder(self):
        path = self._new_path()
        os.mkdir(path)
        return f"make folder {self._name(path)}"

    def make_link(self):
        path = self._new_path()
        os.symlink(self.random.choice([b".", b"..", b"n1", b"/nowhere", b"n%d" % self.created]), path)
        return f"make symlink {self._name(path)}"

    def link(self):
        if source := self._pick(stat.S_ISREG):
            path = self._new_path()
            os.link(source, path)
            return f"link {self._name(source)} as {self._name(path)}"

    def append(self):
        if path := self._pick(stat.S_ISREG):
            size = self._size() + 1
            with open(path, "ab") as out:
                out.write(self.random.randbytes(size))
            self._touch(path)
            return f"append {size} bytes to {self._name(path)}"

    def overwrite(self):
        if (path := self._pick(stat.S_ISREG)) and (size := os.path.getsize(path)):
            at, length = self.random.randrange(size), self.random.randrange(1, 300)
            with open(path, "r+b") as out:
                out.seek(at)
                out.write(self.random.randbytes(min(length, size - at)))
            self._touch(path)
            return f"overwrite {length} bytes at {at} of {self._name(path)}"

    def insert(self):
        if (path := self._pick(stat.S_ISREG)) and (size := os.path.getsize(path)):
            at, length = self.random.randrange(size), self.random.randrange(1, 300)
            with open(path, "r+b") as file:
                content = file.read()
                file.seek(at)
                file.write(self.random.randbytes(length) + content[at:])
            self._touch(path)
            return f"insert {length} bytes at {at} of {self._name(path)}"

    def cut(self):
        if (path := self._pick(stat.S_ISREG)) and (size := os.path.getsize(path)):
            length = self.random.randrange(size)
            os.truncate(path, length)
            self._touch(path)
            return f"cut {self._name(path)} to {length} bytes"

    def make_hole(self):
        if path := self._pick(stat.S_ISREG):
            os.truncate(path, os.path.getsize(path) + 300_000)
            self._touch(path)
            return f"let {self._name(path)} grow by a hole"

    def rename(self):
        if source := self._pick():
            path = self._new_path()
            if not path.startswith(source + b"/"):
                os.rename(source, path)
                return f"rename {self._name(source)} to {self._name(path)}"

    def replace(self):
        """One file takes the name of another, as editors and package managers do."""
        source, path = self._pick(stat.S_ISREG), self._pick(stat.S_ISREG)
        if source and source != path and not os.path.samefile(source, path):
            os.replace(source, path)
            return f"rename {self._name(source)} over {self._name(path)}"

    def swap(self):
        one, two = self._pick(stat.S_ISREG), self._pick(stat.S_ISREG)
        if one and one != two:
            aside = self._new_path()
            os.rename(one, aside)
            os.rename(two, one)
            os.rename(aside, two)
            return f"swap {self._name(one)} and {self._name(two)}"

    def remove(self):
        if path := self._pick(self._mostly_no_folder()):
            _remove(path)
            return f"remove {self._name(path)}"

    def change_kind(self):
        if not (path := self._pick(self._mostly_no_folder())):
            return None
        _remove(path)
        kind = self.random.choice(["folder", "symlink", "fifo", "file"])
        if kind == "folder":
            os.mkdir(path)
        elif kind == "symlink":
            os.symlink(b"changed", path)
        elif kind == "fifo":
            os.mkfifo(path)
        else:
            with open(path, "xb") as out:
                out.write(b"changed")
        self._touch(path)
        return f"make {self._name(path)} a {kind}"

    def chmod(self):
        if path := self._pick(lambda mode: not stat.S_ISLNK(mode)):
            mode = self.random.choice([0o600, 0o644, 0o700, 0o755, 0o640, 0o750, 0o4755])
            if os.path.isdir(path):
                mode |= 0o700
            os.chmod(path, mode)
            return f"chmod {mode:o} {self._name(path)}"

    def touch(self):
        if path := self._pick():
            self._touch(path)
            return f"touch {self._name(path)}"

    def set_xattr(self):
        if path := self._pick(lambda mode: stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            value = self.random.randbytes(self.random.randrange(100))
            os.setxattr(path, f"user.{self.random.randrange(4)}", value)
            return f"set an xattr of {self._name(path)}"

    def remove_xattr(self):
        if path := self._pick(lambda mode: stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            for name in os.listxattr(path):
                os.removexattr(path, name)
                return f"remove {name} of {self._name(path)}"


def _copy(source, path):
    """With its holes: of two equal files that were renamed, either may be taken for the other."""
    with open(source, "rb") as file, open(path, "xb") as out:
        while block := file.read(4096):
            if block.count(0) == len(block):
                out.seek(len(block), os.SEEK_CUR)
            else:
                out.write(block)
        out.truncate()
    shutil.copystat(source, path)


def _remove(path):
    shutil.rmtree(path) if stat.S_ISDIR(os.lstat(path).st_mode) else os.remove(path)


WEIGHTS = {
    "create": 20, "copy": 3, "make_folder": 5, "make_link": 3, "link": 3, "append": 6, "overwrite": 6, "insert": 4,
    "cut": 3, "make_hole": 1, "rename": 9, "replace": 3, "swap": 3, "remove": 14, "change_kind": 3, "chmod": 4,
    "touch": 4, "set_xattr": 3, "remove_xattr": 2}
