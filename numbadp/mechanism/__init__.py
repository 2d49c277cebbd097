"""The mechanism: the only code that sees pixels and exact sums.

Statement.  For every plan but those with ``layout="exact"``, `_pixelize` is
  plan.epsilon-differentially private for pictures of plan.shape that differ in at most plan.m
  pixels of the plan's region, up to total variation plan.tau, if ChaCha20 is a pseudo-random
  function: all that leaves is the plan, its noisy sums, its paid splits, and the pixels outside the
  region.
Proof sketch.
  (1) The sums' joint change is bounded by sums.py; planning.py sets the scales to it.
  (2) Discrete Laplace noise of those scales, independent over the sums (noise.py), makes each
      picture's release epsilon-DP; so do paid splits and leaves of mixed size (splits.py,
      leaves.py).
  (3) Everything else in a `Release` is a function of the plan, which no pixel entered.
Assumes.  The key is fresh; a picture is an array of known shape.
Tested by tests/mechanism/test_pixelize.py
"""

import warnings
from fractions import Fraction
from functools import lru_cache
from math import inf
from typing import NamedTuple, Unpack, cast

import numpy as np

from numbadp.accounting.guarantee import Guarantee, of_one_release
from numbadp.accounting.ledger import Ledger
from numbadp.accounting.ledger.charging import charge_budgets, check_budgets, check_ledger
from numbadp.compute.backend import choose_backend
from numbadp.compute.forgetting import Scratch
from numbadp.compute.host import on_host
from numbadp.errors import NotPrivateWarning, PictureWarning
from numbadp.inputs import as_channels_last, as_shape, plain_boxes, plain_mask, take_region
from numbadp.inputs.options import DEFAULTS, Options, filled, spelled_out
from numbadp.mechanism.choices import as_layout
from numbadp.mechanism.entropy import Key, fresh_id, fresh_key
from numbadp.mechanism.exposure import exposed
from numbadp.mechanism.inputs import (
    announced_shape,
    check_same_shape,
    cover_coded,
    read_array,
    read_facts,
)
from numbadp.mechanism.planning import build_plan, plain_numbers
from numbadp.mechanism.running import (
    Prepared,
    cached_preparation,
    check_outside,
    load_kernels,
    run,
)
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.plan.region import Region
from numbadp.plan.rules import ExactLayout, PrivateLayout
from numbadp.release import Release, Untouched, placed


class Asked(NamedTuple):
    """What a plan is made of, beside the shape, in the words of `pixelize`."""

    epsilon: object
    m: object
    cell: object
    layout: object
    planes: object
    boxes: object
    mask: object

    def plain(self) -> "Asked":
        """The same in numbers that nobody can change any more."""
        epsilon, m = plain_numbers(self.epsilon, self.m)
        return self._replace(epsilon=epsilon, m=m)


