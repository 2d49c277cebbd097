"""How far a file's coding carries a pixel: by blocks, by itself alone, or without a bound.

A JPEG's decoder computes each pixel from whole blocks: 8 x 8 samples of every component, stretched
to the picture by the component's sampling factors, and blended with the neighbouring sample where
it was stretched by two ("fancy upsampling").  What the encoder read into a block lies in the block
as well, but for chroma filters that are wider than one sample.  Encoders that choose a
quantisation table or a rate by looking at the whole picture are outside of what a file can tell.
"""

import re
from dataclasses import dataclass

from PIL import JpegImagePlugin

from numbadp.pictures.orientation import find_orientation

_SAMPLES = 8  # side of a JPEG block, in samples of its component
_ENCODER_PX = 2  # chroma filters that reach beyond one sample: libjpeg smoothing, ffmpeg
_SMOOTHING_PX = 1  # libjpeg's smoothing of what is not subsampled; no header tells of it
_BLEND_PX = 1  # fancy upsampling: the next sample's nearer pixel
_SMOOTHED_BLOCKS = 2  # block smoothing of unfinished progressive files: a window of 5 x 5 blocks
_LOSSLESS = (
    "PNG", "BMP", "DIB", "PPM", "QOI", "TGA", "PCX", "SGI", "SUN", "ICO", "PSD", "IM", "CUR",
)  # fmt: skip
# What Pillow carries along from a JPEG, a camera, a WebP or AVIF; other kinds leave no trace.
_ORIGIN = {"jfif", "adobe", "exif", "timestamp"}
_INDEXED = ("1", "P", "PA")
_TURNING = ("exif", "xmp")  # what Pillow rewrites where it turns a picture in its place
# TIFF tags and values.
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC, _ROWS, _TILE, _SAMPLING = (
    256,
    257,
    259,
    262,
    278,
    (322, 323),
    530,
)
_TIFF_EXACT = (1, 2, 3, 4, 5, 8, 32773, 32946, 34925, 50000)
_TIFF_JPEG = (6, 7)
_YCBCR = 6
_SOF = (0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_MARKER = re.compile(rb"\xff[\x02-\xcf\xd9-\xfe]")
_SOS, _EOI, _SMOOTHED = 0xDA, 0xD9, 10  # libjpeg-turbo smooths over the first ten coefficients


@dataclass(frozen=True)
class Block:
    """One kind of block, in pixels of the file.

    Attributes
    ----------
    size : tuple of int
        Width and height.
    before : tuple of int
        How far outside of a block its encoder may have read, across and down.
    after : tuple of int
        How far outside of a block its decoder writes, across and down.
    """

    size: tuple[int, int]
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)

    @property
    def reach(self) -> int:
        """Farthest that a pixel is carried along one side, in pixels."""
        return max(
            before + side - 1 + after
            for side, before, after in zip(self.size, self.before, self.after, strict=True)
        )


@dataclass(frozen=True)
class Coding:
    """How far a file carries a pixel.

    Attributes
    ----------
    blocks : tuple of Block
        Kinds of blocks; none where every pixel stands for itself.
    bounded : bool
        Whether the blocks are all: otherwise no rim can be told from the file.
    """

    blocks: tuple[Block, ...] = ()
    bounded: bool = True


LOSSLESS = Coding()
UNBOUNDED = Coding(bounded=False)


def find_coding(image, stream) -> Coding:
    """Tell how a picture is coded, from its headers.

    Parameters
    ----------
    image : PIL.Image.Image
        As opened.
    stream : seekable binary file, or None
        Its bytes, where they can be had.

    Returns
    -------
    Coding
        That of an array for images that say nothing of a file.
    """
    kind = image.format
    if kind is None:  # an array, or made from a file whose blocks are anywhere by now
        return UNBOUNDED if _ORIGIN & set(image.info) else LOSSLESS
    if image.mode in _INDEXED:  # a palette is chosen, and a dither runs, over the whole picture
        return UNBOUNDED
    if kind in ("JPEG", "MPO"):
        return _jpeg(image, stream)
    if kind == "TIFF":
        return _tiff(image)
    if kind == "WEBP":
        return LOSSLESS if stream is not None and _is_lossless_webp(stream) else UNBOUNDED
    return LOSSLESS if kind in _LOSSLESS else UNBOUNDED


def _jpeg(image, stream) -> Coding:
    layer = getattr(image, "layer", None)
    # Another picture of the file, or one that was scaled while decoding, has other blocks.
    if not layer or image.tell() or getattr(image, "decoderconfig", None):
        return UNBOUNDED
    if not image.tile and (stream is None or not _lies_as_stored(image, stream)):
        return UNBOUNDED
    progressive = bool(image.info.get("progressive") or image.info.get("progression"))
    complete = not progressive
    if stream is not None:
        frame = _read_frame(stream)
        if frame is None or frame.size != image.size:
            return UNBOUNDED
        complete = frame.complete
    factors = [(across, down) for _, across, down, _ in layer]
    return Coding(tuple(dict.fromkeys(_blocks(factors, 0 if complete else _SMOOTHED_BLOCKS))))


def _lies_as_stored(image, stream) -> bool:
    """Whether a decoded picture still has the size and the place in it that its file says.

    It may have been turned or made smaller in its place; nothing tells of what was painted into it.
    """
    stream.seek(0)
    try:
        stored = JpegImagePlugin.JpegImageFile(stream)
    except Exception:  # another file by now
        return False
    return (
        (stored.size, stored.layer, find_orientation(stored))
        == (image.size, image.layer, find_orientation(image))
        and all(stored.info.get(name) == image.info.get(name) for name in _TURNING)
    )  # fmt: skip


