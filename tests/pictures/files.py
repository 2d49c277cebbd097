"""Small picture files, made from nothing by the libraries that make real ones."""

import io

import numpy as np
from PIL import Image

ORIENTATION = 0x0112


def scene(height, width, channels=3, seed=0):
    """Return a picture with shapes and grain, as a camera would see one."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 6 + 2, width // 6 + 2, channels), dtype=np.uint8)
    planes = [
        np.asarray(
            Image.fromarray(coarse[..., c]).resize((width, height), Image.Resampling.BICUBIC)
        )
        for c in range(channels)
    ]
    grain = rng.integers(-12, 13, (height, width, channels))
    return np.clip(np.stack(planes, -1).astype(int) + grain, 0, 255).astype(np.uint8)


def as_image(array):
    """Return an image of mode L, RGB or CMYK by the number of channels."""
    height, width, channels = array.shape
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[channels]
    return Image.frombytes(mode, (width, height), array.tobytes())


def encoded(image, kind, **settings):
    """Return a file as bytes; `orientation` is written as EXIF."""
    if "orientation" in settings:
        exif = Image.Exif()
        exif[ORIENTATION] = settings.pop("orientation")
        settings["exif"] = exif
    stream = io.BytesIO()
    image.save(stream, format=kind, **settings)
    return stream.getvalue()


def opened(content):
    """Open bytes as a caller of the API would."""
    return Image.open(io.BytesIO(content))
