"""Small pictures for the page, as files in memory."""

import io

from PIL import Image


def photo(size=(96, 64), kind="PNG", **settings):
    """Return the bytes of a picture with four corners of different colours."""
    image = Image.new("RGB", size, (90, 120, 60))
    image.paste((250, 10, 10), (0, 0, size[0] // 2, size[1] // 2))
    stream = io.BytesIO()
    image.save(stream, kind, **settings)
    return stream.getvalue()
