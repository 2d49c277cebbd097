"""``numbadp pool``: averages, backgrounds and heat maps of many pictures.

Statement.  Nothing is spent before all pictures are read, the names of all outputs are free, and
  the release has its room on the disk.  A run that ends before has released nothing, and starts
  anew: exact sums are never written.  The release is kept before anything is drawn.  What cannot be
  read is named, and the rest is pooled.
"""

import csv
import os
import re
from contextlib import suppress
from io import BytesIO
from itertools import chain, islice
from math import prod
from pathlib import Path

import numpy as np
from PIL import Image

from numbadp.accounting.ledger import Ledger
from numbadp.cli.frames import frames_of
from numbadp.cli.kernels import announce_compilation
from numbadp.cli.places import check_target, clear_up, reserve, write_whole
from numbadp.cli.saving import FORMATS, RELEASE, save_picture
from numbadp.cli.terminal import Terminal, count, shown
from numbadp.compute.forgetting import Scratch
from numbadp.errors import NumbadpError, OptionError, PictureError
from numbadp.mechanism.pool import Pool
from numbadp.pictures.kinds import is_picture
from numbadp.pictures.reading import read_header, read_picture

_NAME = "pool.dpz"  # of the release in a folder
_BATCH = 4096  # points at a time


def run(options) -> int:
    """Make one pool and release it.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        0, or 1 if something could not be read or written.

    Raises
    ------
    NumbadpError
        If an option makes no sense, or the ledger refuses.
    """
    terminal = Terminal(options.quiet)
    kind = {"images": _images, "plate": _plate, "visits": _visits}[options.kind]
    try:
        return kind(options, terminal)
    except PictureError as error:
        terminal.failure(str(error))
        return 1


def _images(options, terminal: Terminal) -> int:
    folder, output = Path(options.input), Path(options.output)
    classes = sorted(entry.name for entry in os.scandir(_folder(folder)) if entry.is_dir())
    if not classes:
        raise OptionError(f"{shown(folder)} has no folders. Put the pictures of each class in one.")
    targets = [output / f"{name}.png" for name in classes]
    files = [
        (path, label)
        for label, name in enumerate(classes)
        for path in sorted((folder / name).rglob("*"))
        if path.is_file() and not path.name.startswith(".") and is_picture(path)
    ]
    if not files:
        raise OptionError(f"there is no picture below {shown(folder)}.")
    owner = _owner_of(options.owner)
    pool = _opened(
        options,
        lambda ledger: Pool.images(
            read_header(files[0][0]).shape, classes=len(classes), epsilon=options.epsilon,
            delta=options.delta, owners=owner is not None, most=options.most,
            cell=_cell(options.cell), expected=options.expected, ledger=ledger,
        ),
    )  # fmt: skip
    _check(targets, output / _NAME, options, terminal)
    failed = 0
    with terminal.progress(len(files)) as done:
        for path, label in files:
            failed += _add_image(pool, path, label, owner, options, terminal)
            done()
    release = _released(pool, output / _NAME, options)
    for target, picture in zip(targets, release.render(options.style), strict=True):
        save_picture(_image(picture), target, options.force)
    return _finish(release, output / _NAME, options, terminal, failed, len(files))


def _add_image(pool, path: Path, label: int, owner, options, terminal: Terminal) -> int:
    """Add one picture; 1 if it fails."""
    own = Scratch()
    try:
        with own, own:
            array = read_picture(path, options.max_pixels, own).array
            names = None if owner is None else np.array([owner(path)])
            pool.add(array.reshape(1, *array.shape), np.array([label]), names)
    except NumbadpError as error:
        terminal.failure(f"{shown(path)}: {error}")
        return 1
    return 0


def _plate(options, terminal: Terminal) -> int:
    source, output = Path(options.input), Path(options.output)
    _check_suffix(output)
    event = _numbers("--event", options.event, 3)
    if options.every < 1:
        raise OptionError(f"--every must be at least 1; got {options.every}.")
    frames = frames_of(source, options.max_pixels)
    first = next(frames, None)
    if first is None:
        raise OptionError(f"there is no frame in {shown(source)}.")
    pool = _opened(
        options,
        lambda ledger: Pool.plate(
            first.shape, cell=options.cell, event=event, bins=options.bins,
            epsilon=options.epsilon, delta=options.delta, ledger=ledger,
        ),
    )  # fmt: skip
    _check([output], output.with_suffix(RELEASE), options, terminal)
    chosen = chain([first], islice(frames, options.every - 1, None, options.every))
    with terminal.progress(None, "frame") as done:
        for frame in chosen:
            pool.add(frame)
            done()
    release = _released(pool, output.with_suffix(RELEASE), options)
    save_picture(_image(release.render(options.style)), output, options.force)
    return _finish(release, output.with_suffix(RELEASE), options, terminal, 0, release.frames)


