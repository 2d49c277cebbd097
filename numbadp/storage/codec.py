"""Release files (.dpz): what is kept of a release, byte by byte; untrusted input.

A file is made of noisy statistics and public facts, so saving and loading are post-processing.  It
promises nothing by itself: whoever wrote it could write anything, and checksums find accidents, not
forgery.

Format, version 1.  Integers are unsigned and little-endian unless said otherwise.

    file      magic, version (1 byte), sections, the last of them END
    magic     89 44 50 5A 0D 0A 1A 0A
    section   tag (4 letters), length (8 bytes), contents (length bytes), checksum (4 bytes)
    checksum  CRC-32 (as in zlib) of everything before it in the file, less the earlier checksums

A tag with a small first letter may be skipped by a reader that does not know it; any other unknown
tag means that the file cannot be read.  No tag appears twice, nothing follows END.  HEAD and GUAR
are always there, and then either VALS (payload "release") or TREE and LEAF (payload "mosaic"); or,
of a release over many pictures, POOL and PVAL alone (`numbadp.storage.pooled`).  LAYO, SPLT, REGN
and MORE are there for layouts of mixed size and for regions alone, EXPO for exposures alone, ISLE
for regions whose islands have grids of their own, iden names releases, and once stands first in
files of a store: see `numbadp.storage.stored_layout`, `stored_splits`, `stored_region` and
`record`.
With ISLE, VALS has the cells of a picture's islands one after the other in place of its rows, and
TREE and LEAF have a tree and a plane of blocks for every island of every picture, each from the
island's own top left corner.

    count     length (2 bytes, at most 1024), then an integer of that many bytes
    ratio     two counts: numerator, denominator; 1 / 0 is infinity
    text      count (at most 4096), then that many bytes of UTF-8
    plane     coding (1 byte: 0 stored, 1 raw deflate, RFC 1951), count, then that many bytes; their
              unpacked size is known beforehand

HEAD, the plan: count of sides (2 to 4), a count a side (H W, H W C or N H W C), ratio epsilon,
    count m, text layout ("free", "uniform", ...), count of the set of planes: 0 grey; 1 Y, g, o;
    2 R, G, B; then for every plane count cell (pixels, a power of two, none below the first
    plane's), count sensitivity, ratio scale, ratio tau of one draw.  The sums are those of
    Y = R+2G+B, g = 2G-R-B, o = R-B or of the channels, over cells of cell x cell pixels, cut at
    the right and bottom edge; the planes' values are y = Y/4, c = g/4, d = o/2 a pixel.
GUAR, the guarantee: text "differentially private", or "not private" where epsilon is infinite;
    ratios epsilon and tau, counts m, channels, releases, batch, and of stages; a stage is text
    name, ratio epsilon, count sensitivity, ratio scale, count draws.
VALS, for every plane its noisy sums, picture by picture, row by row: count way, count width, and
    `width` planes of one byte a sum, lowest bytes first.  The bytes of a number z make
    2 z where z >= 0 and -2 z - 1 below; z is the sum (way 0), or the sum less the one before,
    modulo 2**64, the first less 0 (way 1).
TREE, the leaves: finest sub-cells are max(cell / 2, 1) pixels wide, for the first plane's cell.
    A tile is 32 x 32 of them, from the top left corner; a square is a leaf or is split into four.
    Count, and a plane of so many bytes: one bit a square, 1 for split: all tiles, then all their
    quarters that there are and that begin inside the picture, and so on to squares of 2 x 2; each
    size picture by picture, row by row; the highest bit of a byte first, 0 at the end.
LEAF, for every plane a plane (as above) of one byte a block.  A block is a leaf, or a square as
    wide as this plane's own sub-cell where that is wider.  Blocks come picture by picture, row by
    row, by their top left sub-cell at (i, j).  Byte = prediction + residual modulo 256; the
    prediction is the median of a = left (i, j-1), b = above (i-1, j) and a + b - corner (i-1, j-1),
    in the first row a, in the first column b, in the corner 128, from blocks decoded before.
    y (or grey, R, G, B) is the byte, c and d are the byte less 128, and the colours are
    R = y - c + d, G = y + c, B = y - c - d, clipped to 0..255.
EXPO, for exposures: count of the frames that were measured as one, 2 to 65536; a value is then its
    sum over all of them, and the guarantee's batch is their number.
END, empty.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from numbadp.accounting.guarantee import Guarantee
from numbadp.checks import shown
from numbadp.errors import OptionError, OptionTypeError
from numbadp.plan import Plan
from numbadp.plan.layout import Layout
from numbadp.storage.container import VERSION, write_sections
from numbadp.storage.header import (
    claim_of,
    encode_exposure,
    encode_guarantee,
    encode_plan,
)
from numbadp.storage.opening import (
    EXPO,
    GUAR,
    HEAD,
    IDEN,
    ISLE,
    LAYO,
    LEAF,
    MORE,
    REGN,
    SPLT,
    TREE,
    VALS,
    open_sections,
)
from numbadp.storage.stored_layout import encode_ids, encode_layout, encode_more
from numbadp.storage.stored_mosaic import (
    encode_leaves,
    encode_tree,
    grids_of,
)
from numbadp.storage.stored_region import encode_islands, encode_region
from numbadp.storage.stored_splits import encode_splits
from numbadp.storage.stored_values import encode_values

PAYLOADS = ("release", "mosaic")
MAX_BYTES = 2**27


@dataclass(frozen=True)
class FileFacts:
    """What a release file says of itself.

    Attributes
    ----------
    version : int
        Of the format.
    payload : str
        ``"release"`` or ``"mosaic"``.
    claim : str
        ``"differentially private"`` or ``"not private"``.
    plan : Plan
        How the release was made.
    guarantee : Guarantee
        What it promises.
    sizes : dict
        From the name of each section to its bytes.
    """

    version: int
    payload: str
    claim: str
    plan: Plan
    guarantee: Guarantee
    sizes: dict[str, int]


class Described(Protocol):
    """What a file says of a release, whatever its payload."""

    @property
    def plan(self) -> Plan:
        """How it was made."""

    @property
    def guarantee(self) -> Guarantee:
        """What it promises."""

    @property
    def layout(self) -> Layout:
        """Its published cells."""

    @property
    def background(self) -> np.ndarray | None:
        """With a region: the picture outside of it."""


def encode_release(facts: Described, values: tuple[np.ndarray, ...]) -> bytes:
    """Write a release with its noisy sums.

    Parameters
    ----------
    facts : Described
        What is said of it.
    values : tuple of ndarray of int64
        One array a plane, in host memory.

    Returns
    -------
    bytes
        A file.

    Raises
    ------
    FileFormatError
        If it has parts that files cannot hold.
    """
    return write_sections([*_facts(facts), (VALS, encode_values(values))])


def encode_mosaic(facts: Described, levels: np.ndarray, planes: tuple[np.ndarray, ...]) -> bytes:
    """Write the mosaic of a release alone.

    Parameters
    ----------
    facts : Described
        What is said of it.
    levels : ndarray of uint8, shape (N, rows, columns) or (sub-cells,)
        Level of the leaf that holds each finest sub-cell.
    planes : tuple of ndarray of uint8, in the same shape
        8-bit values of the leaves, one array a plane.

    Returns
    -------
    bytes
        A file.

    Raises
    ------
    FileFormatError
        If it has parts that files cannot hold.
    """
    leaves = encode_leaves(facts.plan, levels, planes)
    trees = grids_of(facts.plan, levels, facts.plan.planes[0].subcell)
    return write_sections([*_facts(facts), (TREE, encode_tree(*trees)), (LEAF, leaves)])


def check_payload(payload) -> None:
    """Check the name of a payload.

    Parameters
    ----------
    payload : str
        As users write it.

    Raises
    ------
    OptionTypeError, OptionError
        If there is no such payload.
    """
    if not isinstance(payload, str):
        raise OptionTypeError(f"payload must be one of {PAYLOADS}; got {shown(payload)}.")
    if payload not in PAYLOADS:
        raise OptionError(f"payload must be one of {PAYLOADS}; got {shown(payload)}.")


def describe(path, *, max_bytes: int = MAX_BYTES) -> FileFacts:
    """Check a release file and read its public facts; no payload is unpacked.

    Parameters
    ----------
    path : str, os.PathLike or binary file
        The file.
    max_bytes : int, default 2**27
        Refuse files that are longer.

    Returns
    -------
    FileFacts
        What it says of itself.

    Raises
    ------
    FileFormatError, OptionTypeError, OSError
        As `numbadp.load`.
    """
    sections, plan, guarantee, _ = open_sections(path, max_bytes)
    payload = PAYLOADS[0] if VALS in sections else PAYLOADS[1]
    sizes = {tag.decode(): len(body) for tag, body in sections.items()}
    return FileFacts(VERSION, payload, claim_of(guarantee.epsilon), plan, guarantee, sizes)


def _facts(release: Described) -> list[tuple[bytes, bytes]]:
    plan, guarantee = release.plan, release.guarantee
    sections = [(HEAD, encode_plan(plan)), (GUAR, encode_guarantee(guarantee))]
    if release.layout.levels is not None:
        sections.append((LAYO, encode_layout(release.layout, guarantee)))
    if plan.splits is not None:
        sections.append((SPLT, encode_splits(plan.splits)))
    if plan.region is not None:
        sections.append((REGN, encode_region(plan.region, release.background)))
    if plan.anchor == "islands":
        sections.append((ISLE, encode_islands(plan.covered, release.background)))
    if frames := encode_exposure(plan):
        sections.append((EXPO, frames))
    if more := encode_more(guarantee):
        sections.append((MORE, more))
    if names := encode_ids(guarantee, release.layout):
        sections.append((IDEN, names))
    return sections
