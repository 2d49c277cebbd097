"""A transform for albumentations' pipelines: a picture in, its private mosaic out, always.

>>> import albumentations, numbadp.albumentations  # doctest: +SKIP
>>> transform = numbadp.albumentations.Pixelize(epsilon=1)  # doctest: +SKIP
>>> albumentations.Compose([transform])(image=picture)["image"]  # doctest: +SKIP
"""

from decimal import Decimal
from fractions import Fraction
from typing import Unpack

import numpy as np
from albumentations import ImageOnlyTransform
from albumentations.core.type_definitions import ALL_TARGETS

from numbadp.accounting.ledger import Ledger
from numbadp.checks import check_style, shown
from numbadp.errors import OptionError
from numbadp.inputs import check_on_none
from numbadp.inputs.options import MEASURE_DEFAULTS, MeasureOptions, filled, spelled_out
from numbadp.mechanism import pixelize

__all__ = ["Pixelize"]

_REGIONS = ("auto", "none")
_OWN = ("style", "regions", "on_none")


class Pixelize(ImageOnlyTransform):
    """Replace the picture by a mosaic of a private release; masks, boxes and points stay.

    Put it first: what scales or normalises makes floats, which it refuses.  Replaying a pipeline
    makes another release.

    Parameters
    ----------
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss of one picture; every epoch is another release and adds another epsilon.
    m : int, default 16
        Number of pixels that a neighbouring picture may change.
    style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
        How the release is drawn.
    regions : {"auto", "none"}, default "auto"
        ``"auto"``: the boxes of a pipeline that has ``bbox_params``, else the whole picture;
        ``"none"``: always the whole picture.
    on_none : {"fail", "copy", "whole"}, default "fail"
        What becomes of a picture whose list of boxes is empty.
    ledger : Ledger, optional
        Charged for every picture.
    cell, layout, backend
        As for `numbadp.pixelize`.
    p : 1
        It is applied to every picture; albumentations passes this where it reads a pipeline.
    """

    # What it reads or leaves as it is: a transform of pictures alone may not be given boxes.
    _targets = ALL_TARGETS

    @spelled_out(MEASURE_DEFAULTS)
    def __init__(
        self, *, epsilon, m=16, style="mosaic", regions="auto", on_none="fail",
        ledger: Ledger | None = None, p=1.0, **options: Unpack[MeasureOptions],
    ):  # fmt: skip
        super().__init__(p=1.0)
        if p != 1:
            raise OptionError(f"p must be 1: every picture is protected; got {shown(p)}.")
        check_style(style)
        if regions not in _REGIONS:
            raise OptionError(
                f"regions must be one of {', '.join(_REGIONS)}; got {shown(regions)}."
            )
        self.style, self.regions, self.on_none = style, regions, check_on_none(on_none)
        told = filled(options, MEASURE_DEFAULTS, "Pixelize")
        self.options = {"epsilon": epsilon, "m": m, "ledger": ledger, **told}

    @property
    def targets_as_params(self) -> list[str]:
        """What of a sample says what is covered."""
        return []

    def get_params_dependent_on_data(self, params: dict, data: dict) -> dict:
        """Boxes of the sample, in pixels.

        Parameters
        ----------
        params : dict
            With the shape of the picture.
        data : dict
            The sample; boxes are shares of the picture here, whatever the pipeline's format is.

        Returns
        -------
        dict
            For `apply`.
        """
        boxes = data.get("bboxes") if self.regions == "auto" else None
        if boxes is None:
            return {"boxes": None}
        if not len(boxes):
            return {"boxes": np.zeros((0, 4))}
        height, width = params["shape"][:2]
        shares = np.asarray(boxes, float).reshape(len(boxes), -1)[:, :4]
        return {"boxes": _on_edges(shares * [width, height, width, height])}

    def apply(self, img: np.ndarray, boxes=None, **params) -> np.ndarray:
        """Transform one picture.

        Parameters
        ----------
        img : ndarray of uint8
            The picture.
        boxes : ndarray or None
            In pixels.
        **params
            Not used.

        Returns
        -------
        ndarray of uint8
            Of its shape.
        """
        release = pixelize(img, boxes=boxes, on_none=self.on_none, **self.options)
        return release.render(self.style)

    def get_transform_init_args_names(self) -> tuple[str, ...]:
        """Names of its options, for its text and for pipelines that are written to files."""
        return (*_OWN, *self.options)

    def get_transform_init_args(self) -> dict:
        """What its options are set to; a ledger stays itself, so that no file can leave it out.

        Returns
        -------
        dict
            Exact numbers as text, which JSON has.
        """
        found = {**{name: getattr(self, name) for name in _OWN}, **self.options}
        exact = isinstance(found["epsilon"], (Fraction, Decimal))
        return {**found, "epsilon": str(found["epsilon"])} if exact else found


def _on_edges(boxes: np.ndarray) -> np.ndarray:
    """Undo the rounding of a share, in single precision, where it moved the edge of a pixel."""
    nearest = boxes.round()
    return np.where(np.abs(boxes - nearest) < 1e-3, nearest, boxes)
