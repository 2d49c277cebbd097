"""A sheet that compares options on the user's own picture; it shows the original: not to be shown.

Every panel is the same part of the picture: the object, with as much again on each side.
"""

from PIL import Image, ImageDraw, ImageFont

from numbadp.advice.text import figure
from numbadp.checks import shown
from numbadp.errors import OptionError
from numbadp.mechanism import pixelize

WARNING = "NOT FOR PUBLICATION: this sheet shows the original"
_ACROSS = 3
_PANEL = (400, 320)  # most pixels of a panel, across and down
_GAP, _TITLE, _CAPTION = 16, 44, 52
_TEXT_SIZE, _TITLE_SIZE = 17, 28
_RED, _INK, _BOX = (200, 0, 0), (0, 0, 0), (128, 128, 128)


def draw_sheet(advice, picture, at: tuple[int, int] | None = None) -> Image.Image:
    """Draw the original, every option's mosaic and the solid box side by side.

    Every option is released once, from the picture: the sheet is for the eyes of whoever may see
    the original.

    Parameters
    ----------
    advice : numbadp.advice.Advice
        Advice for pictures of this size.
    picture : ndarray of uint8, shape (H, W) or (H, W, 3)
        The picture.
    at : tuple of int, optional
        Left and top of the object, in pixels; the middle of the picture by default.

    Returns
    -------
    PIL.Image.Image
        The sheet.

    Raises
    ------
    OptionError
        If the picture is of another size than the advice, or the object would not lie in it.
    """
    height, width = picture.shape[:2]
    if (width, height) != advice.picture:
        raise OptionError(
            f"the advice is for pictures of {advice.picture[0]} x {advice.picture[1]}; this one "
            f"has {width} x {height}. Ask for advice with picture=({width}, {height})."
        )
    box = _object_box(advice, at)
    original = Image.fromarray(picture).convert("RGB")
    panels = [(("the picture", "the frame is what is to be hidden"), _outlined(original, box))]
    plain = f"no protection; faces named: {100 * advice.evidence.attack.unprotected:.0f} %"
    panels.append((("the original", plain), original))
    for option in advice.options:
        release = pixelize(picture, epsilon=option.epsilon, m=option.m)
        panels.append((_captions(option), release.to_pil().convert("RGB")))
    panels.append((("solid box", "epsilon 0, no noise, no flicker"), _solid(original, box)))
    window = _window(box, original.size)
    parts = [panels[0], *((caption, whole.crop(window)) for caption, whole in panels[1:])]
    return _arrange(parts)


def _object_box(advice, at) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the object."""
    (width, height), hidden = advice.picture, advice.hidden
    if at is None:
        at = (width - hidden.width) // 2, (height - hidden.height) // 2
    left, top = at
    if not (0 <= left <= width - hidden.width and 0 <= top <= height - hidden.height):
        raise OptionError(
            f"an object of {hidden.width} x {hidden.height} pixels at {shown(tuple(at))} does not "
            f"lie in a picture of {width} x {height}. Pass its left and top corner."
        )
    return left, top, left + hidden.width, top + hidden.height


def _window(box, size) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    across, down = right - left, bottom - top
    return (
        max(left - across, 0),
        max(top - down, 0),
        min(right + across, size[0]),
        min(bottom + down, size[1]),
    )


def _outlined(picture, box):
    copy = picture.copy()
    line = max(2, max(picture.size) // 200)
    ImageDraw.Draw(copy).rectangle(_inclusive(box), outline=_RED, width=line)
    return copy


def _solid(picture, box):
    copy = picture.copy()
    copy.paste(_BOX, box)
    return copy


def _inclusive(box) -> tuple[int, int, int, int]:
    return box[0], box[1], box[2] - 1, box[3] - 1


def _captions(option) -> tuple[str, str]:
    attack = "not measured"
    if option.attack is not None:
        least = "at least " if option.attack_is_floor else ""
        attack = f"{least}{100 * option.attack.value:.0f} %"
    return (
        f"m = {option.m}, epsilon {figure(option.epsilon)}{' (asked)' if option.asked else ''}",
        f"object: epsilon {figure(option.object_epsilon)}; faces named: {attack}",
    )


def _fitted(picture):
    """Scale to a panel; pixels stay squares where they grow."""
    scale = min(_PANEL[0] / picture.width, _PANEL[1] / picture.height)
    size = tuple(max(1, round(scale * side)) for side in picture.size)
    return picture.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX)


def _arrange(panels) -> Image.Image:
    down = -(-len(panels) // _ACROSS)
    size = (
        _ACROSS * (_PANEL[0] + _GAP) + _GAP,
        _TITLE + down * (_PANEL[1] + _CAPTION + _GAP) + _GAP,
    )
    sheet = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(sheet), _font(_TEXT_SIZE)
    pen.text((_GAP, _GAP // 2), WARNING, fill=_RED, font=_font(_TITLE_SIZE))
    for place, ((first, second), picture) in enumerate(panels):
        left = _GAP + place % _ACROSS * (_PANEL[0] + _GAP)
        top = _TITLE + _GAP + place // _ACROSS * (_PANEL[1] + _CAPTION + _GAP)
        pen.text((left, top), first, fill=_INK, font=font)
        pen.text((left, top + _CAPTION // 2 - 2), second, fill=_INK, font=font)
        sheet.paste(_fitted(picture), (left, top + _CAPTION))
    return sheet


def _font(size: int):
    try:
        return ImageFont.load_default(size)
    except (TypeError, ImportError, OSError):  # Pillow 10.0, or one without FreeType
        return ImageFont.load_default()
