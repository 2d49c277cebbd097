"""``--compare``: original and result side by side, for the eyes of whoever chooses the options."""

from pathlib import Path

from numbadp.cli.places import write_whole
from numbadp.cli.saving import encode_picture
from numbadp.cli.terminal import shown
from numbadp.errors import OptionError

_MOST_SIDE = 1600  # pixels of each half
_BAR, _GAP = 24, 8
_MARK = "original - NOT FOR PUBLICATION"


def check_compare(place: str | None, several: bool) -> None:
    """Refuse a place that cannot take the sheets.

    Parameters
    ----------
    place : str or None
        As given.
    several : bool
        Whether there may be several pictures.

    Raises
    ------
    OptionError
        If several sheets would need one name, or the name is no picture's.
    """
    if place is None:
        return
    path = Path(place)
    if several and (path.is_file() or path.suffix.lower() == ".png"):
        raise OptionError(f"--compare must be a folder for several pictures; got {shown(place)}.")
    if not several and path.suffix and path.suffix.lower() != ".png":
        raise OptionError(f"--compare writes .png; got {shown(place)}.")


def write_sheet(place: str, job, original, result, force: bool, source=None) -> None:
    """Write both pictures side by side.

    Parameters
    ----------
    place : str
        A file that ends with .png, or a folder.
    job : Job
        The picture.
    original, result : ndarray of uint8
        H x W or H x W x 3, of one size.
    force : bool
        Whether an existing file may be replaced.
    source : os.stat_result, optional
        Status of the original's file: the sheet is not open to more users.

    Raises
    ------
    PictureError
        If it cannot be written.
    """
    path = Path(place)
    if path.suffix.lower() != ".png":
        inside = Path(job.names[0] if job.names else job.source.name)
        inside = Path(inside.name) if inside.is_absolute() or ".." in inside.parts else inside
        path = path / inside.with_name(f"{inside.name}.compare.png")
    content = encode_picture(_sheet(original, result), path)
    write_whole(path, lambda stream: stream.write(content), force, source)


def _sheet(original, result):
    from PIL import Image, ImageDraw

    halves = []
    for pixels in (original, result):
        image = Image.fromarray(pixels).convert("RGB")
        image.thumbnail((_MOST_SIDE, _MOST_SIDE))
        halves.append(image)
    width, height = halves[0].size
    sheet = Image.new("RGB", (2 * width + _GAP, height + _BAR), "white")
    draw = ImageDraw.Draw(sheet)
    for half, text, left in zip(halves, (_MARK, "result"), (0, width + _GAP), strict=True):
        draw.text((left + 4, 6), text, fill="black")
        sheet.paste(half, (left, _BAR))
    return sheet
