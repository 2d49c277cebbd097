"""Fresh keys for the noise, and names of releases; the only caller of the system's generator.

Statement.  `fresh_key` returns 256 bits from the operating system, drawn at the call, so a forked
  process or another thread never shares them.  A `Key` cannot be printed, copied or pickled; its
  words are the only copy on our side, and are overwritten with the `Scratch` that it was made for.
  `fresh_id` returns 128 other bits, which are public.
Proof sketch.
  (1) The generator writes into the words themselves: no object of Python holds them in between.
  (2) The scratch knows the words before they are drawn.
  (3) `draw_into` fills all of them or raises: there is no weaker source to fall back on.
Assumes.  The operating system's generator is sound, and its C library keeps no copy.
Tested by tests/mechanism/test_entropy.py
"""

import ctypes
import errno
import os
import stat
import sys
from functools import lru_cache

import numpy as np

from numbadp.compute.forgetting import Scratch
from numbadp.errors import EntropyError, KeyUseError

KEY_BYTES = 32
_ID_WORDS = 4
_DEVICE = "/dev/urandom"
_NO_CALL = (errno.ENOSYS, errno.EPERM)  # an old kernel, or a sandbox that knows the device only
_SYSTEM_PREFERRED = 2


class Key:
    """256 secret bits for one release.

    Parameters
    ----------
    material : bytes-like
        32 bytes, read as eight little-endian words.
    """

    __slots__ = ("words",)

    def __init__(self, material):
        if len(material) != KEY_BYTES:
            raise KeyUseError(f"a key has {KEY_BYTES} bytes; got {len(material)}. Use fresh_key().")
        self.words = np.frombuffer(material, dtype="<u4").astype(np.uint32)

    def __repr__(self) -> str:
        """Say nothing about the words."""
        return "Key(<secret>)"

    def __reduce_ex__(self, protocol):
        raise KeyUseError("a key cannot be copied or pickled; draw a new one with fresh_key().")


def fresh_key(own: Scratch) -> Key:
    """Draw a key for one release.

    Parameters
    ----------
    own : Scratch
        Overwrites the key at the end of its block.

    Returns
    -------
    Key
        256 bits that no other release has.

    Raises
    ------
    EntropyError
        If the operating system gives none.
    """
    key = Key(bytes(KEY_BYTES))
    own.add(key.words)  # step 2
    draw_into(key.words)  # step 1
    return key


def fresh_id() -> str:
    """Draw a public name for one release, by which ledgers know it again.

    Returns
    -------
    str
        32 hexadecimal digits that no other release has, independent of its key and its picture.

    Raises
    ------
    EntropyError
        If the operating system gives none.
    """
    words = np.zeros(_ID_WORDS, np.uint32)
    draw_into(words)
    return words.tobytes().hex()


def draw_into(words: np.ndarray) -> None:
    """Let the operating system's generator fill an array; any order of bytes is as good.

    Parameters
    ----------
    words : ndarray of uint32
        Contiguous, at most 256 bytes.

    Raises
    ------
    EntropyError
        If it gives less, or nothing but zeros.
    """
    if sys.platform == "win32":
        _ask_windows(words)
    else:
        _ask_unix(words)
    if not np.count_nonzero(words):  # step 3; by chance once in 2**256 times
        raise EntropyError("the operating system's generator left nothing but zeros. Repair it.")


def _ask_unix(words: np.ndarray) -> None:
    """Call getentropy(3), which fills all or fails; where there is none, read the device."""
    generate = _generator()
    failed = errno.ENOSYS
    if generate is not None:
        failed, address = errno.EINTR, words.__array_interface__["data"][0]
        while failed == errno.EINTR:
            done = generate(address, words.nbytes) == 0
            failed = 0 if done else ctypes.get_errno() or errno.EIO
    if failed in _NO_CALL:
        _read_device(words)
    elif failed:
        raise EntropyError(
            f"the operating system's generator failed: {os.strerror(failed)}. Repair it."
        )


@lru_cache(maxsize=1)
def _generator():
    """The C library's call, or None where it has none."""
    try:
        generate = ctypes.CDLL(None, use_errno=True).getentropy
    except (OSError, AttributeError):
        return None
    generate.argtypes, generate.restype = (ctypes.c_void_p, ctypes.c_size_t), ctypes.c_int
    return generate


def _read_device(words: np.ndarray) -> None:
    """Read the generator's device, unbuffered, until the array is full."""
    target, filled = words.data.cast("B"), 0
    try:
        with open(_DEVICE, "rb", buffering=0) as device:
            if not stat.S_ISCHR(os.fstat(device.fileno()).st_mode):
                raise EntropyError(f"{_DEVICE} is not a device. Mount the real one.")
            while filled < len(target):
                count = device.readinto(target[filled:])  # goes on after a signal by itself
                if not count:
                    raise EntropyError(f"{_DEVICE} ended after {filled} bytes. Repair it.")
                filled += count
    except OSError as error:
        raise EntropyError(f"{_DEVICE} cannot be read: {error.strerror}. Mount it.") from None


def _ask_windows(words: np.ndarray) -> None:
    generate = ctypes.WinDLL("bcrypt").BCryptGenRandom  # type: ignore[attr-defined]
    generate.argtypes = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong
    status = generate(None, words.ctypes.data, words.nbytes, _SYSTEM_PREFERRED)
    if status:
        raise EntropyError(f"Windows' generator failed with status {status:#x}. Repair it.")
