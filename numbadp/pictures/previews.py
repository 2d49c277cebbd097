"""Camera raw files and their like: TIFFs whose first picture is not the picture."""

from PIL import TiffImagePlugin

_WIDTH, _HEIGHT, _SUBFILE, _SUBFILES, _DNG_VERSION = 256, 257, 254, 330, 50706
_CFA, _LINEAR_RAW, _PHOTOMETRIC = 32803, 34892, 262
_MOST_PICTURES = 64


def is_preview(image, stream) -> bool:
    """Tell whether what Pillow decodes of a TIFF is a smaller version of what the file holds.

    Parameters
    ----------
    image : PIL.Image.Image
        As opened.
    stream : seekable binary file, or None
        Its bytes, where they can be had.

    Returns
    -------
    bool
        By the file's own word, or because it holds a larger picture.
    """
    if image.format != "TIFF":
        return False
    tags = image.tag_v2
    if _number(tags, _SUBFILE) & 1 or _DNG_VERSION in tags:
        return True
    return stream is not None and any(
        _number(found, _PHOTOMETRIC) in (_CFA, _LINEAR_RAW)
        # A larger page of a document is another picture; a larger subfile is this one.
        or (below and _number(found, _WIDTH) * _number(found, _HEIGHT) > _area(image))
        for below, found in _all_pictures(stream)
    )


def _area(image) -> int:
    return image.width * image.height


def _all_pictures(stream):
    """Directories of the chain, and those that each of them names, told apart."""
    stream.seek(0)
    head = stream.read(16)
    if head[8:10] == b"CR":  # Canon's raw files: a developed picture of lower quality comes first
        yield False, {_PHOTOMETRIC: _CFA}
    waiting, seen = [(False, _directory(head).next)], set[int]()
    while waiting and len(seen) < _MOST_PICTURES:
        below, offset = waiting.pop(0)
        if not offset or offset in seen:
            continue
        seen.add(offset)
        found = _directory(head)
        try:
            stream.seek(offset)
            found.load(stream)
        except Exception:  # what is broken holds no picture
            continue
        yield below, found
        named = found.get(_SUBFILES, ())
        more = named if isinstance(named, tuple) else (named,)
        waiting += [(below, found.next), *((True, at) for at in more if isinstance(at, int))]


def _directory(head: bytes):
    big = head[2:4] in (b"\x2b\0", b"\0\x2b")
    return TiffImagePlugin.ImageFileDirectory_v2(head if big else head[:8])


def _number(tags, name: int) -> int:
    try:
        found = tags.get(name, 0)
    except Exception:  # a tag that cannot be read says nothing
        return 0
    return found if isinstance(found, int) else 0