class Pixelizer:
    """A plan with its tables, made once for a shape; call it on pictures.

    It keeps no state between calls, except in a `ledger`, so threads may share it and a child
    process may inherit it.

    Parameters
    ----------
    shape : tuple of int
        H x W, H x W x C or N x H x W x C, with C of 1 or 3.
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss of one picture; a float is taken at its exact binary value.
    m : int, default 16
        Number of pixels that a neighbour may change.
    cell : "auto" or int, default "auto"
        Side of the finest measured cell, a power of two from 1 to 1024, in pixels; with leaves of
        mixed size, boxes or a mask at most 256.
    layout : str, Layout, Release, PrivateLayout or ExactLayout, default "free"
        ``"free"``: fine cells, quadtree decided on released values; ``"uniform"``: one size, as
        in DP-Pix; ``"private"``: quadtree split by noisy scores, paid from epsilon; ``"exact"``:
        split by the picture itself, **not private**; a `Layout` or an earlier `Release`: its
        leaves.
    planes : {"auto", "rgb"}, default "auto"
        How colour is measured.
    boxes : array_like of shape (N, 4), optional
        Measure and replace these pixels only, right and bottom excluded; they may overlap and reach
        over the edge, and what is no whole number is rounded outwards.  The guarantee covers them
        alone, and not how they were chosen.  Of a batch also one such list a picture, with
        ``layout="free"`` or ``"uniform"``.
    mask : array_like of shape (H, W), optional
        The same as a mask, for every picture of a batch: bool, or not 0.
    box_format : {"xyxy", "xywh", "cxcywh"}, default "xyxy"
        What the numbers of a box are: corners, corner and size, or centre and size.
    channels : {"auto", "last", "first"}, default "auto"
        Where arrays have their channels; ``"auto"``: last, and of PyTorch's tensors as their shape
        tells.
    rim : {"coded", "exact", "whole", "refuse"}, default "coded"
        What is covered of a PIL image that a coded file was opened as: `numbadp.pictures.rim`.
    outside : {"keep", "leave"}, default "keep"
        With boxes or a mask: whether the release keeps a copy of the pixels outside, to show them.
        ``"leave"`` keeps none, which is faster and smaller: render it with ``out=`` the picture
        itself, or a copy, whose other pixels stay as they are.
    backend : {"auto", "cpu", "cuda"}, default "auto"
        Where to compute; ``"auto"``: where the picture is.
    ledger : Ledger, optional
        Budget that every release is charged to, beside those whose ``with`` block is open.
    exposure : int, default 1
        Frames that are measured as one, like a camera's exposure: calls take arrays k x H x W or
        k x H x W x C.  Each frame has epsilon by itself, and their mean has k times less noise.

    Attributes
    ----------
    plan : Plan
        Everything decided before a pixel is read; print it.

    Raises
    ------
    ShapeError, EpsilonError, LayoutError, OptionTypeError, OptionError, BackendError
        Before any noise is drawn.

    Examples
    --------
    >>> import numpy as np
    >>> pixelizer = Pixelizer((64, 64), epsilon=1)
    >>> pixelizer(np.zeros((64, 64), np.uint8)).shape
    (64, 64)
    """

    @spelled_out(DEFAULTS)
    def __init__(
        self, shape, *, epsilon, m=16, boxes=None, mask=None, ledger: Ledger | None = None,
        exposure=1, **options: Unpack[Options],
    ):  # fmt: skip
        told = filled(options, DEFAULTS, "Pixelizer")
        self._asked, self._rim, self._channels = told["backend"], told["rim"], told["channels"]
        self._backend = choose_backend(self._asked)
        self._outside = check_outside(told["outside"])
        self._ledger = check_ledger(ledger)
        boxes, mask = plain_boxes(boxes, told["box_format"]), plain_mask(mask)
        boxes, mask, _ = cover_coded(None, boxes, mask, self._rim)
        shape = as_shape(shape, self._channels)
        asked = Asked(epsilon, m, told["cell"], told["layout"], told["planes"], boxes, mask)
        plan = build_plan(shape, **asked._asdict(), exposure=exposure)
        # Step 3: no pixel has come in yet.  Equal plans are one object: whatever keys caches with
        # it is found without a comparison.
        self._prepared = cached_preparation(plan)
        # Plain numbers: objects may say something else when the region is widened later.
        self._plain = asked.plain()._replace(layout=as_layout(asked.layout))

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self._prepared.plan

    def __call__(self, image) -> Release:
        """Measure one picture or batch, add noise, forget the pixels.

        Parameters
        ----------
        image : array_like or PIL.Image.Image
            uint8, of the planned shape; read-only and strided arrays are fine.

        Returns
        -------
        Release
            Frozen; the only thing that crosses the border.

        Raises
        ------
        ArrayTypeError, ShapeError, BackendError
            Before any noise is drawn, and whatever the pixels are.
        BudgetError, LedgerError
            If a ledger refuses: where the budget is short already, before anything is decoded or
            converted, and always before a pixel is measured.
        """
        image, home = as_channels_last(image, self._channels)
        facts = read_facts(image)
        prepared, note = self._prepared_for(facts)
        if note:
            warnings.warn(f"{note}.", PictureWarning, stacklevel=2)
        check_budgets(prepared.guarantee, self._ledger)
        image, shape = exposed(image, self.plan)
        announced = announced_shape(image, facts)
        if announced is not None:
            check_same_shape(announced, shape)
        own = Scratch()
        with own, own:
            array = read_array(image, self._asked, own)
            check_same_shape(array.shape, shape)
            _load_kernels(array, prepared, self._backend)
            prepared = _named(prepared)
            charge_budgets(prepared.guarantee, self._ledger)
            _warn_if_not_private(prepared.guarantee)
            return placed(run(array, prepared, fresh_key(own), self._backend, self._outside), home)

    def _prepared_for(self, facts):
        """The plan, or that of a wider region where the picture's file codes by blocks."""
        region = self.plan.region
        if facts is None or region is None:
            return self._prepared, None
        if facts.coding.blocks:
            check_same_shape(facts.shape, self.plan.shape)
        boxes, mask, note = cover_coded(facts, None, region.mask, self._rim)
        if mask is region.mask:
            return self._prepared, note
        wider = self._plain._replace(boxes=boxes, mask=mask)
        return cached_preparation(_built(self.plan.shape, *wider)), note

    def __repr__(self) -> str:
        """The plan's facts."""
        return f"<Pixelizer: {str(self.plan).splitlines()[0]}>"


