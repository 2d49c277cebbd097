"""A ledger in a file that several processes share.

Statement.  At every moment, a crash included, the file holds one whole account, and every change
  that `update` has returned from is in it; changes of any processes and threads happen one by one.
Proof sketch.
  (1) A change reads, computes and writes inside a lock on the file NAME.lock; the operating system
      frees the lock of a process that dies.
  (2) The new account is written to NAME.part and forced to the disk, then takes the name in one
      step (rename), and the folder is forced to the disk; before that step the old account is
      there, whole.  A part that a crash left is removed by the next change; the new one is made
      exclusively, so a link in its place is never followed.
  (3) An account is trusted only if it has the shape that `_encode` writes and has not gone back
      behind what this process has seen; otherwise nothing is charged and nothing released.
Assumes.  Nobody changes the file but through this module; the disk keeps what it confirmed.
Tested by tests/accounting/ledger/test_file.py
"""

import errno
import json
import os
import re
from contextlib import contextmanager, suppress
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

from numbadp.accounting.ledger.account import MOST_KNOWN, MOST_NAMED, REGIONS, Account
from numbadp.accounting.ledger.pooled import PoolAccount, checked_unit
from numbadp.accounting.ledger.price import Charge
from numbadp.accounting.ledger.terms import AnyAccount
from numbadp.accounting.ledger.timed import MOST_STAMPS, TimedAccount
from numbadp.checks import shown
from numbadp.errors import BudgetError, LedgerError, OptionError, OptionTypeError
from numbadp.files import keep_mode, new_file
from numbadp.plan.coverage import UNNAMED, WHOLE, Coverage

FORMAT, VERSION, FIRST_VERSION = "numbadp ledger", 2, 1
TIME_VERSION = 4  # of accounts whose window is a time
POOL_VERSION = 3  # of accounts about images, owners, events, visitors
_POOL_NUMBERS = ("epsilon", "delta", "pure", "squares", "rho", "tau", "order")
# Of a ledger that lived for 8,000 years at 1,000 frames a second: more is damage, not use.
MOST_FRAMES = 2**48
LOCK_SECONDS = 60
_POLL_SECONDS = 0.005
_MAX_BYTES = 64 * 2**20
_NUMBER = re.compile(r"[0-9]{1,2000}(/[1-9][0-9]{0,1999})?")
_MARK = re.compile(r"[0-9a-f]{32}")
_KEYS = {"format", "version", "epsilon", "window", "m", "frames", "charges", "recent"}
_NEW_KEYS = {"regions", "covers", "named", "known"}  # since version 2
_TIME_KEYS = {"seconds", "stamps", "now"}
_DIGEST, _NAME = re.compile(r"[0-9a-f]{64}"), re.compile(r"([0-9a-f]{16}|unnamed)?")
_WHOLE, _UNNAMED = "picture", "unnamed"


