"""A store's files as objects behind a URL, through fsspec: published by a conditional put.

Statement.  As for a folder (folder.py): the service takes an object under a name only if there is
  none, in one step.
Proof sketch.
  (1) Only services are taken whose file system says so for ``mode="create"``: S3 (If-None-Match),
      Google's (ifGenerationMatch=0), Azure's (If-None-Match), and memory, under a lock of ours.
  (2) A trial object is put twice before anything is paid for; where the second put does not fail,
      as on a service that overlooks the condition, the store is refused.
  (3) If a put fails in any other way, what the service holds decides: the put may have arrived.
Assumes.  The service keeps to its own interface.
Tested by tests/batch/test_objects.py, in memory and on a stand-in that has S3's answers, and by
  tests/batch/test_objects_s3.py, with s3fs on a server that has S3's interface; on no real service.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from time import time_ns

from numbadp.batch.draft import Draft
from numbadp.batch.identity import SUFFIX
from numbadp.compute.forks import ForkSafeLock
from numbadp.errors import StoreError

# Protocols whose exclusive put is one step of the service; elsewhere fsspec looks first, then puts.
CONDITIONAL = ("s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "memory")
_MEMORY = ForkSafeLock()


class Objects:
    """Objects under one URL.

    Parameters
    ----------
    url : str
        For example ``"s3://bucket/releases"``.

    Raises
    ------
    StoreError
        If fsspec or the file system is not installed, or knows no conditional put.
    """

    def __init__(self, url: str):
        protocol = url.partition("://")[0].lower()
        if protocol not in CONDITIONAL:
            raise StoreError(
                f"a store cannot be kept at {url}: nothing is known there that publishes a file "
                f"only if there is none. Use a folder, or one of {', '.join(CONDITIONAL)}."
            )
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise StoreError(
                "a store at a URL needs fsspec: pip install 'numbadp[objects]', and the package of "
                "its service (s3fs, gcsfs, adlfs)."
            ) from None
        self._url = url.rstrip("/")
        self._in_memory, self._ready = protocol == "memory", False
        with self._told():
            self._system, self._root = url_to_fs(self._url)

    def where(self, name: str) -> str:
        """Say where an object is, or would be: its URL."""
        return f"{self._url}/{name}"

    def head(self, name: str, most: int) -> bytes | None:
        """Read the beginning of an object; None if there is none.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        with self._told():
            try:
                return self._system.cat_file(self._key(name), start=0, end=most)
            except FileNotFoundError:
                return None

    def content(self, name: str, most: int) -> bytes | None:
        """Read an object; None if there is none, or more than `most` bytes of it.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        found = self.head(name, most + 1)
        return None if found is None or len(found) > most else found

    def open(self, name: str):
        """Open an object, all of it in memory; None if there is none.

        Raises
        ------
        StoreError
            If it cannot be read.
        """
        with self._told():
            try:
                return BytesIO(self._system.cat_file(self._key(name)))
            except FileNotFoundError:
                return None

    def names(self) -> Iterator[str]:
        """Name all objects, in no order.

        Raises
        ------
        StoreError
            If they cannot be listed.
        """
        with self._told():
            self._system.invalidate_cache()
            try:
                found = self._system.find(self._root, maxdepth=1)
            except FileNotFoundError:
                return
        for key in found:
            name = key.rpartition("/")[2]
            if name.endswith(SUFFIX) and not name.startswith("."):
                yield name

    @contextmanager
    def reserve(self, room: int, source=None):
        """Make sure that the service keeps conditions; room and rights are its own affair.

        Yields
        ------
        Draft
            Takes a name and the bytes, those after what its stream has, which is memory here;
            gives True if the name was free and is theirs now.

        Raises
        ------
        StoreError
            If nothing can be published here.
        """
        if not self._ready:
            self._try_condition()
            self._ready = True
        held = BytesIO()

        def publish(name: str, content: bytes = b"") -> bool:
            return self._publish(name, held.getvalue() + content)

        yield Draft(held, publish)

    def _try_condition(self) -> None:
        """Refuse a service that overlooks the condition (step 2)."""
        name = f".numbadp-trial-{os.getpid()}-{time_ns()}"
        try:
            if not self._publish(name, b"trial") or self._publish(name, b"trial"):
                raise StoreError(
                    f"the store {self._url} cannot be used: it puts objects over others though it "
                    "is asked not to. Nothing was published; use a service with conditional writes."
                )
        finally:
            with suppress(Exception):  # services have many words for no
                self._system.rm_file(self._key(name))

    def _publish(self, name: str, content: bytes) -> bool:
        key = self._key(name)
        with self._told():
            try:
                if self._in_memory:
                    with _MEMORY:
                        self._system.pipe_file(key, content, mode="create")
                else:
                    self._system.pipe_file(key, content, mode="create")  # step 1
                return True
            except FileExistsError:
                return False
            except Exception:  # step 3: clients pass refusals and lost answers on as they like
                self._system.invalidate_cache()
                if self._system.exists(key):
                    return False
                raise

    def _key(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _told(self):
        try:
            yield
        except StoreError:
            raise
        except Exception as error:  # clients of services raise nearly anything
            reason = str(error)[:200] or type(error).__name__
            raise StoreError(f"the store {self._url} cannot be used: {reason}.") from None
