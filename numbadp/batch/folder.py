"""A store's files in a folder: read whole, published once, by threads, processes and machines.

Statement.  At most one file ever has a name; it is whole, on the disk, and never replaced.  A try
  that dies before it published leaves nothing but a part, which its owner alone may read and the
  next writer removes.
Proof sketch.
  (1) A file is written as a part, in a folder beside, and forced to the disk before it takes its
      name (parts.py); it takes it only if nobody has it (free_names.py).
  (2) The folder is forced to the disk before the part's own name goes.  Who sees a file that still
      has two names forces the folder himself: whoever hands a release on, it stays.
  (3) Room for the largest file that the plan can lead to is set aside before a pixel is read, so
      whether a disk is full does not depend on the noise.
Assumes.  The file system's own promises; where it has no links, step (2) holds for the process that
  published, and others may see a file for a moment before it is durable.
Tested by tests/batch/test_folder.py
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from numbadp.batch.draft import Draft
from numbadp.batch.identity import SUFFIX
from numbadp.errors import StoreError
from numbadp.files import read_bytes
from numbadp.free_names import sync_folder
from numbadp.parts import PartFile, remove_stale_parts

_PARTS = ".numbadp-parts"


class Folder:
    """One folder of a store.

    Parameters
    ----------
    path : Path
        It is made when something is first published.
    """

    def __init__(self, path: Path):
        self._path, self._ready = path, False

    def where(self, name: str) -> str:
        """Say where a file is, or would be.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        str
            Its path.
        """
        return os.path.join(self._path, name)

    def head(self, name: str, most: int) -> bytes | None:
        """Read the beginning of a file.

        Parameters
        ----------
        name : str
            Its name.
        most : int
            Number of bytes.

        Returns
        -------
        bytes or None
            None if there is no such file.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        path = self._path / name
        with self._told():
            try:
                with open(path, "rb", buffering=0) as stream:
                    found = stream.read(most)
                    if os.fstat(stream.fileno()).st_nlink > 1:  # step 2
                        sync_folder(self._path)
                    return found
            except FileNotFoundError:
                return None

    def content(self, name: str, most: int) -> bytes | None:
        """Read a file.

        Parameters
        ----------
        name : str
            Its name.
        most : int
            Largest number of bytes.

        Returns
        -------
        bytes or None
            None if there is no such file, or more of it.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        with self._told():
            try:
                return read_bytes(self._path / name, most)
            except FileNotFoundError:
                return None

    def open(self, name: str):
        """Open a file; None if there is no such file.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        binary file or None
            To be closed by the caller.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        with self._told():
            try:
                return open(self._path / name, "rb")
            except FileNotFoundError:
                return None

    def names(self) -> Iterator[str]:
        """Name all files, one by one, in no order.

        Yields
        ------
        str
            A name.

        Raises
        ------
        StoreError
            If the folder cannot be read.
        """
        with self._told():
            try:
                entries = os.scandir(self._path)
            except FileNotFoundError:
                return
        with entries:
            for entry in entries:
                if entry.name.endswith(SUFFIX) and not entry.name.startswith("."):
                    yield entry.name

    @contextmanager
    def reserve(self, room: int, source=None):
        """Make the part of a file, with room on the disk, before anything is measured.

        Parameters
        ----------
        room : int
            Bytes, as many as there can be.
        source : os.stat_result, optional
            Status of the file that the input is from: the release is not open to more users.

        Yields
        ------
        Draft
            Takes a name and the bytes, those after what its stream has; gives True if the name was
            free and is theirs now.

        Raises
        ------
        StoreError
            If nothing can be published here.
        """
        with self._told():
            parts = self._prepared()
            part = PartFile(parts / "release", replace=True, room=room, source=source)  # step 3

        def publish(name: str, content: bytes = b"") -> bool:
            with self._told():
                return part.publish_once(content, self._path / name)  # step 1

        with part:
            yield Draft(part.stream, publish)

    def _prepared(self) -> Path:
        """The folder of parts, made, tidied and tried once by each process."""
        parts = self._path / _PARTS
        if not self._ready or not parts.is_dir():
            self._path.mkdir(parents=True, exist_ok=True)
            parts.mkdir(exist_ok=True)
            remove_stale_parts(parts)
            _try_names(parts)
            self._ready = True
        return parts

    @contextmanager
    def _told(self):
        try:
            yield
        except OSError as error:
            reason = error.strerror or "the system refuses it"
            raise StoreError(
                f"the store {self._path} cannot be used: {reason}. Nothing was published; give it "
                "room and rights, or name another folder."
            ) from None


def _try_names(parts: Path) -> None:
    """Refuse a file system without a step for free names before anything is paid for."""
    with PartFile(parts / "trial", replace=True) as part:
        trial = parts / f".trial-{os.getpid()}"
        try:
            part.take(trial)  # or a killed process left it, and a name that is taken is refused
        finally:
            with suppress(OSError):
                os.unlink(trial)
