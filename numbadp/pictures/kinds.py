"""Which files of a folder are pictures: by a suffix that promises one, else by their first bytes.

A broken or unreadable picture is a picture: it has to be told.  Labels, sidecars, films and the
systems' own files are none: they are left out and counted.
"""

import os
import re
import stat
from pathlib import Path

_HEAD = 512  # bytes
_STARTS = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a",
    b"II*\0", b"MM\0*", b"II+\0", b"MM\0+",  # TIFF, and most cameras' raw files
    b"IIRO", b"IIRS", b"IIU\0", b"FUJIFILMCCD-RAW", b"FOVb",  # raw files that are no TIFF
    b"\0\0\0\x0cjP  \r\n", b"\xff\x4f\xff\x51",  # JPEG 2000
    b"\0\0\0\x0cJXL \r\n", b"\xff\x0a\xfa\x7f", b"qoif", b"8BPS", b"\x59\xa6\x6a\x95",
    b"\x76\x2f\x31\x01", b"#?RADIANCE", b"#?RGBE", b"DDS ", b"gimp xcf",
)  # fmt: skip
_BRANDS = (
    b"avif", b"avis", b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1",
    b"miaf", b"crx ",
)  # fmt: skip
# Of Netpbm the binary kinds, by their whole header: notes and labels may begin with "P5 100 200 ".
# A bitmap's has two numbers only, so that what follows must not be mere text.
_GAP = rb"(?:\s|#[^\r\n]*[\r\n])+"
_SIDES = _GAP + rb"[0-9]+" + _GAP + rb"[0-9]+"
_NETPBM = re.compile(
    rb"P(?:[56]" + _SIDES + _GAP + rb"[0-9]{1,5}\s"
    rb"|4" + _SIDES + rb"\s(?![\s -~]+\Z)"
    rb"|7\s+(?:#|(?:WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE)\s)"
    rb"|[Ff]" + _SIDES + rb"\s+[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s)"
)
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
_WORDS = (
    "png apng jpg jpeg jpe jfif jif mpo gif bmp dib tif tiff webp ppm pgm pbm pnm pfm jp2 j2k j2c "
    "jpc jpf jpx avif avifs qoi tga icb vda pcx sgi rgb rgba bw ras ico psd psb heic heif hif jxl "
    "exr xcf dng cr2 cr3 crw nef nrw arw srf sr2 orf rw2 raf pef srw x3f 3fr iiq erf kdc dcr mrw"
)
_SUFFIXES = frozenset(f".{word}" for word in _WORDS.split())
_VIDEO_WORDS = (
    "mp4 m4v mov mkv webm avi ts mts m2ts mpg mpeg wmv flv ogv 3gp 3g2 vob mxf nut y4m h264 h265 "
    "hevc dv asf f4v"
)
_VIDEO_SUFFIXES = frozenset(f".{word}" for word in _VIDEO_WORDS.split())


def promises_picture(path: Path) -> bool:
    """Tell whether a name's suffix is that of a picture.

    Parameters
    ----------
    path : Path
        The name.

    Returns
    -------
    bool
        Whatever is there.
    """
    return path.suffix.lower() in _SUFFIXES


def is_video_name(path: Path) -> bool:
    """Tell whether a name is that of a video.

    Parameters
    ----------
    path : Path
        The name; there need be no such file.

    Returns
    -------
    bool
        By its suffix alone.
    """
    return path.suffix.lower() in _VIDEO_SUFFIXES


def is_video(path: Path) -> bool:
    """Tell whether a file is a video, by its suffix alone.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    bool
        False for whatever is no file.
    """
    try:
        return is_video_name(path) and stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_picture(path: Path) -> bool:
    """Tell whether a file is a picture, readable here or not.

    Parameters
    ----------
    path : Path
        The file; links are followed.

    Returns
    -------
    bool
        False for whatever is no file: a pipe would block.
    """
    promised = promises_picture(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        if promised:  # not opened: files that lie in a cloud would be fetched, all of them
            return True
        with open(path, "rb", buffering=0) as stream:
            return _starts_like_a_picture(stream.read(_HEAD))
    except OSError:  # a link to nothing, or closed to us: its name is all there is
        return promised


def _starts_like_a_picture(head: bytes) -> bool:
    return (
        head.startswith(_STARTS)
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and head[8:12] in _BRANDS)
        or (head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS)
        or _NETPBM.match(head) is not None
    )