class LedgerFile:
    """One file with one account.

    Parameters
    ----------
    path : str or PathLike
        Its name; links are followed once, here.
    """

    def __init__(self, path):
        if not isinstance(path, (str, os.PathLike)):
            raise OptionTypeError(f"path must be a file name; got {shown(path)}.")
        self.path = Path(os.path.realpath(path))
        self._seen = 0

    def create(self, account: AnyAccount) -> AnyAccount:
        """Make the file, unless it is there already.

        Parameters
        ----------
        account : Account
            What a new file holds.

        Returns
        -------
        Account
            What the file holds now.

        Raises
        ------
        LedgerError
            If it cannot be read or written.
        """
        with self._locked():
            if not os.path.lexists(self.path):
                self._write(account)
            return self._read()

    def read(self) -> AnyAccount:
        """Read the account.

        Returns
        -------
        Account
            As of now.

        Raises
        ------
        LedgerError
            If it cannot be read.
        """
        with self._locked():
            return self._read()

    def update(self, change) -> None:
        """Change the account; durable once this returns.

        Parameters
        ----------
        change : callable
            From an `Account` to the next; if it raises, nothing changes.

        Raises
        ------
        LedgerError
            If the file cannot be read or written.
        """
        with self._locked():
            account = change(self._read())
            _check_readable(account)
            self._write(account)
            self._seen = account.frames

    @contextmanager
    def _locked(self):
        """Hold the file's lock; whatever the system refuses becomes a `LedgerError`."""
        from filelock import FileLock, Timeout

        try:
            os.stat(self.path.parent)  # the lock would make missing folders
            if os.path.islink(f"{self.path}.lock"):  # and empty what a link leads to
                raise OSError(errno.ELOOP, f"{self.path}.lock is a link")
            with FileLock(f"{self.path}.lock", LOCK_SECONDS, poll_interval=_POLL_SECONDS):
                yield
        except Timeout:
            raise LedgerError(
                f"the ledger {self.path} was held by another process for {LOCK_SECONDS} s. End "
                "that process, or try again."
            ) from None
        except (OSError, NotImplementedError) as error:
            reason = getattr(error, "strerror", None) or "the file system cannot lock files"
            raise LedgerError(
                f"the ledger {self.path} cannot be kept: {reason}. Nothing was released; make the "
                "file and its folder writable, or name another place."
            ) from None

    def _read(self) -> AnyAccount:
        """Read inside the lock (step 3)."""
        with open(self.path, "rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
            links = os.fstat(stream.fileno()).st_nlink
        if links > 1:  # replacing one name would leave the others behind
            raise LedgerError(f"the ledger {self.path} has several names. Keep one of them.")
        account = _decode(content, self.path)
        if account.frames < self._seen:
            raise LedgerError(
                f"the ledger {self.path} has gone back: {self._seen} frames were recorded, and it "
                f"has {account.frames}. Somebody put an older copy there; restore the newest. If "
                "the file was damaged before and is mended now, open it with Ledger.load(path)."
            )
        self._seen = account.frames
        return account

    def _write(self, account: AnyAccount) -> None:
        """Write inside the lock (step 2)."""
        part = self.path.with_name(f"{self.path.name}.part")
        with suppress(FileNotFoundError):
            part.unlink()  # a crash left it, or somebody put a link there
        descriptor = new_file(part)
        with open(descriptor, "wb") as stream:
            keep_mode(self.path, descriptor)
            stream.write(_encode(account))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, self.path)
        if hasattr(os, "O_DIRECTORY"):  # Windows has no way to do this
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _check_readable(account: AnyAccount) -> None:
    """Refuse a charge that would write what `_read` refuses, and so end the file."""
    if isinstance(account, PoolAccount):
        numbers = [getattr(account, name) for name in _POOL_NUMBERS]
    else:
        numbers = [x for charge in account.charges for x in (charge.epsilon, charge.tau)]
        numbers += [cost for _, cost in account.recent]
    if isinstance(account, TimedAccount):
        numbers += [number for stamp in account.stamps for number in stamp]
    if not all(_NUMBER.fullmatch(str(number)) for number in numbers):
        raise LedgerError(
            "this release's epsilon has too many digits for a ledger in a file. "
            "Use a simpler epsilon; nothing was charged."
        )
    if account.frames > MOST_FRAMES:
        raise LedgerError(
            f"a ledger in a file counts {MOST_FRAMES} frames at most. Skip fewer; nothing was "
            "charged."
        )


def _encode(account: AnyAccount) -> bytes:
    if isinstance(account, PoolAccount):
        return _as_json(_pool_content(account))
    content = {
        "format": FORMAT,
        "version": VERSION,
        "epsilon": str(account.epsilon),
        "window": account.window,
        "m": account.m,
        "frames": account.frames,
        "charges": [[str(c.epsilon), c.count, str(c.tau), c.pixels] for c in account.charges],
        "recent": [[count, str(cost)] for count, cost in account.recent],
        "regions": account.regions,
        "covers": _encode_covers(account.covers),
        "named": list(account.named),
        "known": list(account.known),
    }
    if isinstance(account, TimedAccount):
        content |= {
            "version": TIME_VERSION,
            "seconds": str(account.seconds),
            "stamps": [[str(time), str(cost)] for time, cost in account.stamps],
            "now": None if account.now is None else str(account.now),
        }
    return _as_json(content)


def _as_json(content: dict) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode("ascii")


def _pool_content(account: PoolAccount) -> dict:
    numbers = {name: str(getattr(account, name)) for name in _POOL_NUMBERS}
    facts = {"format": FORMAT, "version": POOL_VERSION, "unit": account.unit}
    return {**facts, **numbers, "frames": account.frames}


def _pool_account_of(content) -> PoolAccount:
    """Account of units from what JSON gave, or any of the errors that `_decode` names."""
    if set(content) != {"format", "version", "unit", "frames", *_POOL_NUMBERS}:
        raise ValueError
    numbers = {name: _number(content[name]) for name in _POOL_NUMBERS}
    unit, frames = checked_unit(content["unit"]), _count(content["frames"], 0)
    account = PoolAccount(unit=unit, frames=frames, **numbers)
    sound = account.epsilon > 0 and account.delta < 1
    sound = sound and (account.order > 1 if account.delta else account.order == 0)
    if not (sound and account.in_budget) or bool(frames) != bool(account.pure or account.rho):
        raise ValueError
    return account


def _decode(content: bytes, path: Path) -> AnyAccount:
    try:
        return _account_of(json.loads(content))
    except (ValueError, TypeError, KeyError, OptionError, RecursionError, MemoryError, BudgetError):
        raise LedgerError(
            f"{path} is not a ledger of this version, or it is damaged. Nothing was released; "
            "restore the newest copy, since a new ledger would forget what was spent."
        ) from None


