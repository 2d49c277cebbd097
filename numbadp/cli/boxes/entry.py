"""What a boxes file says of one picture, rounded outwards to its pixels at the end."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from numbadp.cli.boxes.shapes import Box, BoxError, Number, exact, short

_ROUNDED = Fraction(2, 10**6)


@dataclass
class Entry:
    """Boxes of one picture.

    Attributes
    ----------
    key : str
        Name of the picture, as the file writes it.
    boxes : list of Box
        Left, top, right, bottom.
    fault : str or None
        What is wrong with one of its boxes.
    size : tuple of Fraction or None
        Width and height of the picture, if the file tells.
    relative : bool
        Whether boxes are shares of the picture's width and height.
    stem : bool
        Whether the key has no suffix.
    number : int or None
        In place of the name: a picture of this number.
    """

    key: str
    boxes: list[Box] = field(default_factory=list)
    fault: str | None = None
    size: tuple[Fraction, Fraction] | None = None
    relative: bool = False
    stem: bool = False
    number: int | None = None

    def add(self, make, *arguments) -> None:
        """Add a box, or note what is wrong with it.

        Parameters
        ----------
        make : callable
            Gives a box, or raises `BoxError`.
        *arguments
            For it.
        """
        try:
            box = make(*arguments)
            if not self.relative:
                _refuse_shares(box, arguments)
            self.boxes.append(box)
        except BoxError as error:
            self.fault = self.fault or str(error)

    def announce(self, width, height) -> None:
        """Note the size of the picture, if it is there.

        Parameters
        ----------
        width, height : Number, int or None
            In pixels.
        """
        if width is None or height is None:
            return
        try:
            self.size = exact(width), exact(height)
        except BoxError as error:
            self.fault = self.fault or f"width and height of the picture: {error}"

    def pixels(self, width: int, height: int) -> list[tuple[int, int, int, int]]:
        """Boxes in pixels of a picture, rounded outwards.

        Parameters
        ----------
        width, height : int
            Of the picture as it is shown.

        Returns
        -------
        list of tuple of int
            Left, top, right, bottom; right and bottom excluded.

        Raises
        ------
        BoxError
            If a box makes no sense, or they are for a picture of another size.
        """
        if self.fault is not None:
            raise BoxError(self.fault)
        if self.size is not None and self.size != (width, height):
            raise BoxError(
                f"the boxes are for a picture of {short(self.size[0])} x {short(self.size[1])} "
                f"pixels; this one, upright as it is shown, has {width} x {height}"
            )
        if not self.relative:
            return [_outwards(box) for box in self.boxes]
        scales = (width, height, width, height)
        return [_outwards(map(_on_edge, box, scales)) for box in self.boxes]


def _refuse_shares(box: Box, written) -> None:
    """Shares of the picture taken for pixels would cover a few, and leave the rest bare.

    A box that crosses the rim has shares beyond 0 and 1; a whole picture's may be written 0.0, 1.0.
    """
    fractional = any(side.denominator > 1 for side in box)
    if all(-1 <= side <= 2 for side in box) and (fractional or _has_point(written)):
        raise BoxError(
            f"({', '.join(map(short, box))}) looks like shares of the picture; boxes count pixels"
        )


def _has_point(written) -> bool:
    """Whether a number of a box was written as no integer; scores beside a box do not count."""
    if isinstance(written, dict):
        return any(_has_point(item) for item in written.values() if isinstance(item, (list, tuple)))
    if isinstance(written, (list, tuple)):
        return any(map(_has_point, written))
    return isinstance(written, Number) and not written.strip().lstrip("+-").isdigit()


def _outwards(box) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return floor(left), floor(top), ceil(right), ceil(bottom)


def _on_edge(share: Fraction, side: int) -> Fraction:
    """Undo the rounding of a share to six decimals, where it moved the edge of a pixel."""
    place = share * side
    nearest = Fraction(round(place))
    return nearest if abs(place - nearest) <= _ROUNDED * side else place
