"""Release files on the command line: described, and read with one line for what is wrong."""

from contextlib import contextmanager
from math import inf
from pathlib import Path

from numbadp.cli.terminal import shown
from numbadp.errors import FileFormatError, PictureError


def describe_release(path: Path) -> str:
    """Describe a release file; its checksums are verified, its payload is not unpacked.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str
        Facts, plan and guarantee.

    Raises
    ------
    PictureError
        If it cannot be read.
    """
    from numbadp.storage.codec import describe

    with _in_one_line():
        found = describe(path)
        size = path.stat().st_size
    plan = found.plan
    raw = plan.batch * plan.height * plan.width * plan.channels
    parts = ", ".join(f"{name} {count}" for name, count in found.sizes.items())
    return "\n".join(
        [
            f"file        {shown(path)}",
            f"format      numbadp release, version {found.version}, payload {found.payload!r}",
            f"pictures    {plan.batch} of {plan.width} x {plan.height} pixels, "
            f"{'grey' if plan.channels == 1 else 'RGB'}",
            f"size        {size} bytes; {raw / size:.3g} times smaller than raw pixels",
            f"parts       {parts}",
            f"promise     {_claim(found)}: claimed by the file, not authenticated",
            "",
            str(plan),
            "",
            str(found.guarantee),
        ]
    )


def _claim(found) -> str:
    """What a file promises; its own word for a finite epsilon says too much where delta is 1."""
    if found.guarantee.epsilon != inf and found.guarantee.delta >= 1:
        return "no (epsilon, delta) guarantee is left"
    return found.claim


def load_release(path: Path, max_bytes: int):
    """Load a release file.

    Parameters
    ----------
    path : Path
        The file.
    max_bytes : int
        Most memory that its arrays may take.

    Returns
    -------
    Release or MosaicRelease
        As `numbadp.load`.

    Raises
    ------
    PictureError
        If it cannot be read.
    """
    from numbadp.release.loading import load

    with _in_one_line():
        return load(path, max_bytes=max_bytes)


@contextmanager
def _in_one_line():
    try:
        yield
    except OSError as error:
        raise PictureError(error.strerror or "cannot be read") from None
    except FileFormatError as error:
        raise PictureError(str(error)) from None