def _account_of(content) -> AnyAccount:
    """Account from what JSON gave, or any of the errors that `_decode` names."""
    if content["version"] == POOL_VERSION and content["format"] == FORMAT:
        return _pool_account_of(content)
    timed = content["version"] == TIME_VERSION
    extra = {name: content.pop(name) for name in _TIME_KEYS if timed}
    content = _of_this_version(content)
    if not isinstance(content["charges"], list) or not isinstance(content["recent"], list):
        raise ValueError
    window = None if content["window"] is None else _count(content["window"])
    charges = tuple(
        Charge(_number(e), _count(n), _number(tau), None if pixels is None else _count(pixels))
        for e, n, tau, pixels in content["charges"]
    )
    recent = tuple((_count(n), _number(cost)) for n, cost in content["recent"])
    account = Account(
        epsilon=_number(content["epsilon"]),
        window=window,
        m=_count(content["m"]),
        charges=charges,
        recent=recent,
        frames=_count(content["frames"], 0),
        regions=content["regions"],
        covers=_decode_covers(content["covers"]),
        named=tuple(content["named"]),
        known=_marks(content["known"]),
    )
    if timed:
        account = _timed(account, **extra)
    _check(account)
    return account


def _timed(account: Account, seconds, stamps, now) -> TimedAccount:
    """An account whose window is a time, or any of the errors that `_decode` names."""
    pairs = tuple((_number(time), _number(cost)) for time, cost in stamps)
    latest = None if now is None else _number(now)
    found = TimedAccount(
        **{each.name: getattr(account, each.name) for each in fields(account)},
        seconds=_number(seconds), stamps=pairs, now=latest,
    )  # fmt: skip
    times = [time for time, _ in pairs]
    sound = (
        found.seconds > 0
        and found.window is None
        and (latest is None) == (not pairs)
        and len(pairs) <= MOST_STAMPS
        and times == sorted(set(times))
        and (latest is None or all(latest - found.seconds < t <= latest for t in times))
        and all(cost > 0 for _, cost in pairs)
    )
    if not sound:
        raise ValueError
    return found


def _of_this_version(content) -> dict:
    """Contents as this version writes them.

    Version 1 did not say which pixels its charges were for.  All that can be claimed of them is
    what they cover together, and nobody knows what that is: whole pictures may be charged further,
    since they cover it whatever it is, and no region may.
    """
    version, keys = content["version"], set(content)
    if content["format"] != FORMAT or type(version) is not int:
        raise ValueError
    if version == FIRST_VERSION and keys == _KEYS:
        covers = _UNNAMED if content["charges"] else None
        charges = [[*charge, None] for charge in content["charges"]]
        return {**content, "charges": charges, "regions": "one", "covers": covers, "named": [],
            "known": []}  # fmt: skip
    if version not in (VERSION, TIME_VERSION) or keys != _KEYS | _NEW_KEYS:
        raise ValueError
    return content


def _encode_covers(covers: Coverage | None):
    if covers is None or covers.whole:
        return None if covers is None else _WHOLE
    if covers.shape is None:
        return _UNNAMED
    return [*covers.shape, covers.pixels, covers.digest]


def _decode_covers(found) -> Coverage | None:
    if found is None or isinstance(found, str):
        return {None: None, _WHOLE: WHOLE, _UNNAMED: UNNAMED}[found]
    height, width, pixels, digest = found
    size = _count(height), _count(width)
    if _count(pixels) >= size[0] * size[1] or not _DIGEST.fullmatch(digest):
        raise ValueError
    return Coverage(size, pixels, digest)


def _check(account: Account) -> None:
    """Refuse an account that no sequence of charges leads to."""
    prices = [charge.key for charge in account.charges]
    remembered = sum(count for count, _ in account.recent)
    expected = 0 if account.window is None else min(account.window - 1, account.frames)
    sound = (
        account.epsilon > 0
        and prices == sorted(set(prices))
        and sum(charge.count for charge in account.charges) <= account.frames
        and remembered == expected
        and account.spent <= account.epsilon
        and account.frames <= MOST_FRAMES
        and account.regions in REGIONS
        and (account.covers is not None) == bool(prices and account.regions == "one")
        and (account.regions == "each" or not account.named)
        and list(account.named) == sorted(set(account.named))
        and bool(account.named) == bool(prices and account.regions == "each")
        and len(account.named) <= MOST_NAMED
        and all(_NAME.fullmatch(name) for name in account.named)
    )
    if not sound:
        raise ValueError


def _count(value, least: int = 1) -> int:
    if type(value) is not int or value < least:
        raise ValueError
    return value


def _marks(value) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_KNOWN:
        raise ValueError
    if not all(isinstance(mark, str) and _MARK.fullmatch(mark) for mark in value):
        raise ValueError
    return tuple(value)


def _number(text) -> Fraction:
    """A number as `str` writes Fractions; "1e999999999" would fill the memory."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise ValueError
    return Fraction(text)