def _visits(options, terminal: Terminal) -> int:
    source, output = Path(options.input), Path(options.output)
    _check_suffix(output)
    over = None
    if options.over is not None:
        over = read_picture(Path(options.over), options.max_pixels).array
    if options.size is None and over is None:
        raise OptionError("a heat map needs the size of its picture. Add --size W,H or --over.")
    width, height = (
        _numbers("--size", options.size, 2) if over is None or options.size is not None
        else over.shape[1::-1]
    )  # fmt: skip
    if over is not None and over.shape[:2] != (height, width):
        raise OptionError("--size is not that of the picture given by --over. Leave --size out.")
    pool = _opened(
        options,
        lambda ledger: Pool.visits(
            (height, width), cell=options.cell, most=options.most, epsilon=options.epsilon,
            delta=options.delta, ledger=ledger,
        ),
    )  # fmt: skip
    _check([output], output.with_suffix(RELEASE), options, terminal)
    with terminal.progress(None, "point") as done:
        failed, total = _add_points(pool, source, terminal, done)
    release = _released(pool, output.with_suffix(RELEASE), options)
    drawn = release.render(options.style, over=over)
    save_picture(_image(drawn), output, options.force)
    return _finish(release, output.with_suffix(RELEASE), options, terminal, failed, total)


def _add_points(pool, source: Path, terminal: Terminal, done) -> tuple[int, int]:
    """Read the table and count its points; lines without numbers are named."""
    failed, total, points, tracks = 0, 0, [], []
    try:
        with open(source, newline="", encoding="utf-8-sig") as stream:
            table = csv.DictReader(stream)
            if not {"track", "x", "y"} <= set(table.fieldnames or ()):
                raise OptionError(f"{shown(source)} needs the columns track, x and y.")
            for row in table:
                total += 1
                try:
                    points.append((float(row["x"]), float(row["y"])))
                    tracks.append(str(row["track"]))
                except (TypeError, ValueError):
                    failed += 1
                    terminal.failure(f"{shown(source)}: line {table.line_num} has no point")
                if len(tracks) == _BATCH:
                    pool.add(np.array(points), np.array(tracks))
                    done(len(tracks))
                    points, tracks = [], []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no table of text"
        raise PictureError(f"{shown(source)} cannot be read: {reason}") from None
    if tracks:
        pool.add(np.array(points), np.array(tracks))
        done(len(tracks))
    return failed, total


def _opened(options, make):
    """A pool that is charged to the ledger which the options name."""
    if options.ledger is None:
        if options.budget is not None:
            raise OptionError("--budget needs a file to be kept in. Add --ledger FILE.")
        return make(None)
    if os.path.lexists(options.ledger):
        ledger = Ledger.load(options.ledger)
        if options.budget is not None:
            terms = {"unit": ledger.unit, "delta": options.delta}
            ledger = Ledger(options.budget, **terms, path=options.ledger)  # which must agree
        return make(ledger)
    if options.budget is None:
        raise OptionError(
            f"there is no ledger {shown(options.ledger)}. Add --budget B to make one that may "
            "spend epsilon = B at this delta."
        )
    unit = make(None).guarantee.unit
    return make(Ledger(options.budget, unit=unit, delta=options.delta, path=options.ledger))


def _check(targets, kept: Path, options, terminal: Terminal) -> None:
    """Refuse names that are taken before anything is read."""
    for target in (*targets, kept):
        check_target(target, options.force)
    clear_up({kept.parent}, terminal)
    announce_compilation(terminal)


def _released(pool, kept: Path, options):
    """Release and keep what was paid for, before anything is drawn; its room is made before."""
    room = 1, 8 * sum(map(prod, pool.plan.value_shapes))
    release, content = None, BytesIO()
    try:
        with reserve(kept, options.force, room) as publish:
            release = pool.release()
            release.save(content)
            publish(content.getvalue())
    except (PictureError, MemoryError, KeyboardInterrupt):
        if release is not None:  # once more, unless it is there
            with suppress(PictureError, MemoryError):
                write_whole(kept, release.save, options.force)
        raise
    return release


def _finish(release, kept: Path, options, terminal: Terminal, failed: int, total: int) -> int:
    """Say what the release promises."""
    word = (
        "frame" if options.kind == "plate" else "point" if options.kind == "visits" else "picture"
    )
    terminal.note(f"{count(total - failed, word)} pooled, {failed} failed; {shown(kept)} keeps all")
    terminal.note(str(release.guarantee))
    return 1 if failed else 0


def _image(picture: np.ndarray):
    return Image.fromarray(picture[:, :, 0] if picture.shape[2:] == (1,) else picture)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise OptionError(f"{shown(path)} is no folder. Name one with a folder for each class.")
    return path


def _check_suffix(output: Path) -> None:
    if output.suffix.lower() not in FORMATS:
        raise OptionError(f"OUT must end with one of {', '.join(FORMATS)}; got {shown(output)}.")


def _owner_of(pattern: str | None):
    """What finds the owner in a file's name, or None."""
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise OptionError(f"--owner is no regular expression: {error}.") from None
    if compiled.groups < 1:
        raise OptionError("--owner needs a group, such as '^([a-z]+)_'.")

    def owner(path: Path) -> str:
        found = compiled.search(path.name)
        if found is None or found[1] is None:
            raise PictureError("its name does not tell the owner; see --owner")
        return found[1]

    return owner


def _numbers(name: str, text: str, size: int) -> tuple[int, ...]:
    parts = text.split(",")
    if len(parts) != size or not all(part.strip().isdecimal() for part in parts):
        raise OptionError(f"{name} takes {size} numbers with commas; got {shown(text)}.")
    return tuple(int(part) for part in parts)


def _cell(text: str):
    return int(text) if text.isdecimal() else text
