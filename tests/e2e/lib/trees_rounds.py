# SPDX-License-Identifier: Apache-2.0
"""Rounds of random edits, each followed by a sync and by everything that can be asked about it."""
from . import compare
from .transfer import contents, rsync_would, summary
from .trees_edits import Edits


class Rounds:
    """Below `folder`: the edited `source`, and a target for each direction, which take turns at
    random so that each round meets what several rounds have changed.

    nigh(*args) runs the program, as the fixture does, with a server called demo.
    """

    def __init__(self, nigh, folder, seed):
        self.nigh, self.folder = nigh, folder
        self.source = folder / "source"
        self.targets = {"up": folder / "up", "down": folder / "down"}
        for one in (self.source, *self.targets.values()):
            one.mkdir()
        self.edits = Edits(self.source, seed)
        self.number, self.log = 0, []

    def next(self):
        """One round. AssertionError, with what the edits were, when it did not end as it should."""
        self.number += 1
        random = self.edits.random
        way = random.choice(["up", "down"])
        self.log.append((way, self.edits.some(random.choice([0, 1, 3, 10]))))
        options = random.choice([[], [], [], ["--inplace"], ["-z"], ["--checksum"], ["--parallel", "4"]])
        try:
            self._sync(way, options)
        except AssertionError as failure:
            recent = "\n".join(f"  {way}: {edit}" for way, edits in self.log[-4:] for edit in edits or ["nothing"])
            raise AssertionError(f"round {self.number}, {way} {options}: {failure}\nafter:\n{recent}") from failure

    def _sync(self, way, options):
        source, target = contents(self.source), contents(self.targets[way])
        words = (f"demo:{source}", target) if way == "down" else (source, f"demo:{target}")
        done = self.nigh("sync", "-a", "--delete", "--json", *options, *words)
        assert done.returncode == 0, f"status {done.returncode}: {done.stderr.decode(errors='backslashreplace')}"
        assert (found := compare.differences(self.source, self.targets[way])) == [], "\n".join(found)
        assert (would := rsync_would(self.source, self.targets[way])) == [], f"rsync would {would}"
        written = sum(entry.status.st_size for entry in compare.snapshot(self.source).values()
                      if entry.kind == "file")
        assert summary(done)["literal"] <= written, "more was sent than there is"
