"""A transform for PyTorch's pipelines: anything in, the same kind of thing out, made private.

>>> import numbadp.torch  # doctest: +SKIP
>>> transform = numbadp.torch.Pixelize(epsilon=1, m=16)  # doctest: +SKIP
>>> picture, target = transform(picture, target)  # doctest: +SKIP

It is a module that takes and gives whole samples, as the transforms of torchvision's v2 do, and may
stand among them in a ``Compose``; torchvision itself need not be there.
"""

from typing import Unpack

import torch
from torch import nn

from numbadp.accounting.ledger import Ledger
from numbadp.checks import check_style, shown
from numbadp.errors import OptionError, ShapeError
from numbadp.inputs import check_on_none, is_pil
from numbadp.inputs.options import MEASURE_DEFAULTS, MeasureOptions, filled, spelled_out
from numbadp.mechanism import pixelize

__all__ = ["Pixelize"]

_REGIONS = ("auto", "boxes", "masks", "none")


class Pixelize(nn.Module):
    """Replace every picture of a sample by a mosaic of a private release.

    Pictures are PIL images, ``tv_tensors.Image`` and ``Video``; where a sample has none of these,
    its first plain tensor of uint8 is the picture.  Everything else passes unchanged.  Put it
    before what crops, scales or normalises: those lose the whole numbers that it needs.

    Parameters
    ----------
    epsilon : int, str, Fraction, Decimal or float
        Privacy loss of one picture; every epoch is another release and adds another epsilon.
    m : int, default 16
        Number of pixels that a neighbouring picture may change.
    style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
        How the release is drawn.
    regions : {"auto", "boxes", "masks", "none"}, default "auto"
        What is covered: ``"boxes"`` the sample's ``BoundingBoxes``, ``"masks"`` its ``Mask``;
        ``"auto"``: boxes where the sample has them, else the whole picture; ``"none"``: always the
        whole picture.
    on_none : {"fail", "copy", "whole"}, default "fail"
        What becomes of a picture whose boxes or mask are empty.
    channels : {"auto", "last", "first"}, default "auto"
        Where tensors have their channels.
    ledger : Ledger, optional
        Charged for every picture; workers of a DataLoader need one in a file.
    cell, layout, backend
        As for `numbadp.pixelize`.
    """

    @spelled_out(MEASURE_DEFAULTS)
    def __init__(
        self, *, epsilon, m=16, style="mosaic", regions="auto", on_none="fail", channels="auto",
        ledger: Ledger | None = None, **options: Unpack[MeasureOptions],
    ):  # fmt: skip
        super().__init__()
        check_style(style)
        if regions not in _REGIONS:
            raise OptionError(
                f"regions must be one of {', '.join(_REGIONS)}; got {shown(regions)}."
            )
        self.style, self.regions, self.on_none = style, regions, check_on_none(on_none)
        told = filled(options, MEASURE_DEFAULTS, "Pixelize")
        self.options = {"epsilon": epsilon, "m": m, "channels": channels, "ledger": ledger, **told}

    @torch.compiler.disable  # what is compiled once may keep what has to be drawn anew: the key
    def forward(self, *inputs):
        """Transform one sample.

        Parameters
        ----------
        *inputs : object
            A picture, or a picture with its targets: any nesting of tuples, lists and dicts.

        Returns
        -------
        object
            The same nesting; a tuple if there were several.

        Raises
        ------
        NumbadpError
            If the sample has no picture, or it cannot be taken.
        """
        sample = inputs if len(inputs) > 1 else inputs[0]
        leaves = list(_leaves(sample))
        pictures = {id(leaf) for leaf in leaves if _is_picture(leaf)}
        if not pictures:
            tensors = [leaf for leaf in leaves if type(leaf) is torch.Tensor and _fits(leaf)]
            pictures = {id(leaf) for leaf in tensors[:1]}
        if not pictures:
            raise ShapeError(
                "this sample has no picture: no PIL image, no tv_tensors.Image, no uint8 tensor of "
                "1 or 3 channels. Put Pixelize before what makes floats of pictures."
            )
        region = self._region(leaves)
        return _mapped(
            sample, lambda leaf: self._replaced(leaf, region) if id(leaf) in pictures else leaf
        )

    def _region(self, leaves: list) -> dict:
        """Options of `pixelize` that say what is covered."""
        if self.regions == "none":
            return {}
        name = "Mask" if self.regions == "masks" else "BoundingBoxes"
        found = [leaf for leaf in leaves if type(leaf).__name__ == name]
        if not found:
            if self.regions == "auto":
                return {}
            raise ShapeError(f"this sample has no {name}, and regions={self.regions!r} needs it.")
        if len(found) > 1:
            raise ShapeError(f"this sample has {len(found)} {name}: whose they are nothing tells.")
        return {"mask" if name == "Mask" else "boxes": found[0]}

    def _replaced(self, picture, region: dict):
        _check_canvas(picture, region.get("boxes"))
        release = pixelize(picture, on_none=self.on_none, **region, **self.options)
        return release.to_pil(self.style) if is_pil(picture) else release.render(self.style)

    def extra_repr(self) -> str:
        """What stands between the brackets of its name."""
        return f"epsilon={self.options['epsilon']}, m={self.options['m']}, style={self.style!r}"


def _leaves(sample):
    if isinstance(sample, dict):
        sample = tuple(sample.values())
    if isinstance(sample, (tuple, list)):
        for part in sample:
            yield from _leaves(part)
    else:
        yield sample


def _mapped(sample, change):
    if isinstance(sample, dict):
        return type(sample)((key, _mapped(part, change)) for key, part in sample.items())
    if isinstance(sample, tuple) and hasattr(sample, "_fields"):
        return type(sample)(*(_mapped(part, change) for part in sample))
    if isinstance(sample, (tuple, list)):
        return type(sample)(_mapped(part, change) for part in sample)
    return change(sample)


def _is_picture(leaf) -> bool:
    own = type(leaf)
    return is_pil(leaf) or (
        isinstance(leaf, torch.Tensor)
        and own.__module__.startswith("torchvision.tv_tensors")
        and own.__name__ in ("Image", "Video")
    )


def _fits(leaf: torch.Tensor) -> bool:
    return leaf.dtype == torch.uint8 and leaf.ndim in (2, 3, 4)


def _check_canvas(picture, boxes) -> None:
    """Boxes that were made for another size of picture would leave what they mean bare."""
    canvas = getattr(boxes, "canvas_size", None)
    if canvas is None:
        return
    size = picture.size[::-1] if is_pil(picture) else tuple(picture.shape[-2:])
    if tuple(canvas) != tuple(size):
        raise ShapeError(
            f"the boxes are for a picture of {canvas[1]} x {canvas[0]}; this one has "
            f"{size[1]} x {size[0]}. Turn it upright before its boxes are made."
        )