@spelled_out(DEFAULTS)
def pixelize(
    image, *, epsilon, m=16, boxes=None, mask=None, on_none="fail", ledger: Ledger | None = None,
    **options: Unpack[Options],
) -> Release:  # fmt: skip
    """Turn a picture into a differentially private release.

    Parameters
    ----------
    image : array_like, torch.Tensor, PIL.Image.Image, str or os.PathLike
        uint8 H x W, H x W x C or N x H x W x C with C of 1 or 3, a tensor with its channels first
        or last, a PIL image, or the name of a file.  In a batch every picture is released with
        epsilon by itself.
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss; a float is taken at its exact binary value.
    m : int, default 16
        Number of pixels that a neighbour may change.
    cell : "auto" or int, default "auto"
        Side of the finest measured cell, a power of two from 1 to 1024, in pixels; with leaves of
        mixed size, boxes or a mask at most 256.
    layout : str, Layout, Release, PrivateLayout or ExactLayout, default "free"
        ``"free"``: fine cells, quadtree decided on released values; ``"uniform"``: one size, as
        in DP-Pix; ``"private"``: quadtree split by noisy scores, paid from epsilon; ``"exact"``:
        split by the picture itself, **not private**; a `Layout` or an earlier `Release`: its
        leaves.
    planes : {"auto", "rgb"}, default "auto"
        How colour is measured.
    boxes : array_like of shape (N, 4), optional
        Measure and replace these pixels only, right and bottom excluded; they may overlap and reach
        over the edge, and what is no whole number is rounded outwards.  The guarantee covers them
        alone, and not how they were chosen.  Of a batch also one such list a picture, with
        ``layout="free"`` or ``"uniform"``.
    mask : array_like of shape (H, W), optional
        The same as a mask, for every picture of a batch: bool, or not 0.
    box_format : {"xyxy", "xywh", "cxcywh"}, default "xyxy"
        What the numbers of a box are: corners, corner and size, or centre and size.
    channels : {"auto", "last", "first"}, default "auto"
        Where arrays have their channels; ``"auto"``: last, and of PyTorch's tensors as their shape
        tells.
    on_none : {"fail", "copy", "whole"}, default "fail"
        What becomes of a picture with an empty list of boxes or an empty mask: an error, a copy of
        the picture of which nothing is covered, or all of it is covered.
    rim : {"coded", "exact", "whole", "refuse"}, default "coded"
        What is covered of a PIL image that a coded file was opened as: `numbadp.pictures.rim`.
    outside : {"keep", "leave"}, default "keep"
        With boxes or a mask: whether the release keeps a copy of the pixels outside, to show them.
        ``"leave"`` keeps none, which is faster and smaller: render it with ``out=`` the picture
        itself, or a copy, whose other pixels stay as they are.
    backend : {"auto", "cpu", "cuda"}, default "auto"
        Where to compute; ``"auto"``: where the picture is.
    ledger : Ledger, optional
        Budget that every release is charged to, beside those whose ``with`` block is open.

    Returns
    -------
    Release
        Frozen; render it, read its guarantee.  `render` gives a tensor of a tensor, on its device.

    Raises
    ------
    ArrayTypeError, ShapeError, EpsilonError, LayoutError, OptionTypeError, OptionError,
    BackendError
        Before any noise is drawn, and whatever the pixels are.
    BudgetError, LedgerError
        If a ledger refuses, before a pixel is measured; what tells its shape (a PIL image, an
        object with ``shape``) is neither decoded nor converted before that, anything else with
        ``__array__`` has to be.
    PictureError
        If a PIL image's file is broken, or refused by ``rim="refuse"``.

    Warns
    -----
    NotPrivateWarning
        Where the release has no guarantee: with ``layout="exact"``, or such a release's leaves.
    PictureWarning
        Where a PIL image is turned upright, converted to sRGB, laid on white
        (`AlphaDroppedWarning`), one of several frames, or has its boxes widened.

    Notes
    -----
    A PIL image is taken as `PIL.ImageOps.exif_transpose` shows it, boxes count upright pixels, and
    are widened to a JPEG's blocks; for arrays there is `numbadp.pictures.reading.coded_mask`.

    BGR pictures (OpenCV) are as safe as RGB, and their noise has the same law: colour is measured
    by forms in which red and blue stand for each other up to a sign.

    Releasing the same picture again spends epsilon again.  For frames or many pictures of one
    shape, keep a `Pixelizer`.

    References
    ----------
    .. [1] L. Fan, "Image pixelization with differential privacy", DBSec 2018.

    Examples
    --------
    >>> import numpy as np
    >>> pixelize(np.zeros((48, 64, 3), np.uint8), epsilon="0.5").render().shape
    (48, 64, 3)
    """
    told = filled(options, DEFAULTS, "pixelize")
    backend, outside = told["backend"], told["outside"]
    place = choose_backend(backend)
    check_outside(outside)
    check_ledger(ledger)
    boxes, mask, bare = take_region(boxes, mask, told["box_format"], on_none)
    image, home = as_channels_last(image, told["channels"])
    if bare:
        # It answers to a release's name for all that callers do to pictures; it has no plan.
        return cast(Release, _untouched(image, backend, home, m))
    facts = read_facts(image)
    boxes, mask, note = cover_coded(facts, boxes, mask, told["rim"])
    if note:
        warnings.warn(f"{note}.", PictureWarning, stacklevel=2)
    layout = as_layout(told["layout"])
    asked = Asked(epsilon, m, told["cell"], layout, told["planes"], boxes, mask)
    announced, prepared = announced_shape(image, facts), None
    if announced is not None:  # refuse before anything is decoded or converted
        prepared = cached_preparation(_cached_plan(announced, asked))
        check_budgets(prepared.guarantee, ledger)
    own = Scratch()
    with own, own:
        array = read_array(image, backend, own)
        if prepared is None or prepared.plan.shape != array.shape:
            prepared = cached_preparation(_cached_plan(array.shape, asked))
        _load_kernels(array, prepared, place)
        prepared = _named(prepared)
        charge_budgets(prepared.guarantee, ledger)
        _warn_if_not_private(prepared.guarantee)
        return placed(run(array, prepared, fresh_key(own), place, outside), home)


