"""A JPEG that stays a JPEG: outside of a region its coefficients are kept, bit for bit.

Statement.  The region is widened to whole coding units; every block of every component in these is
  replaced by that of the released picture, coded with the file's own tables, and no number of the
  original's is left there.  Blocks of other units are those of the file: nothing outside loses a
  generation.  Of the file's markers only those are written that a decoder needs.
Assumes.  What the file's blocks outside hold is as public as the pixels that they decode to.
Tested by tests/cli/test_jpeg_kept.py
"""

import os
import tempfile
from pathlib import Path

import numpy as np

from numbadp.errors import PictureError

EXTRA = "pip install 'numbadp[jpeg]' keeps a JPEG's coefficients outside of boxes"
_SIDE = 8  # of a block, in samples
_MOST = 1023  # of a coefficient in 8-bit files
_SUFFIXES = (".jpg", ".jpeg")
_UPRIGHT = 1
_TO_YCBCR = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
)
_K, _N = np.indices((_SIDE, _SIDE))
_DCT = np.where(_K == 0, np.sqrt(1 / 8), 0.5) * np.cos((2 * _N + 1) * _K * np.pi / 16)


def units_of(mask: np.ndarray, unit: tuple[int, int]) -> np.ndarray:
    """Coding units that a mask touches.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W)
        True inside.
    unit : tuple of int
        Width and height of a unit, in pixels.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
        True for those.
    """
    (height, width), (across, down) = mask.shape, unit
    padded = np.pad(mask, ((0, -height % down), (0, -width % across)))
    rows = np.any(padded.reshape(-1, down, padded.shape[1]), axis=1)
    return np.any(rows.reshape(len(rows), -1, across), axis=2)


class KeptJpeg:
    """The coefficients of a JPEG, some of which are to be replaced.

    Parameters
    ----------
    path : Path
        The file.
    mask : ndarray of bool, shape (H, W)
        What is to be covered, as `numbadp.pictures.rim.cover` widened it.

    Attributes
    ----------
    region : ndarray of bool, shape (H, W)
        The same, widened to whole coding units: what has to be measured and replaced.
    """

    def __init__(self, path: Path, mask: np.ndarray):
        import jpeglib

        try:
            self._file = jpeglib.read_dct(str(path))
            factors = np.asarray(self._file.samp_factor).reshape(-1, 2)  # vertical, horizontal
            self._blocks = [self._file.Y, self._file.Cb, self._file.Cr][: len(factors)]
        except Exception:  # of a library that wraps several decoders
            raise PictureError("its coefficients cannot be read") from None
        if len(factors) == 1:
            factors = np.ones_like(factors)
        self._factors = factors.tolist()
        most = factors.max(axis=0)
        self._unit = int(most[1]) * _SIDE, int(most[0]) * _SIDE
        self._units = units_of(mask, self._unit)
        height, width = mask.shape
        wide = self._units.repeat(self._unit[1], 0).repeat(self._unit[0], 1)
        self.region = wide[:height, :width]

    def encode(self, released: np.ndarray) -> bytes:
        """Put a released picture into the region.

        Parameters
        ----------
        released : ndarray of uint8, shape (H, W) or (H, W, 3)
            With the picture's own pixels outside of `region`.

        Returns
        -------
        bytes
            A JPEG file without metadata.
        """
        across, down = self._unit
        rows, columns = np.nonzero(self._units)
        padded = _padded(released, self._units.shape[0] * down, self._units.shape[1] * across)
        tables = np.asarray(self._file.qt).reshape(-1, _SIDE, _SIDE)
        numbers = np.asarray(self._file.quant_tbl_no).reshape(-1)
        for component, blocks in enumerate(self._blocks):
            v, h = self._factors[component]
            table = tables[numbers[component]]
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
                pixels = padded[row * down :, column * across :][:down, :across]
                samples = _samples(pixels, component, (down // (v * _SIDE), across // (h * _SIDE)))
                _replace(blocks, (row * v, column * h), _coefficients(samples, table))
        return _without_metadata(self._written())

    def _written(self) -> bytes:
        self._file.Y = self._blocks[0]
        if len(self._blocks) > 1:
            self._file.Cb, self._file.Cr = self._blocks[1:]
        self._file.markers = []
        handle, name = tempfile.mkstemp(suffix=".jpg")  # open to this user alone
        os.close(handle)
        try:
            self._file.write_dct(name)
            return Path(name).read_bytes()
        finally:
            os.unlink(name)


def why_not(job, header, options) -> str | None:
    """Say why a picture's coefficients cannot be kept.

    Parameters
    ----------
    job : Job
        The picture.
    header : Header
        What its file says.
    options : argparse.Namespace
        With ``quality``.

    Returns
    -------
    str or None
        None where they can; empty where nobody would expect it.
    """
    if job.target.suffix.lower() not in _SUFFIXES or header.kind != "JPEG":
        return ""
    if options.quality is not None or job.content is not None:
        return ""
    if header.orientation != _UPRIGHT:
        return "it is turned upright, so all of it is coded anew"
    if header.mode not in ("L", "RGB") or not header.coding.blocks or header.colours.note:
        return "its colours are converted, so all of it is coded anew"
    try:
        import jpeglib  # noqa: F401
    except ImportError:
        return f"all of it is coded anew; {EXTRA}"
    return None


def _padded(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """With its last row and column repeated, as encoders do it."""
    below, right = height - picture.shape[0], width - picture.shape[1]
    sides = ((0, below), (0, right), (0, 0))[: picture.ndim]
    return np.pad(picture, sides, mode="edge")


def _samples(pixels: np.ndarray, component: int, stretch: tuple[int, int]) -> np.ndarray:
    """One component of a unit, each sample the mean of the pixels that it stands for."""
    if pixels.ndim == 2:
        plane = pixels.astype(np.float64)
    else:
        plane = pixels.astype(np.float64) @ _TO_YCBCR[component]
    if component == 0 or pixels.ndim == 2:
        plane = plane - 128
    down, across = stretch
    return plane.reshape(len(plane) // down, down, -1, across).mean(axis=(1, 3))


def _coefficients(samples: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Quantised coefficients of the blocks of a unit, [v, h, 8, 8]."""
    v, h = (side // _SIDE for side in samples.shape)
    blocks = samples.reshape(v, _SIDE, h, _SIDE).swapaxes(1, 2)
    exact = _DCT @ blocks @ _DCT.T / table
    return np.rint(exact).clip(-_MOST, _MOST).astype(np.int16)


def _replace(blocks: np.ndarray, corner: tuple[int, int], own: np.ndarray) -> None:
    """Of a unit at the edge, only those blocks that the file has."""
    target = blocks[corner[0] :, corner[1] :][: own.shape[0], : own.shape[1]]
    target[...] = own[: target.shape[0], : target.shape[1]]


def _without_metadata(content: bytes) -> bytes:
    """Drop comments and application data but those that say how colours are coded."""
    kept, at = [content[:2]], 2
    while at + 4 <= len(content) and content[at] == 0xFF and content[at + 1] != 0xDA:
        code, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if not (code == 0xFE or 0xE1 <= code <= 0xED or code == 0xEF):
            kept.append(content[at : at + 2 + length])
        at += 2 + length
    return b"".join([*kept, content[at:]])
