"""What a stored release says of leaves of mixed size: sections LAYO and MORE.

They are absent where they would say nothing; counts, ratios, texts and planes are those of
`numbadp.storage.codec`.

LAYO, the leaves: count 0 if every base cell is one, 1 if there is one tree, 2 if there is one for
    every picture.  After 1 or 2: count, and a plane of so many bytes, the trees' bits as in TREE,
    over cells of the first plane, with tiles of 256 x 256 pixels.  Count 0 for public leaves, 2
    for leaves of this release, 1 for those of another; after 1: count, and so many bytes, its
    guarantee as in GUAR, then the same for MORE (0 bytes where there is none), then which pixels it
    covers: count of pixels of a picture that may change, and, where its scope is "region", 32 bytes
    (count first), the SHA-256 of its mask, packed as in REGN.  Older files end before that count.
MORE, of the guarantee: ratio earlier, text scope ("picture" or "region").
iden, the names by which ledgers know releases again; a reader may skip it: count and so many bytes,
    16 or none, for this release, then for the one that the layout came from.
"""

from dataclasses import replace

import numpy as np

from numbadp.accounting.guarantee import Guarantee
from numbadp.errors import FileFormatError, LayoutError
from numbadp.plan import Plan
from numbadp.plan.coverage import UNNAMED, WHOLE, Coverage
from numbadp.plan.grid import MAX_LEAF
from numbadp.plan.layout import Layout, build_layout
from numbadp.storage.container import Reader, Writer, damaged
from numbadp.storage.header import decode_guarantee, encode_guarantee
from numbadp.storage.tree_bits import most_split_bytes, pack_splits, unpack_splits

_NONE, _ONE, _EACH = 0, 1, 2
_PUBLIC, _OTHER, _OWN = 0, 1, 2
_MOST_GUARANTEE = 2**24
_SCOPES = ("picture", "region")
_DIGEST_BYTES = 32  # of SHA-256
_ID_BYTES = 16


def encode_layout(layout: Layout, guarantee: Guarantee) -> bytes:
    """Write the leaves of a layout, and the guarantee that they come with.

    Parameters
    ----------
    layout : Layout
        The layout.
    guarantee : Guarantee
        The release's.

    Returns
    -------
    bytes
        Contents of LAYO.
    """
    writer = Writer()
    if layout.levels is None:
        writer.count(_NONE)
    else:
        writer.count(_ONE if layout.levels.ndim == 2 else _EACH)
        levels = layout.levels.reshape(-1, *layout.levels.shape[-2:])
        packed = pack_splits(levels, _finest(layout.cell))
        writer.count(len(packed))
        writer.plane(packed)
    if layout.guarantee is None or layout.guarantee == guarantee:
        writer.count(_PUBLIC if layout.guarantee is None else _OWN)
        return writer.content()
    writer.count(_OTHER)
    writer.block(encode_guarantee(layout.guarantee))
    writer.block(encode_more(layout.guarantee))
    _encode_covers(writer, layout.guarantee.covers)
    return writer.content()


def decode_layout(body: memoryview, plan: Plan, guarantee: Guarantee) -> Layout:
    """Read the leaves of a layout.

    Parameters
    ----------
    body : memoryview
        Contents of LAYO.
    plan : Plan
        The plan of the same file; the caller has bounded its grids.
    guarantee : Guarantee
        The guarantee of the same file.

    Returns
    -------
    Layout
        Checked and frozen.

    Raises
    ------
    FileFormatError
        If they are no layout of such a plan.
    """
    reader, cell = Reader(body), plan.planes[0].cell
    size, trees = (plan.height, plan.width), reader.count(_EACH)
    layout = Layout(plan.layout, size, cell)
    if trees != _NONE:
        if cell > MAX_LEAF:
            raise damaged(f"leaves of mixed size have cells of at most {MAX_LEAF} pixels")
        shape = (plan.batch if trees == _EACH else 1, *plan.planes[0].grid)
        packed = reader.plane(reader.count(most_split_bytes(shape, _finest(cell))))
        levels = np.ascontiguousarray(unpack_splits(packed, shape, _finest(cell)))
        try:
            layout = build_layout(plan.layout, size, cell, levels if trees == _EACH else levels[0])
        except LayoutError:
            raise damaged("its leaves do not cover the picture") from None
    source = reader.count(_OWN)
    if source == _OTHER:
        guarantee = decode_guarantee(reader.block(_MOST_GUARANTEE))
        guarantee = decode_more(reader.block(_MOST_GUARANTEE), guarantee)
        guarantee = replace(guarantee, covers=_decode_covers(reader, guarantee.covers, size))
    reader.finish()
    return layout if source == _PUBLIC else replace(layout, guarantee=guarantee)


