"""The manifest of a job: a line of JSON for whatever became of an input, the last of an id counts.

Lines are added and never changed, each in one step; a line that a crash cut in two is no line, and
what follows begins a new one.  The truth about releases is the store: a job goes on from there, and
takes from here alone what failed.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

from numbadp.errors import StoreError

NAME = "jobs.jsonl"
RELEASED, KEPT, FAILED, CHARGED = "released", "kept", "failed", "charged"


class Manifest:
    """A file of lines, open for more of them.

    Parameters
    ----------
    path : Path
        The file; made if missing, its folder too.

    Raises
    ------
    StoreError
        If it cannot be written.
    """

    def __init__(self, path: Path):
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream = open(path, "ab", buffering=0)  # noqa: SIM115
            if self._is_cut():
                self._stream.write(b"\n")
        except OSError as error:
            raise self._refused(error) from None

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, *exception) -> None:
        self._stream.close()

    def add(self, record: dict) -> None:
        """Add a line.

        Parameters
        ----------
        record : dict
            With ``"id"`` and ``"status"``.

        Raises
        ------
        StoreError
            If it cannot be written.
        """
        line = json.dumps(record, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            if self._stream.write(line) != len(line):
                raise OSError(28, "No space left on device")
        except OSError as error:
            raise self._refused(error) from None

    def failed(self) -> dict[str, str]:
        """Inputs that failed and were not done since, and why.

        Returns
        -------
        dict of str to str
            From id to reason.
        """
        found: dict[str, str] = {}
        for record in read_manifest(self._path):
            if record.get("status") == FAILED:
                found[record["id"]] = str(record.get("error", ""))
            elif record.get("status") != CHARGED:
                found.pop(record["id"], None)
        return found

    def charged(self) -> dict[str, str]:
        """Inputs that a ledger was charged for and that have no release for all the manifest knows.

        Returns
        -------
        dict of str to str
            From id to what was charged, and to which ledger; failed ones stay charged.
        """
        found: dict[str, str] = {}
        for record in read_manifest(self._path):
            if record.get("status") == CHARGED:
                found[record["id"]] = str(record.get("charge", ""))
            elif record.get("status") != FAILED:
                found.pop(record["id"], None)
        return found

    def _is_cut(self) -> bool:
        if not self._stream.tell():
            return False
        with open(self._path, "rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) != b"\n"

    def _refused(self, error: OSError) -> StoreError:
        return StoreError(
            f"the manifest {self._path} cannot be written: {error.strerror or error}. What is in "
            "the store stays; give it room and rights, and run the job again."
        )


def read_manifest(path: Path) -> Iterator[dict]:
    """Read the lines of a manifest, as many as are whole.

    Parameters
    ----------
    path : Path
        The file.

    Yields
    ------
    dict
        With a string ``"id"``.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    try:
        stream = open(path, "rb")  # noqa: SIM115
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"the manifest {path} cannot be read: {error.strerror}.") from None
    with stream:
        for line in stream:
            try:
                record = json.loads(line)
                if isinstance(record, dict) and isinstance(record["id"], str):
                    yield record
            except (ValueError, KeyError, RecursionError):
                continue
