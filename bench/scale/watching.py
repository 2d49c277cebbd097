"""Watches a store while others fill it: what was seen once stays, byte for byte."""

import hashlib
import threading
from pathlib import Path

import numbadp

_EVERY_S, _WHOLE = 0.1, 10  # now and then it reads all of them


class Watcher:
    """Looks again and again, in a thread; `end` looks a last time and gives all that was wrong.

    Parameters
    ----------
    folder : Path
        Of the store.
    ledger : Ledger, optional
        May never have less than what is visible.
    """

    def __init__(self, folder: Path, ledger=None):
        self._folder, self._ledger = folder, ledger
        self.seen: dict[str, str] = {}
        self.wrong: list[str] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def look(self, new_ones_only: bool) -> None:
        """Read releases that are there, and compare them with what they were."""
        found = {}
        for path in self._folder.glob("*.dpz"):
            if new_ones_only and path.name in self.seen:
                found[path.name] = self.seen[path.name]
                continue
            content = path.read_bytes()
            found[path.name] = hashlib.sha256(content).hexdigest()
            if path.name not in self.seen:
                try:
                    numbadp.load(path)
                except numbadp.NumbadpError as error:
                    self.wrong.append(f"{path.name} is not whole: {error}")
        if self._ledger is not None and self._ledger.spent < len(found):
            self.wrong.append(f"{len(found)} releases, {self._ledger.spent} charged")
        for name, digest in self.seen.items():
            if found.get(name) != digest:
                self.wrong.append(f"{name} was {digest}, is {found.get(name)}")
        self.seen.update(found)

    def _watch(self) -> None:
        turn = 0
        while not self._ended.wait(_EVERY_S):
            turn += 1
            self.look(new_ones_only=turn % _WHOLE != 0)

    def end(self, inputs: list[str]) -> list[str]:
        """Stop, and hold the store against its inputs."""
        self._ended.set()
        self._thread.join()
        self.look(new_ones_only=False)
        ids = numbadp.Store(self._folder).ids()
        if ids != sorted(inputs):
            self.wrong.append(f"{len(ids)} ids for {len(inputs)} inputs")
        if len(self.seen) != len(inputs):
            self.wrong.append(f"{len(self.seen)} releases for {len(inputs)} inputs")
        return self.wrong