def encode_more(guarantee: Guarantee) -> bytes:
    """Write what a guarantee says of layouts and regions.

    Parameters
    ----------
    guarantee : Guarantee
        The guarantee.

    Returns
    -------
    bytes
        Contents of MORE; empty where it says nothing.
    """
    if guarantee.earlier == 0 and guarantee.scope == _SCOPES[0]:
        return b""
    writer = Writer()
    writer.ratio(guarantee.earlier)
    writer.text(guarantee.scope)
    return writer.content()


def decode_more(body: memoryview, guarantee: Guarantee) -> Guarantee:
    """Add what a file says of layouts and regions to a guarantee.

    Parameters
    ----------
    body : memoryview
        Contents of MORE, perhaps empty.
    guarantee : Guarantee
        As GUAR has it.

    Returns
    -------
    Guarantee
        The whole one.

    Raises
    ------
    FileFormatError
        If they contradict each other.
    """
    if not len(body):
        return replace(guarantee, covers=WHOLE)
    reader = Reader(body)
    earlier, scope = reader.ratio(), reader.text()
    reader.finish()
    if scope not in _SCOPES or earlier > guarantee.epsilon:
        raise damaged("its guarantee contradicts itself")
    covers = WHOLE if scope == _SCOPES[0] else UNNAMED  # the caller knows which pixels
    return replace(guarantee, earlier=earlier, covers=covers)


def _encode_covers(writer: Writer, covers: Coverage) -> None:
    if covers.pixels is None:  # from an older file
        return
    writer.count(covers.pixels)
    if not covers.whole:
        writer.block(bytes.fromhex(covers.digest))


def _decode_covers(reader: Reader, scope: Coverage, size: tuple[int, int]) -> Coverage:
    """Which pixels the guarantee of another release covers."""
    if reader.ended:
        return scope
    pixels = reader.count(size[0] * size[1], least=1)
    if scope.whole:
        if pixels != size[0] * size[1]:
            raise damaged("its guarantee contradicts itself")
        return Coverage(size, pixels)
    digest = bytes(reader.block(_DIGEST_BYTES))
    if len(digest) != _DIGEST_BYTES:
        raise damaged("its guarantee contradicts itself")
    return Coverage(size, pixels, digest.hex())


def encode_ids(guarantee: Guarantee, layout: Layout) -> bytes:
    """Write the names of a release and of the one that its layout came from.

    Parameters
    ----------
    guarantee : Guarantee
        The release's.
    layout : Layout
        Its layout.

    Returns
    -------
    bytes
        Contents of iden; empty where there are no names.
    """
    names = (guarantee.id, layout.guarantee.id if layout.guarantee is not None else "")
    if not any(names):
        return b""
    writer = Writer()
    for name in names:
        writer.block(bytes.fromhex(name))
    return writer.content()


def decode_ids(body: memoryview) -> tuple[str, str]:
    """Read the names of a release and of the one that its layout came from.

    Parameters
    ----------
    body : memoryview
        Contents of iden, perhaps empty.

    Returns
    -------
    tuple of str
        32 hexadecimal digits each, or none.

    Raises
    ------
    FileFormatError
        If they are of another length.
    """
    if not len(body):
        return "", ""
    reader = Reader(body)
    names = reader.block(_ID_BYTES).hex(), reader.block(_ID_BYTES).hex()
    reader.finish()
    if not {len(name) for name in names} <= {0, 2 * _ID_BYTES}:
        raise damaged("the name of a release has the wrong length")
    return names


def _finest(cell: int) -> int:
    """Level of a base cell."""
    return (MAX_LEAF // cell).bit_length() - 1


def check_kinds(plan: Plan, tags: set[bytes]) -> None:
    """Refuse a file whose layout needs other sections than it has.

    Parameters
    ----------
    plan : Plan
        As HEAD has it.
    tags : set of bytes
        Sections that there are.

    Raises
    ------
    FileFormatError
        If one is missing or too many.
    """
    decided, public = plan.layout in ("private", "exact"), plan.layout in ("zones", "release")
    lost = (decided or public) and b"LAYO" not in tags
    alone = b"ISLE" in tags and (decided or public or b"REGN" not in tags or b"LAYO" in tags)
    if decided != (b"SPLT" in tags) or lost or alone:
        raise FileFormatError(
            "this is no intact release file: its layout and its parts do not belong together. "
            "Get the file again."
        )
