"""``numbadp advise``: what to set for what is to be hidden, and a sheet that compares it."""

from pathlib import Path

from numbadp.cli.advise_arguments import read_size
from numbadp.cli.kernels import announce_compilation
from numbadp.cli.places import check_target
from numbadp.cli.saving import FORMATS, save_picture
from numbadp.cli.terminal import Terminal, shown
from numbadp.errors import OptionError, PictureError
from numbadp.pictures.reading import read_header, read_picture

_USUAL = (1920, 1080)


def run(options) -> int:
    """Print advice, and draw the sheet that was asked for.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        0, or 1 if a picture cannot be read or the sheet not be written.

    Raises
    ------
    NumbadpError
        If an option makes no sense.
    """
    from numbadp.advice import advise

    _check(options)
    terminal = Terminal(quiet=False)
    try:
        if options.output:
            check_target(Path(options.output), options.force)
        size = _picture_size(options)
    except PictureError as error:
        terminal.failure(str(error))
        return 1
    advice = advise(
        options.object,
        epsilon=options.epsilon,
        re_identification=options.re_identification,
        frames=options.frames,
        picture=size,
    )
    try:
        if options.output:
            _draw(advice, options, terminal)
    except PictureError as error:
        terminal.failure(str(error))
        return 1
    print(advice)
    return 0


def _check(options) -> None:
    """Refuse what does not go together, before anything is read."""
    if options.photo and not options.output:
        raise OptionError(
            "a PHOTO is for drawing a sheet. Name one with -o, or pass --picture to read its size "
            "alone."
        )
    if options.photo and options.picture:
        raise OptionError("PHOTO gives the picture's size already. Leave --picture out.")
    if not options.output:
        if options.at:
            raise OptionError("--at is for a sheet. Pass -o SHEET and a PHOTO too.")
        return
    if not options.photo:
        raise OptionError("-o draws the options on a picture of yours. Pass a PHOTO too.")
    if Path(options.output).suffix.lower() not in FORMATS:
        raise OptionError(
            f"a sheet is a picture, {', '.join(FORMATS)}; got {shown(options.output)}."
        )


def _picture_size(options) -> tuple[int, int]:
    """Width and height of an upright picture; of a file only the header is read."""
    named = options.photo or options.picture
    if named is None:
        return _USUAL
    size = None if options.photo else read_size(named)
    if size is not None:
        return size
    try:
        height, width = read_header(Path(named)).shape[:2]
    except PictureError as error:
        raise PictureError(f"{shown(named)}: {error}") from None
    return width, height


def _draw(advice, options, terminal: Terminal) -> None:
    from numbadp.advice.sheet import WARNING, draw_sheet

    photo, sheet = Path(options.photo), Path(options.output)
    try:
        picture = read_picture(photo, options.max_pixels)
    except PictureError as error:
        raise PictureError(f"{shown(photo)}: {error}") from None
    for note in picture.notes:
        terminal.note(f"note: {shown(photo)}: {note}")
    announce_compilation(terminal)
    save_picture(draw_sheet(advice, picture.array, options.at), sheet, options.force)
    terminal.note(f"{shown(sheet)} written. {WARNING}.")
