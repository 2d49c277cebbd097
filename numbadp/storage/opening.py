"""A release file up to its payload: sections, plan, guarantee and layout; untrusted input.

`numbadp.storage.codec` specifies the format.  Nothing is allocated that the header has not been
held against the caller's limit for.
"""

from dataclasses import replace
from os import PathLike

from numbadp.accounting.guarantee import Guarantee
from numbadp.checks import shown, whole_number
from numbadp.errors import FileFormatError, OptionTypeError
from numbadp.files import read_bytes
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.storage.claims import check_plan, check_source, rebuilt_guarantee
from numbadp.storage.container import damaged, read_sections
from numbadp.storage.header import decode_exposure, decode_guarantee, decode_plan
from numbadp.storage.pooled import POOL, PVAL
from numbadp.storage.stored_layout import (
    check_kinds,
    decode_ids,
    decode_layout,
    decode_more,
)
from numbadp.storage.stored_mosaic import mosaic_shapes
from numbadp.storage.stored_region import decode_islands, decode_mask
from numbadp.storage.stored_splits import decode_splits

HEAD, GUAR, VALS, TREE, LEAF = b"HEAD", b"GUAR", b"VALS", b"TREE", b"LEAF"
LAYO, SPLT, REGN, MORE = b"LAYO", b"SPLT", b"REGN", b"MORE"
IDEN, ISLE, EXPO = b"iden", b"ISLE", b"EXPO"
KNOWN = (HEAD, GUAR, VALS, TREE, LEAF, LAYO, SPLT, REGN, MORE, IDEN, ISLE, EXPO)
_VALUE = 8  # bytes of a noisy sum
_LEVEL, _COLOUR = 1, 4  # bytes of a finest sub-cell's level and packed colour
_HEADERS = 1 << 16  # bytes of everything but the payload, roughly


def open_sections(path, max_bytes: int):
    """Read a release file of single pictures but for its payload.

    Parameters
    ----------
    path : str, os.PathLike or binary file
        The file.
    max_bytes : int
        Most memory that its arrays may take.

    Returns
    -------
    tuple of dict, Plan, Guarantee and Layout
        Sections by tag; the plan is whole.

    Raises
    ------
    FileFormatError, OptionTypeError, OptionError, OSError
        As `numbadp.load`.
    """
    return open_release(read_file(path, max_bytes), max_bytes)


def read_file(path, max_bytes: int) -> dict:
    """Read a file and check its sections.

    Parameters
    ----------
    path : str, os.PathLike or binary file
        The file.
    max_bytes : int
        Most memory that its arrays may take.

    Returns
    -------
    dict
        From tags to contents.

    Raises
    ------
    FileFormatError, OptionTypeError, OptionError, OSError
        As `numbadp.load`.
    """
    if not isinstance(path, (str, PathLike)) and not hasattr(path, "read"):
        raise OptionTypeError(f"path must be a file name or a binary file; got {shown(path)}.")
    max_bytes = whole_number("max_bytes", max_bytes, 2**62, "Pass 2**27, the usual limit.")
    try:
        content = read_bytes(path, max_bytes + _HEADERS)
    except TypeError:
        raise OptionTypeError(
            "path must be a binary file; got a text file. Open it 'rb'."
        ) from None
    if content is None:
        raise FileFormatError(
            f"this file is longer than the {max_bytes} bytes that its contents may take. "
            "Pass a larger max_bytes if you trust it."
        )
    return read_sections(content, (*KNOWN, POOL, PVAL))