def _untouched(image, backend: str, home, m) -> Untouched:
    """A picture in which nothing is to be covered: copied, not measured, not charged."""
    array = np.array(on_host(read_array(image, backend)))
    array.flags.writeable = False
    batch = array.shape[0] if array.ndim == 4 else 1
    size = array.shape[1:3] if array.ndim == 4 else array.shape[:2]
    covers = Region(np.zeros(size, bool)).coverage
    channels = array.shape[-1] if array.ndim > 2 else 1
    number = plain_numbers(1, m)[1]
    guarantee = Guarantee(
        Fraction(0), Fraction(0), number, channels, (), batch=batch, covers=covers
    )
    return Untouched(array.shape, guarantee, array, home)


def _pixelize(image, plan: Plan, key: Key) -> Release:
    """Release `image` under `plan` with a given key: the deterministic path, for tests alone."""
    own = Scratch()
    with own, own:
        array = read_array(image, own=own)
        check_same_shape(array.shape, plan.shape)
        # Steps 1 and 2: scales set to the sums' joint change, noise of those scales.
        return run(array, cached_preparation(plan), key)


def _load_kernels(array, prepared, backend: str) -> None:
    """Before the charge: a compiler that fails or is interrupted shall cost nothing."""
    if backend == "cpu" and isinstance(array, np.ndarray):
        load_kernels(prepared)


def _named(prepared: Prepared) -> Prepared:
    """The same with a guarantee of one release, by which ledgers know it again."""
    named = of_one_release(prepared.guarantee, fresh_id())
    twin = object.__new__(Prepared)  # frozen: nothing else of it is another
    twin.__dict__.update(prepared.__dict__, guarantee=named)
    return twin


def _cached_plan(shape: tuple[int, ...], asked: Asked) -> Plan:
    # Objects whose hash is their identity can change: a cached plan would be that of an old m or
    # region, and what is new in it would be paid too little for, or published as it is.
    if not all(map(_never_changes, asked)):
        asked = asked.plain()
        if not all(map(_never_changes, asked)):
            return _built(shape, *asked)
    return _plan_of(shape, *asked)


def _never_changes(option) -> bool:
    """Whether an option is plain data or frozen, whatever class it claims to be."""
    if type(option) in (tuple, PrivateLayout, ExactLayout):
        parts = option if type(option) is tuple else vars(option).values()
        return all(map(_never_changes, parts))
    return option is None or type(option) in (int, float, str, Fraction, Layout)


def _built(shape: tuple[int, ...], *asked) -> Plan:
    return build_plan(shape, **Asked(*asked)._asdict())


# Given one by one: typed, the cache tells a cell of 4 from one of 4.0, which is refused.
_plan_of = lru_cache(maxsize=32, typed=True)(_built)


def _warn_if_not_private(guarantee: Guarantee) -> None:
    """Warn at the line that asked for the release."""
    if isinstance(guarantee.epsilon, float) and guarantee.epsilon == inf:  # fractions ask long
        warnings.warn(
            "this release is NOT PRIVATE: its layout was decided on the picture itself and nothing "
            "was paid for that, so epsilon is infinite. Use layout='free' or 'private'.",
            NotPrivateWarning,
            stacklevel=3,
        )
