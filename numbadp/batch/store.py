"""A store: one visible release an input, however many tries there are.

Statement.  For every id a store has at most one release that anybody can ever see, and always the
  same; so a reader of the store learns what one release under its terms tells, epsilon, whoever
  tried how often.
Proof sketch.
  (1) A try looks first, and measures only what has no release; what it made is published under the
      id's own name only if there is none, else discarded (folder.py, objects.py).  Names of ids
      differ (identity.py), and a file says whose it is.
  (2) Tries that die, or lose the race, are never seen.  So the visible release is the first that
      was published of several independent ones, and has the law of any one of them, provided that
      neither failing nor the order of publishing depends on the noise: what can fail is settled
      before a pixel is read, and afterwards each try does the same work.
  (3) Another plan under the same id is refused: its release would be a second one.
Assumes.  Nobody removes releases and tries again; who reads the store does not read its parts,
  which are open to their owner alone; how long a try takes to pack its numbers tells nothing.
Tested by tests/batch/test_store.py
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from numbadp.batch.draft import Draft
from numbadp.batch.folder import Folder
from numbadp.batch.identity import checked_id, file_name, is_url, path_id
from numbadp.batch.objects import Objects
from numbadp.batch.terms import difference
from numbadp.checks import shown
from numbadp.errors import FileFormatError, MissingReleaseError, OptionTypeError, StoreError
from numbadp.release.clips import BEFORE, MAGIC, Clip, first_release
from numbadp.release.loading import load
from numbadp.storage.codec import MAX_BYTES
from numbadp.storage.record import MOST_BYTES, put_record, read_record

_HEADERS = 1 << 17  # bytes of a file beside its arrays


class Store:
    """Releases by the ids of their inputs, each published once.

    Parameters
    ----------
    place : str or os.PathLike
        A folder, which is made when something is first published; or a URL of an object store that
        has conditional writes (``"s3://bucket/releases"``; extra ``objects`` and the service's own
        package).  Processes and machines may share it.
    root : str or os.PathLike, optional
        A folder that holds all inputs.  Ids of paths are then relative to it: the same on machines
        that have it in different places, and without the names of folders above it.

    Raises
    ------
    OptionTypeError
        If an argument is no path.
    StoreError
        If there can be no store at this place.

    Notes
    -----
    Ids, terms and sizes are public: they are in the files.  A killed worker may leave a part file
    in ``.numbadp-parts``, readable by its owner alone; the next writer removes it.

    Examples
    --------
    >>> import numbadp
    >>> store = numbadp.Store("releases")
    >>> store.ids()
    []
    """

    def __init__(self, place, root=None):
        self.place = _whole(_text("place", place))  # workers may have another current folder
        self.root = None if root is None else _whole(_text("root", root))
        self._files = _files_at(self.place)

    def ids(self) -> list[str]:
        """List the ids of all inputs that have a release; iterate over the store to stream them.

        Returns
        -------
        list of str
            Sorted.

        Raises
        ------
        StoreError
            If the store cannot be read, or a file in it is damaged.
        """
        return sorted(self)

    def __iter__(self) -> Iterator[str]:
        for name in self._files.names():
            record = self._record(name)
            if record is not None:  # else somebody put a release file there
                yield record["id"]

    def __contains__(self, identity) -> bool:
        return self.find(identity) is not None

    def id_of(self, path) -> str:
        """Say under which id an input is that is named by its path.

        Parameters
        ----------
        path : str or os.PathLike
            The file, or a URL.

        Returns
        -------
        str
            The real path, or that below `root`.

        Raises
        ------
        OptionTypeError, OptionError
            If it is no path, or not below the root.
        """
        return path_id(path, self.root)

    def get(self, identity):
        """Read the release of an input.

        Parameters
        ----------
        identity : str or os.PathLike
            Its id; a path is taken as by `id_of`, and so is a string that is no id here.

        Returns
        -------
        Release or Clip
            The same at every call, bit for bit.  Of a video the `numbadp.video.Clip` of its frames,
            which is to be closed: ``with store.get("a.mp4") as clip``.

        Raises
        ------
        MissingReleaseError
            If there is none.
        StoreError, FileFormatError
            If it cannot be read, or is damaged.
        """
        name = self._name_here(identity)
        found: Any = self._files.head(name, len(MAGIC))
        read: Callable = load
        if found == MAGIC:
            found, read = self._files.open(name), Clip
        else:
            content = self._files.content(name, MAX_BYTES + _HEADERS)
            found = None if content is None else BytesIO(content)
        if found is None:
            raise StoreError(f"{self._files.where(name)} is gone, or too large to be read.")
        return read(found)

    def path(self, identity) -> str:
        """Say where the release of an input is.

        Parameters
        ----------
        identity : str or os.PathLike
            As for `get`.

        Returns
        -------
        str
            Path or URL of a ``.dpz``.

        Raises
        ------
        MissingReleaseError, StoreError
            As `get`.
        """
        return self._files.where(self._name_here(identity))

    def find(self, identity: str, terms: dict | None = None) -> str | None:
        """Look for a release.

        Parameters
        ----------
        identity : str
            The id, exactly.
        terms : dict, optional
            What it has to have been asked for.

        Returns
        -------
        str or None
            Path or URL; None if there is none.

        Raises
        ------
        StoreError
            If the store cannot be read, the file is damaged or another input's, or was released
            under other terms.
        """
        name = file_name(checked_id(identity))
        record = self._record(name)
        if record is None:
            return None
        if record["id"] != identity:
            raise StoreError(f"{self._files.where(name)} is not what it should be: remove it.")
        if terms is not None and (other := difference(record["terms"], terms)):
            raise StoreError(
                f"{identity} has a release with {other}; a second one would add to what it spent. "
                "Ask for the same, or use another store."
            )
        return self._files.where(name)

    @contextmanager
    def reserve(self, room: int, source=None):
        """Make room for a release before its picture is measured.

        Parameters
        ----------
        room : int
            Bytes, as many as it can have.
        source : os.stat_result, optional
            Status of the input's file: the release is not open to more users.

        Yields
        ------
        Draft
            ``draft(identity, terms, content)`` with the bytes of a release file: publishes them,
            or discards them if there is a release by now; gives the path or URL of what the store
            holds, and whether that is this one.  Without content it publishes what was written to
            ``draft.stream``: a clip whose first frame has the record of id and terms.

        Raises
        ------
        StoreError
            If nothing can be published; nothing has been measured then.
        """
        with self._files.reserve(room + MOST_BYTES, source) as put:

            def publish(identity: str, terms: dict, content: bytes | None = None):
                name = file_name(checked_id(identity))
                whole = b""
                if content is not None:
                    whole = put_record(content, record_of(identity, terms))
                if put(name, whole):
                    return self._files.where(name), True
                found = self.find(identity, terms)
                if found is None:
                    raise StoreError(f"{self._files.where(name)} was removed a moment ago.")
                return found, False

            yield Draft(put.stream, publish)

    def _name_here(self, identity) -> str:
        """Name of the file of an id, or of a path."""
        if isinstance(identity, str) and self._record(file_name(checked_id(identity))) is not None:
            return file_name(identity)
        if isinstance(identity, (str, os.PathLike)):
            name = file_name(self.id_of(identity))
            if self._record(name) is not None:
                return name
        raise MissingReleaseError(f"the store {self.place} has no release of {identity!s}.")

    def _record(self, name: str) -> dict | None:
        head = self._files.head(name, BEFORE + MOST_BYTES)
        if head is None:
            return None
        try:
            return read_record(first_release(head) or head)
        except FileFormatError as error:
            raise StoreError(f"{self._files.where(name)}: {error}") from None

    def __repr__(self) -> str:
        """Its place."""
        below = "" if self.root is None else f", root={self.root!r}"
        return f"<Store {self.place!r}{below}>"

    def __reduce__(self):
        return Store, (self.place, self.root)


def record_of(identity: str, terms: dict) -> dict:
    """What a file says of itself: whose release it is, and what was asked for."""
    return {"id": identity, "terms": terms}


def _text(name: str, path) -> str:
    try:
        text = os.fspath(path)
    except TypeError:
        text = None
    if not isinstance(text, str) or not text:
        raise OptionTypeError(f"{name} must be a path; got {shown(path)}. Pass a folder's name.")
    return text


def _whole(place: str) -> str:
    if not is_url(place):
        return os.path.abspath(place)
    return os.path.abspath(place[7:]) if place.lower().startswith("file://") else place


def _files_at(place: str):
    if is_url(place):
        return Objects(place)
    folder = Path(place)
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"a store needs a folder; {place} is a file. Pass another name.")
    return Folder(folder)
