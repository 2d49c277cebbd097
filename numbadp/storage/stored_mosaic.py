"""The payload "mosaic": the quadtree (section TREE) and 8-bit values of its planes (section LEAF).

`numbadp.storage.codec` specifies the bytes.  A loaded mosaic is defined by these bytes; where
planes are grey or R, G, B it equals ``Release.render("mosaic")``.  With Y, g, o it is at most one
level away: in 1/64 level, rounding y, c and d to bytes moves their sums by -95 to 96, and what
rendering rounds off is -32 to 31, so two integers are less than 128 of these, two levels, apart.
"""

import numpy as np

from numbadp.plan import Plan
from numbadp.plan.layout import MERGES
from numbadp.postprocess.colour import plane_kind, plane_shifts
from numbadp.storage.container import Reader, Writer
from numbadp.storage.tree_bits import most_split_bytes, pack_splits, unpack_splits

_CHROMA_OFFSET = 128  # the byte of no colour


def mosaic_planes(
    plan: Plan, grids: tuple[np.ndarray, ...], levels: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Byte values of the leaves of a mosaic.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    grids : tuple of ndarray of int16, shape (N, rows, columns)
        The denoised planes in 1/64 grey level.
    levels : ndarray of uint8, shape (N, rows, columns)
        Level of the leaf that holds each finest sub-cell.

    Returns
    -------
    tuple of ndarray of uint8, shape (N, rows, columns)
        One a plane, over the finest sub-cells, read-only.
    """
    from numbadp.postprocess.kernels.leaf_bytes_cpu import fill_bytes_cpu

    levels, planes = _frozen(levels), []
    for grid, plane, shift in zip(grids, plan.planes, plane_shifts(plan), strict=True):
        filled = np.empty(levels.shape, np.uint8)
        fill_bytes_cpu(_frozen(grid), levels, shift, _CHROMA_OFFSET * (plane.low < 0), filled)
        planes.append(_frozen(filled))
    return tuple(planes)


def mosaic_colours(plan: Plan, planes: tuple[np.ndarray, ...]) -> np.ndarray:
    """Colours of a stored mosaic.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    planes : tuple of ndarray of uint8, shape (N, rows, columns)
        Byte values.

    Returns
    -------
    ndarray of uint32, shape (N, rows, columns)
        Packed colours, red lowest, read-only.
    """
    from numbadp.postprocess.kernels.paint_body import YGO

    if plane_kind(plan) == YGO:
        y, c, d = (plane.astype(np.int16) for plane in planes)
        c, d = c - _CHROMA_OFFSET, d - _CHROMA_OFFSET
        planes = tuple(np.clip(v, 0, 255) for v in (y - c + d, y + c, y - c - d))
    packed = planes[0].astype(np.uint32)
    for k, plane in enumerate(planes[1:], start=1):
        packed |= plane.astype(np.uint32) << np.uint32(8 * k)
    return _frozen(packed)


def encode_tree(levels: np.ndarray) -> bytes:
    """Write the quadtree.

    Parameters
    ----------
    levels : ndarray of uint8, shape (N, rows, columns)
        Levels.

    Returns
    -------
    bytes
        Contents of TREE.
    """
    packed, writer = pack_splits(levels, MERGES), Writer()
    writer.count(len(packed))
    writer.plane(packed)
    return writer.content()


def decode_tree(body: memoryview, shape: tuple[int, int, int]) -> np.ndarray:
    """Read the quadtree.

    Parameters
    ----------
    body : memoryview
        Contents of TREE.
    shape : tuple of int
        Pictures, rows and columns of finest sub-cells; the caller has bounded them.

    Returns
    -------
    ndarray of uint8
        Levels, read-only.

    Raises
    ------
    FileFormatError
        If they are no quadtree of that shape.
    """
    reader = Reader(body)
    packed = reader.plane(reader.count(most_split_bytes(shape, MERGES)))
    reader.finish()
    return _frozen(np.ascontiguousarray(unpack_splits(packed, shape, MERGES)))


def encode_leaves(plan: Plan, levels: np.ndarray, planes: tuple[np.ndarray, ...]) -> bytes:
    """Write the byte values of the leaves.

    Parameters
    ----------
    plan : Plan
        How the release was made.
    levels : ndarray of uint8, shape (N, rows, columns)
        Levels.
    planes : tuple of ndarray of uint8, shape (N, rows, columns)
        Byte values, equal within each block.

    Returns
    -------
    bytes
        Contents of LEAF.
    """
    from numbadp.postprocess.kernels.leaf_bytes_cpu import residuals_cpu

    writer, levels = Writer(), _frozen(levels)
    for plane, shift in zip(planes, plane_shifts(plan), strict=True):
        residuals = np.empty(_count_blocks(levels, int(shift)), np.uint8)
        residuals_cpu(_frozen(plane), levels, shift, residuals)
        writer.plane(residuals.tobytes())
    return writer.content()


def decode_leaves(body: memoryview, plan: Plan, levels: np.ndarray) -> tuple[np.ndarray, ...]:
    """Read the byte values of the leaves.

    Parameters
    ----------
    body : memoryview
        Contents of LEAF.
    plan : Plan
        The plan of the same file.
    levels : ndarray of uint8, shape (N, rows, columns)
        Levels of the same file.

    Returns
    -------
    tuple of ndarray of uint8, shape (N, rows, columns)
        Byte values, read-only.

    Raises
    ------
    FileFormatError
        If there is not one for every block.
    """
    from numbadp.postprocess.kernels.leaf_bytes_cpu import restore_cpu

    reader, planes = Reader(body), []
    for shift in plane_shifts(plan):
        stored = reader.plane(_count_blocks(levels, int(shift)))
        filled = np.empty(levels.shape, np.uint8)
        restore_cpu(np.frombuffer(stored, np.uint8), levels, shift, filled)
        planes.append(_frozen(filled))
    reader.finish()
    return tuple(planes)


def mosaic_shape(plan: Plan) -> tuple[int, int, int]:
    """Pictures, rows and columns of the finest sub-cells of a plan.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    tuple of int
        As large as a file says; nothing is allocated.
    """
    side = plan.planes[0].subcell
    return plan.batch, -(-plan.height // side), -(-plan.width // side)


def _count_blocks(levels: np.ndarray, shift: int) -> int:
    """Number of blocks: leaves wider than the plane's sub-cells, and sub-cells elsewhere."""
    finest = max(MERGES - shift, 0)
    count = np.count_nonzero(levels[:, :: 1 << shift, :: 1 << shift] >= finest)
    for level in range(finest):
        side = 1 << (MERGES - level)
        count += np.count_nonzero(levels[:, ::side, ::side] == level)
    return int(count)


def _frozen(array: np.ndarray) -> np.ndarray:
    """View an array read-only, so that kernels are compiled once."""
    view = array.view()
    view.flags.writeable = False
    return view
