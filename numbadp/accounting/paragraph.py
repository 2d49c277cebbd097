"""A guarantee in words."""

import math
from fractions import Fraction

from numbadp.numbers import few_digits, power_above

_FACE = 100 * 100  # pixels


def paragraph(guarantee) -> str:
    """Say a guarantee in words.

    Parameters
    ----------
    guarantee : numbadp.Guarantee
        The guarantee.

    Returns
    -------
    str
        One honest paragraph.
    """
    if guarantee.covers.pixels == 0:
        return (
            "No pixel is covered and none was measured: epsilon is 0 for nothing. The picture is "
            "shown as it was given, whatever a detector missed included."
        )
    if guarantee.epsilon == math.inf:
        return (
            "No guarantee: epsilon is infinite. NOT PRIVATE: the layout was decided on a picture "
            "itself and nothing was paid for it, so one changed pixel can give that picture away."
        )
    neighbours = (
        f"epsilon = {_number(guarantee.epsilon)} for pictures of the same shape that differ in at "
        f"most {_plural(guarantee.m, 'pixel')} ({_channels(guarantee.channels)})"
        f"{_batch(guarantee.batch)}"
    )
    return (
        f"{_promise(guarantee, neighbours)}, if ChaCha20 is a pseudo-random function. "
        f"{_stages(guarantee.stages)} {_earlier(guarantee)}{_scope(guarantee)}{_capped(guarantee)}"
        f"{_face(guarantee)}"
        "Releasing the same picture again adds another epsilon each time, and so does every "
        "frame of a video for what stays in view. Shapes and file names are public."
    )


def _promise(guarantee, neighbours: str) -> str:
    """What is promised; where epsilon is so large that delta is 1, that nothing is."""
    tau = power_above(guarantee.tau)
    if guarantee.delta >= 1:
        return (
            f"No (epsilon, delta) guarantee is left: {neighbours}, and at so large an epsilon "
            f"delta is 1. All that is still true: {_times(guarantee.releases).lower()} within a "
            f"total variation of tau <= {tau} (delta <= 1) of a mechanism that loses at most that "
            "epsilon"
        )
    return (
        f"{_times(guarantee.releases)} epsilon-differentially private with {neighbours}, up to a "
        f"total variation of tau <= {tau} (delta <= {power_above(guarantee.delta)})"
    )


def _earlier(guarantee) -> str:
    """What the layout cost before."""
    if guarantee.earlier == 0:
        return ""
    return (
        f"The layout was read from an earlier release that spent {_number(guarantee.earlier)} of "
        f"this epsilon already: it counts if both are of one picture, and this release adds "
        f"{_number(guarantee.epsilon - guarantee.earlier)}. "
    )


def _scope(guarantee) -> str:
    """Which pixels are covered."""
    if guarantee.scope == "picture":
        return ""
    unnamed = "" if guarantee.covers.known else "Which pixels is not known: an older file said it. "
    return (
        "Only the region's pixels were measured and are covered: all others are shown as they "
        "are, and if the region was chosen by looking at the picture, that choice is not "
        f"covered either. {unnamed}"
    )


def _capped(guarantee) -> str:
    """Where fewer pixels than m can change."""
    changes = guarantee.covers.most(guarantee.m)
    if changes == guarantee.m:
        return ""
    return f"No more than {_plural(changes, 'pixel')} can change, so noise is for as many. "


def _face(guarantee) -> str:
    """What the guarantee means for something larger than m pixels."""
    pixels = guarantee.covers.most(_FACE)
    if guarantee.m >= pixels:
        return ""
    what = "a face of 100 x 100 pixels" if pixels == _FACE else f"all {pixels} pixels covered"
    epsilon = _number(guarantee.for_pixels(pixels).epsilon)
    return f"This does not hide whole objects: for {what} epsilon is {epsilon}. "


def _times(releases: int) -> str:
    return "This release is" if releases == 1 else f"These {releases} releases together are"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _channels(channels: int) -> str:
    return "to any value" if channels == 1 else f"all {channels} channels, to any value"


def _batch(batch: int) -> str:
    if batch == 1:
        return ""
    return f", for each of its {batch} pictures by itself (changes in j pictures cost j times that)"


def _number(value: Fraction) -> str:
    return str(value) if value.denominator <= 10**4 else f"about {few_digits(value, 6)}"


def _stages(stages) -> str:
    parts = [
        f"{stage.name}: noise of scale {_number(stage.scale)} (alone {_number(stage.epsilon)})"
        for stage in stages
        if stage.draws
    ]
    joint = " All of it is released together at the epsilon above." if len(parts) > 1 else ""
    return "; ".join(parts) + "." + joint
