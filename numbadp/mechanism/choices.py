"""What the option ``layout=`` means: cells, a rule, or the leaves of an earlier release.

Statement.  The choice depends on the option and on the picture's shape alone.
Proof sketch.  No pixel comes in.
Assumes.  A `Layout` or `Release` given as an option is public: its own guarantee travels with it.
Tested by tests/mechanism/test_choices.py
"""

from dataclasses import dataclass, replace

from numbadp.checks import power_of_two, shown
from numbadp.errors import LayoutError, OptionError, OptionTypeError
from numbadp.numbers import size_text
from numbadp.plan.coverage import Coverage
from numbadp.plan.grid import MAX_LEAF, picture_size
from numbadp.plan.layout import Layout, checked_layout
from numbadp.plan.region import Region
from numbadp.plan.rules import ExactLayout, PrivateLayout

LAYOUTS = ("free", "uniform", "private", "exact")
# Halvings of the finest cell below the uniform rule's.
_PRIVATE_FINER, _EXACT_FINER = 0, 1
_RULES: dict[str, type] = {"private": PrivateLayout, "exact": ExactLayout}


@dataclass(frozen=True)
class Choice:
    """A layout as chosen.

    Attributes
    ----------
    kind : str
        Name of the layout in plans and releases.
    raw : bool
        Whether cells are sized for being drawn as measured.
    finer : int
        How many halvings the finest cell is below the automatic one.
    rule : PrivateLayout, ExactLayout or None
        How leaves are decided on the picture.
    leaves : Layout or None
        Leaves that are public already.
    """

    kind: str
    raw: bool
    finer: int = 0
    rule: PrivateLayout | ExactLayout | None = None
    leaves: Layout | None = None

    def check_region(self, region: Region | None) -> None:
        """Refuse a region where the layout has no meaning for one.

        Parameters
        ----------
        region : Region or None
            What is to be measured.

        Raises
        ------
        LayoutError
            For ``"exact"``: its statistics are those of whole squares.
        """
        if region is not None and isinstance(self.rule, ExactLayout):
            raise LayoutError(
                "layout='exact' knows no boxes and no mask. Leave them out, or use another layout."
            )

    def check_coverage(self, covers: Coverage) -> None:
        """Refuse leaves of a release that shows pixels which this one is to cover.

        What both releases spent is added, and that is true only of changes that both cover.

        Parameters
        ----------
        covers : Coverage
            What the new release is to cover.

        Raises
        ------
        LayoutError
            If the layout comes from a release that covered other pixels.
        """
        source = None if self.leaves is None else self.leaves.guarantee
        if source is not None and not source.covers.contains(covers):
            raise LayoutError(
                f"the layout was read from a release that covers {source.covers}, and this one is "
                f"to cover {covers}: that release shows pixels which this one would promise to "
                "hide, so no epsilon covers both. Pass the same boxes or mask, or a layout from a "
                "release of the whole picture, or zones."
            )


def as_layout(layout):
    """Take the leaves of a release where one was given, so that the release itself can go.

    Parameters
    ----------
    layout : object
        The option.

    Returns
    -------
    object
        A `Layout` for a release, or for a stored mosaic; everything else as it is.
    """
    if isinstance(layout, Layout):
        power_of_two("the layout's cell", layout.cell, MAX_LEAF)  # those of releases go further
        return checked_layout(layout)  # frozen, before it keys a cache
    if isinstance(getattr(layout, "layout", None), Layout):
        return Layout.from_release(layout)
    return layout


def choose_layout(layout, shape: tuple[int, ...]) -> Choice:
    """Interpret the option ``layout``.

    Parameters
    ----------
    layout : str, Layout, PrivateLayout, ExactLayout or Release
        The option.
    shape : tuple of int
        Shape of the picture.

    Returns
    -------
    Choice
        What it means.

    Raises
    ------
    OptionTypeError, OptionError
        If it is nothing of the kind.
    LayoutError
        If it was made for pictures of another size or number.
    """
    layout = as_layout(layout)
    if isinstance(layout, Layout):
        return _public(layout, shape)
    if isinstance(layout, str) and layout in _RULES:
        layout = _RULES[layout]()
    if isinstance(layout, PrivateLayout):
        return Choice("private", raw=True, finer=_PRIVATE_FINER, rule=layout)
    if isinstance(layout, ExactLayout):
        return Choice("exact", raw=True, finer=_EXACT_FINER, rule=layout)
    if not isinstance(layout, str):
        raise OptionTypeError(
            f"layout must be one of {LAYOUTS}, a Layout or a Release; got {shown(layout)}."
        )
    if layout not in LAYOUTS:
        raise OptionError(
            f"layout must be one of {LAYOUTS}, a Layout or a Release; got {shown(layout)}."
        )
    return Choice(layout, raw=layout == "uniform")


def _public(layout: Layout, shape: tuple[int, ...]) -> Choice:
    if layout.shape != picture_size(shape):
        raise LayoutError(
            f"the layout is for pictures of {size_text(layout.shape)}; got {size_text(shape)}. "
            "Make one for this size."
        )
    batch = shape[0] if len(shape) == 4 else 1
    if layout.levels is not None and layout.levels.ndim == 3 and len(layout.levels) != batch:
        raise LayoutError(
            f"the layout has leaves for {len(layout.levels)} pictures; got shape {shape}."
        )
    if layout.levels is None:
        kind = "uniform"
    else:
        kind = "zones" if layout.guarantee is None else "release"
    return Choice(kind, raw=False, leaves=replace(layout, kind=kind))
