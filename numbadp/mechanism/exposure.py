"""Exposures: several frames measured as one.

Statement.  With an exposure of k frames value (plane, cell) is the noisy sum of a form over the
  cell's pixels in all k frames.  Each frame has the plan's epsilon by itself: changes of m pixels
  in each of j frames cost j epsilon.
Proof sketch.
  (1) A pixel of a frame lies in exactly one box of cell x cell pixels x k frames of a plane, so a
      change of m pixels of one frame moves all sums together as it would move those of that frame
      alone (sums.py, steps 1 to 3), and the same noise pays for it (planning.py).
  (2) Changes in j frames are j steps of one frame; the triangle inequality gives j epsilon, which
      is what a guarantee with a batch of k says.
  (3) |sum| <= MOST * MAX_SUM < 2**63.
  (4) Sums of single frames live in arrays that the caller's `Scratch` knows; the kernel sets each
      part to 0 as soon as it was added.
Assumes.  All frames have one shape, which is public, as their number is.
Tested by tests/mechanism/test_exposure.py
"""

import numpy as np

from numbadp.checks import whole_number
from numbadp.compute.forgetting import Scratch
from numbadp.errors import ArrayTypeError, OptionError, ShapeError
from numbadp.mechanism.draining import drain

MOST = 1 << 16  # frames of an exposure (step 3)


def check_exposure(exposure, shape: tuple[int, ...], layout: str, region) -> int:
    """Check the number of frames that are measured as one.

    Parameters
    ----------
    exposure : int
        As given.
    shape : tuple of int
        Of a frame.
    layout : str
        Kind of the plan's layout.
    region : Region or None
        The plan's region.

    Returns
    -------
    int
        The same.

    Raises
    ------
    OptionTypeError, OptionError
        If it is no such number, or does not go with the other options.
    """
    number = whole_number("exposure", exposure, MOST, "Pass 1, or 2 frames.")
    if number > 1 and (layout not in ("free", "uniform") or region is not None or len(shape) == 4):
        raise OptionError(
            "exposures go with frames of shape H x W or H x W x C, the layouts 'free' and "
            "'uniform', and no boxes. Leave exposure out."
        )
    return number


def exposed_recipes(recipes: tuple, exposure: int) -> tuple:
    """Recipes of planes whose values are means over all frames (step 1).

    Parameters
    ----------
    recipes : tuple
        Name, form, divisor, scale and range of every plane.
    exposure : int
        Frames that are measured as one.

    Returns
    -------
    tuple
        The same with divisors that count every frame; the noise is that of one frame (step 2).
    """
    if exposure == 1:
        return recipes
    return tuple(
        (name, form, divisor * exposure, factor, span)
        for name, form, divisor, factor, span in recipes
    )


def exposed(image, plan):
    """Take what is handed in as frames, if the plan is for several.

    Parameters
    ----------
    image : object
        A picture, or with an exposure an array of frames.
    plan : Plan
        The plan.

    Returns
    -------
    image : object
        The same, or the frames as N x H x W x C.
    shape : tuple of int
        That the array must have.

    Raises
    ------
    ArrayTypeError, ShapeError
        If there should be frames, and they are none.
    """
    if plan.exposure == 1:
        return image, plan.shape
    wanted = (plan.exposure, *plan.shape)
    if not isinstance(image, np.ndarray):
        raise ArrayTypeError(
            f"an exposure must be a NumPy array of frames; got {type(image).__name__}. "
            "Pass numpy.stack(frames)."
        )
    if image.shape != wanted:
        raise ShapeError(f"this exposure takes frames of shape {wanted}; got {image.shape}.")
    if len(plan.shape) == 2:
        return image[..., None], (*wanted, 1)
    return image, wanted


def expose(frames, grid, bands, noise, key, values, own: Scratch, cost: float) -> None:
    """Measure all frames into one set of sums and add the noise of one (steps 1 and 4).

    Parameters
    ----------
    frames : ndarray of uint8, shape (k, H, W * C)
        The frames.
    grid : GridTables
        Geometry of the plan.
    bands : BandTables
        Its work items.
    noise : NoiseTables
        Its noise.
    key : Key
        Of this release.
    values : tuple of ndarray of int64, shape (1, cells)
        Zeros; the noisy sums.
    own : Scratch
        Overwrites what is made here.
    cost : float
        Rough cost, in ns.
    """
    from numbadp.mechanism.kernels.exposure_cpu import expose_cpu

    single = tuple(own.zeros(value.shape, np.int64) for value in values)
    drain(
        expose_cpu, len(bands.bands), cost, frames, grid.channels, grid.cell, values, single,
        grid.forms, grid.shifts, bands.islands, bands.masks, bands.bands, key.words, noise.tags,
        noise.cuts, noise.bits,
    )  # fmt: skip