def open_release(sections, max_bytes: int):
    """Read a release of single pictures but for its payload.

    Parameters
    ----------
    sections : dict
        From `read_file`.
    max_bytes : int
        Most memory that its arrays may take.

    Returns
    -------
    tuple of dict, Plan, Guarantee and Layout
        Sections by tag; the plan is whole.

    Raises
    ------
    FileFormatError
        As `numbadp.load`.
    """
    if POOL in sections or PVAL in sections:
        raise FileFormatError(
            "this file holds a release over many pictures. Read it with numbadp.load."
        )
    if HEAD not in sections or GUAR not in sections:
        raise damaged("its plan or guarantee is missing")
    if [tag in sections for tag in (VALS, TREE, LEAF)] not in ([1, 0, 0], [0, 1, 1]):
        raise damaged("it holds neither a release nor a mosaic alone")
    plan = decode_plan(sections[HEAD])
    if EXPO in sections:
        plan = decode_exposure(sections[EXPO], plan)
    check_kinds(plan, set(sections))
    _check_size(plan, set(sections), max_bytes)
    if REGN in sections:
        islands = decode_islands(sections[ISLE], plan) if ISLE in sections else None
        region = decode_mask(sections[REGN], plan, islands)
        plan = replace(plan, region=region, anchor="islands" if islands else "picture")
        _check_size(plan, set(sections), max_bytes)
    guarantee = decode_more(
        sections.get(MORE, memoryview(b"")), decode_guarantee(sections[GUAR], plan)
    )
    own, other = decode_ids(sections.get(IDEN, memoryview(b"")))
    claimed = replace(guarantee, id=own, covers=plan.covers)  # the plan says which pixels
    plan, layout = _with_layout(sections, plan, claimed, other)
    _check_promise(plan, claimed, layout)
    whole = rebuilt_guarantee(plan, claimed)
    _check_scope(plan, whole, guarantee)
    return sections, plan, whole, layout


def _check_promise(plan: Plan, guarantee: Guarantee, layout: Layout) -> None:
    """Refuse a file whose guarantee is not the one that its plan and layout have."""
    source = layout.guarantee
    expected = {"zones": source is None, "release": source not in (None, guarantee)}
    decided = plan.splits is not None
    if (decided and source != guarantee) or not expected.get(plan.layout, True):
        raise damaged("its guarantee does not belong to its plan")
    if source is not None and not decided:
        check_source(source)
        if source.covers.known and not source.covers.contains(plan.covers):
            raise damaged("its guarantee does not belong to its plan")
    check_plan(plan, layout)


def _check_scope(plan: Plan, made: Guarantee, stored: Guarantee) -> None:
    """Refuse a file that says "picture" of a region, or the other way round.

    A region of all pixels is the whole picture; older files call it a region all the same.
    """
    fits = plan.covers.whole if stored.covers.whole else plan.region is not None
    if made.covers.known and not fits:
        raise damaged("its guarantee does not belong to its plan")


def _with_layout(sections, plan: Plan, guarantee: Guarantee, other: str):
    """The plan with its leaves and splits, and the layout; `other` names the one it came from."""
    if LAYO not in sections:
        size = (plan.height, plan.width)
        return plan, Layout(plan.layout, size, plan.planes[0].cell)
    layout = decode_layout(sections[LAYO], plan, guarantee)
    if SPLT in sections:
        return replace(plan, splits=decode_splits(sections[SPLT], plan)), layout
    if layout.guarantee is not None:
        layout = replace(layout, guarantee=replace(layout.guarantee, id=other))
    return replace(plan, leaves=layout), layout


def _check_size(plan: Plan, tags: set[bytes], max_bytes: int) -> None:
    """Refuse by the header alone, in exact integers, before anything is unpacked."""
    if ISLE in tags and plan.region is None:
        needed = 0  # known once the islands are
    elif VALS in tags:
        needed = _VALUE * plan.draws
    else:
        subcells = sum(n * rows * columns for n, rows, columns in mosaic_shapes(plan))
        needed = subcells * (_LEVEL + _COLOUR + len(plan.planes))
    if LAYO in tags:
        needed += plan.batch * plan.planes[0].grid[0] * plan.planes[0].grid[1]
    if REGN in tags:
        masks = plan.batch + 2 if ISLE in tags else 2
        needed += ((plan.batch + 1) * plan.channels + masks) * plan.height * plan.width
    if needed > max_bytes:
        raise FileFormatError(
            f"this file asks for {needed} bytes of memory; at most {max_bytes} are allowed. "
            f"Pass max_bytes={needed} if you trust it."
        )