def _blocks(factors, smoothed: int):
    """Blocks of each component; a factor that does not divide the largest is never decoded."""
    most = [max(pair[axis] for pair in factors) for axis in (0, 1)]
    for pair in factors:
        stretch = [-(-most[axis] // pair[axis]) for axis in (0, 1)]
        across, down = stretch
        size = (_SAMPLES * across, _SAMPLES * down)
        yield Block(
            size,
            before=(_before(across), _before(down)),
            after=(_after(across, smoothed * size[0]), _after(down, smoothed * size[1])),
        )


def _before(factor: int) -> int:
    """Pixels outside of a block that its samples are made of."""
    return _ENCODER_PX if factor > 1 else _SMOOTHING_PX


def _after(factor: int, smoothed: int) -> int:
    """Pixels outside of a block that its samples reach."""
    return (_BLEND_PX if factor > 1 else 0) + smoothed


@dataclass(frozen=True)
class _Frame:
    size: tuple[int, int]
    complete: bool  # nothing is left for a decoder to guess


def _read_frame(stream) -> _Frame | None:
    """Size of a JPEG, and whether its scans bring the first coefficients to their last bit."""
    stream.seek(0)
    if stream.read(2) != b"\xff\xd8":
        return None
    size, progressive, missing = None, False, set[tuple[int, int]]()
    while (marker := _next_marker(stream)) not in (None, _EOI):
        length = int.from_bytes(stream.read(2), "big")
        if length < 2:
            break
        body = stream.read(length - 2)
        if marker in _SOF and len(body) >= 6:
            size = int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")
            progressive = marker in _PROGRESSIVE
            if not progressive:
                return _Frame(size, True)
            missing = {
                (body[6 + 3 * index], place)
                for index in range((len(body) - 6) // 3)
                for place in range(_SMOOTHED)
            }
        elif marker == _SOS and body and len(body) >= 4 + 2 * body[0]:
            first, last, bits = body[1 + 2 * body[0] :][:3]
            if bits & 15 == 0:
                parts = {body[1 + 2 * index] for index in range(body[0])}
                missing -= {(part, place) for part in parts for place in range(first, last + 1)}
    return None if size is None else _Frame(size, not missing)


def _next_marker(stream) -> int | None:
    """Skip to behind the next marker that has a length, entropy-coded data included."""
    before = b""
    while chunk := stream.read(1 << 16):
        text = before + chunk
        if found := _MARKER.search(text):
            stream.seek(found.end() - len(text), 1)
            return text[found.end() - 1]
        before = text[-1:]
    return None


def _tiff(image) -> Coding:
    tags = image.tag_v2
    compression = tags.get(_COMPRESSION, 1)
    sampling = (1, 1)
    if tags.get(_PHOTOMETRIC) == _YCBCR:
        found = tags.get(_SAMPLING, (2, 2))
        sampling = tuple(found) if isinstance(found, tuple) and len(found) == 2 else (2, 2)
        if not all(isinstance(factor, int) and 1 <= factor <= 4 for factor in sampling):
            return UNBOUNDED
    if compression in _TIFF_EXACT:
        return LOSSLESS if sampling == (1, 1) else _unless_turned(image, tuple(_shared(sampling)))
    if compression not in _TIFF_JPEG:
        return UNBOUNDED
    # The streams' own factors may differ from the tag's, which libtiff follows then.
    blocks = tuple(_blocks([tuple(max(2, factor) for factor in sampling), (1, 1)], 0))
    side = [max(block.size[axis] for block in blocks) for axis in (0, 1)]
    width, height = (tags.get(tag) for tag in _TILE)
    most = tags.get(_HEIGHT, 0)
    rows = tags.get(_ROWS, most) if height is None else height
    across = 0 if width is None else width % side[0]
    if not isinstance(rows, int) or across or (rows < most and rows % side[1]):
        return UNBOUNDED
    return _unless_turned(image, blocks)


def _unless_turned(image, blocks) -> Coding:
    """Pillow turns a TIFF as it decodes it, and forgets how: then blocks may start at any side."""
    if image.tile:
        return Coding(blocks)
    size = tuple(image.tag_v2.get(tag) for tag in (_WIDTH, _HEIGHT))
    sides = {side for block in blocks for side in block.size}
    aligned = not any(length % side for length in image.size for side in sides)
    upright = image.width != image.height or all(len(set(block.size)) == 1 for block in blocks)
    return Coding(blocks) if image.size == size and aligned and upright else UNBOUNDED


def _shared(sampling):
    """Chroma samples that several pixels share, without blocks."""
    across, down = (int(factor > 1) for factor in sampling)
    yield Block(
        sampling,
        before=(_ENCODER_PX * across, _ENCODER_PX * down),
        after=(_BLEND_PX * across, _BLEND_PX * down),
    )


def _is_lossless_webp(stream) -> bool:
    """Whether all picture data are VP8L; "near-lossless" files look the same."""
    stream.seek(0)
    head = stream.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WEBP":
        return False
    found = set()
    while len(chunk := stream.read(8)) == 8:
        name, length = chunk[:4], int.from_bytes(chunk[4:], "little")
        if name == b"ANMF":  # a frame: its data follow a header of 16 bytes
            stream.seek(16, 1)
            continue
        found.add(name)
        stream.seek(length + length % 2, 1)
    return b"VP8L" in found and b"VP8 " not in found
