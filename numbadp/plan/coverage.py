"""Which pixels a promise is about: what a guarantee and a ledger carry of a region.

Promises add for changes that all of them cover.  What one release covers another may show as it is,
so an account that forgets the pixels adds numbers that belong to different pictures of the world.
"""

from typing import Any

_UNNAMED = "unnamed"  # no SHA-256


class Coverage:
    """The pixels of a picture that may change under a promise: all, or a region.

    Frozen, small and hashable; two regions are equal iff they have the same pixels of pictures of
    the same size, however boxes or a mask named them.  A region of all pixels is the whole picture.

    Parameters
    ----------
    shape, pixels
        As the attributes.
    digest : str or numbadp.plan.region.Region, default ""
        The digest, or what makes it when somebody asks for it: that takes longer than a release of
        a few boxes.

    Attributes
    ----------
    shape : tuple of int, or None
        Height and width of the picture, in pixels; None where it is not known.
    pixels : int or None
        How many pixels of one picture may change; None where that is not known, and then the
        promise is one for as many as it speaks of.
    digest : str
        SHA-256 of the region's mask, packed row by row with the highest bit first, in hexadecimal;
        empty for the whole picture.  Where pictures of a batch have regions of their own, of all
        their masks.
    """

    shape: tuple[int, int] | None
    pixels: int | None
    _name: Any

    def __init__(
        self,
        shape: tuple[int, int] | None = None,
        pixels: int | None = None,
        digest="",
    ):
        self.__dict__.update(shape=shape, pixels=pixels, _name=digest)

    def __setattr__(self, name, value):
        """Refuse to be changed."""
        raise AttributeError("a coverage does not change")

    @property
    def digest(self) -> str:
        """SHA-256 of the region's mask; empty for the whole picture."""
        return self._name if isinstance(self._name, str) else self._name.digest

    def __eq__(self, other) -> bool:
        """Whether the same pixels may change."""
        if not isinstance(other, Coverage):
            return NotImplemented
        if (self.shape, self.pixels) != (other.shape, other.pixels):
            return False
        if isinstance(self._name, str) or isinstance(other._name, str):
            return self.digest == other.digest
        return self._name == other._name

    def __hash__(self) -> int:
        """Hash of what is cheap to know."""
        return hash((self.shape, self.pixels))

    def __reduce__(self):
        """Pickle the digest, not the region."""
        return Coverage, (self.shape, self.pixels, self.digest)

    def __setstate__(self, state) -> None:
        """Restore a pickle of before digests were made late."""
        Coverage.__init__(self, **state)

    def __repr__(self) -> str:
        """As it is made."""
        return f"Coverage(shape={self.shape}, pixels={self.pixels}, digest={self.digest!r})"

    @classmethod
    def of_picture(cls, height: int, width: int) -> "Coverage":
        """Every pixel of a picture.

        Parameters
        ----------
        height, width : int
            Its size, in pixels.

        Returns
        -------
        Coverage
            The whole picture.
        """
        return cls((height, width), height * width)

    @property
    def whole(self) -> bool:
        """Whether every pixel may change."""
        return not self._name

    @property
    def known(self) -> bool:
        """False for a region that an older file or pickle speaks of without naming its pixels."""
        return not isinstance(self._name, str) or self._name != _UNNAMED

    def most(self, m: int) -> int:
        """Most pixels of one picture that a change of at most `m` pixels can touch.

        Parameters
        ----------
        m : int
            Number of pixels, at least 1.

        Returns
        -------
        int
            `m`, or the number of all pixels that may change where that is less.
        """
        return m if self.pixels is None else min(m, self.pixels)

    def contains(self, other: "Coverage") -> bool:
        """Whether every change that `other` allows is allowed here, as far as that is known.

        Parameters
        ----------
        other : Coverage
            Of pictures of the same size, or anything of pictures of another size if this is a
            whole picture: a release of another picture cannot show what `other` covers.

        Returns
        -------
        bool
            True for a whole picture, and for the same region; a region without a name is in no
            region, not even in one without a name.
        """
        return self.whole or (self.known and self == other)

    def __str__(self) -> str:
        """Such as "a region of 64 pixels of a picture of 640 x 480 (0123456789ab)"."""
        if self.whole:
            return "the whole picture"
        if not self.known:
            return "a region whose pixels an older file does not name"
        height, width = self.shape or (0, 0)
        pixels = "1 pixel" if self.pixels == 1 else f"{self.pixels} pixels"
        return f"a region of {pixels} of a picture of {width} x {height} ({self.digest[:12]})"


WHOLE = Coverage()
UNNAMED = Coverage(digest=_UNNAMED)
