# SPDX-License-Identifier: Apache-2.0
"""What differs between two trees, in everything that a transfer promises to keep.

    assert differences(source, target) == []
    assert differences(source, target, without=["owner", "xattrs"]) == []

The promises, each of which `without` can take away:

    content     the bytes of files, wherever their holes are
    mode        permission bits; set_id: the three bits above them
    mtime       with nanoseconds, of everything but symlinks
    link_mtime  that of symlinks
    owner       by number
    symlinks    their target
    hard_links  which names are one file
    xattrs      user.* and ACLs
    holes       no more is allocated than in the source (and a little)
    specials    FIFOs, sockets and the numbers of devices
    extra       nothing is in the target that the source lacks

Nothing is reached by a path of more than one name, so names and depths are not limited.
"""
import dataclasses
import hashlib
import os
import stat

PROMISES = ("content", "mode", "set_id", "mtime", "link_mtime", "owner", "symlinks", "hard_links", "xattrs",
            "holes", "specials", "extra")
NOT_ASKED_FOR = ("set_id", "link_mtime", "owner", "hard_links", "xattrs")  # what stays away without -a
TOLERANCE = 64 << 10  # bytes that another file system, or another day, may allocate more
KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "char-device", stat.S_IFBLK: "block-device"}


@dataclasses.dataclass
class Entry:
    kind: str
    status: os.stat_result
    target: bytes = b""    # of a symlink
    digest: str = ""       # of a file
    xattrs: dict = dataclasses.field(default_factory=dict)


def snapshot(root):
    """{path relative to root: Entry}; the root itself is b"."."""
    found = {}
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        found[b"."] = Entry("directory", os.fstat(folder), xattrs=_xattrs(b"/proc/self/fd/%d" % folder, True))
        _walk(folder, b"", found)
    finally:
        os.close(folder)
    return found


def _walk(folder, prefix, found):
    for name in sorted(map(os.fsencode, os.listdir(folder))):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        entry = Entry(KINDS[stat.S_IFMT(status.st_mode)], status,
                      xattrs=_xattrs(b"/proc/self/fd/%d/%s" % (folder, name), False))
        found[prefix + name] = entry
        if entry.kind == "symlink":
            entry.target = os.readlink(name, dir_fd=folder)
        elif entry.kind == "file":
            entry.digest = _digest(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder))
        elif entry.kind == "directory":
            inner = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
            try:
                _walk(inner, prefix + name + b"/", found)
            finally:
                os.close(inner)


def _xattrs(path, follow):
    return {name: os.getxattr(path, name, follow_symlinks=follow)
            for name in os.listxattr(path, follow_symlinks=follow)
            if name.startswith(("user.", "system.posix_acl_"))}


def _digest(descriptor):
    """Of size and content. A hole and the zeros in its place give the same, and holes cost nothing."""
    block = 1 << 16
    with open(descriptor, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        digest, offset = hashlib.blake2b(b"%d" % size), 0
        while (offset := _next_data(file.fileno(), offset)) is not None and offset < size:
            offset -= offset % block
            content = os.pread(file.fileno(), block, offset)
            if content.count(0) != len(content):
                digest.update(b"%d:" % offset + content)
            offset += block
        return digest.hexdigest()


def _next_data(descriptor, offset):
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except OSError:  # ENXIO: there is none
        return None


def differences(source, target, without=()):
    """One readable line for each, in the order of paths. Either may be a root or a snapshot of one."""
    if unknown := set(without) - set(PROMISES):
        raise ValueError(f"no promise is called {unknown}")
    a, b = (one if isinstance(one, dict) else snapshot(one) for one in (source, target))
    kept = set(PROMISES) - set(without)
    lines = []
    for path in sorted(a.keys() | b.keys()):
        if path not in b:
            lines.append((path, "is missing"))
        elif path not in a:
            lines += [(path, f"is extra: a {b[path].kind}")] * ("extra" in kept)
        else:
            lines += [(path, what) for what in _compare(a[path], b[path], kept)]
    if "hard_links" in kept:
        lines += _compare_groups(a, b)
    return [f"{_printable(path)}: {what}" for path, what in sorted(lines)]


def _compare(a, b, kept):
    if a.kind != b.kind:
        yield f"is a {b.kind} instead of a {a.kind}"
        return
    if "content" in kept and a.kind == "file":
        if a.status.st_size != b.status.st_size:
            yield f"has {b.status.st_size} bytes instead of {a.status.st_size}"
        elif a.digest != b.digest:
            yield "has other content"
    if "symlinks" in kept and a.target != b.target:
        yield f"leads to {b.target!r} instead of {a.target!r}"
    if a.kind != "symlink":
        yield from _compare_modes(a, b, kept)
    if "owner" in kept and _owner(a) != _owner(b):
        yield f"belongs to {_owner(b)} instead of {_owner(a)}"
    if ("link_mtime" if a.kind == "symlink" else "mtime") in kept and a.status.st_mtime_ns != b.status.st_mtime_ns:
        yield f"has the time {b.status.st_mtime_ns} instead of {a.status.st_mtime_ns}"
    if "xattrs" in kept and a.xattrs != b.xattrs:
        for name in sorted(a.xattrs.keys() | b.xattrs.keys()):
            if a.xattrs.get(name) != b.xattrs.get(name):
                yield f"xattr {name} is {b.xattrs.get(name)!r} instead of {a.xattrs.get(name)!r}"
    if "holes" in kept and a.kind == "file" and _allocated(b) > _allocated(a) + TOLERANCE:
        yield f"takes {_allocated(b)} bytes on disk instead of {_allocated(a)}"
    if "specials" in kept and a.status.st_rdev != b.status.st_rdev:
        yield f"is device {b.status.st_rdev:#x} instead of {a.status.st_rdev:#x}"


def _compare_modes(a, b, kept):
    bits = (0o777 if "mode" in kept else 0) | (0o7000 if "set_id" in kept else 0)
    if (a.status.st_mode ^ b.status.st_mode) & bits:
        yield f"has mode {b.status.st_mode & bits:04o} instead of {a.status.st_mode & bits:04o}"


def _owner(entry):
    return entry.status.st_uid, entry.status.st_gid


def _allocated(entry):
    return entry.status.st_blocks * 512


def _groups(entries):
    """{path: all paths of the same file}, of what has several in this tree."""
    by_inode = {}
    for path, entry in entries.items():
        if entry.kind != "directory" and entry.status.st_nlink > 1:
            by_inode.setdefault((entry.status.st_dev, entry.status.st_ino), []).append(path)
    return {path: sorted(paths) for paths in by_inode.values() for path in paths if len(paths) > 1}


def _compare_groups(a, b):
    groups_a, groups_b = _groups(a), _groups(b)
    for path in sorted((groups_a.keys() | groups_b.keys()) & a.keys() & b.keys()):
        wanted, there = groups_a.get(path, [path]), groups_b.get(path, [path])
        if wanted != there:
            yield path, f"is one file with {there} instead of {wanted}"


def _printable(path):
    return repr(path)[2:-1]
