"""Pictures for jobs, of the kind that cameras write."""

from pathlib import Path

import numpy as np
from PIL import Image

import numbadp

SMALL, FULL_HD = (160, 120), (1920, 1080)


def write_film(path: Path, count: int, size: tuple[int, int]) -> str:
    """Write a film of as many frames (H.264, 25 a second): the pictures of `write_jpegs`."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = (*size, "yuv420p")
        names = write_jpegs(path.parent / "frames", min(count, 10), size)
        for number in range(count):
            name = names[number % len(names)]
            with Image.open(name) as image:
                frame = av.VideoFrame.from_image(image.convert("RGB"))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return str(path)


def write_jpegs(folder: Path, count: int, size: tuple[int, int]) -> list[str]:
    """Write different JPEGs of one size (width, height), quality 90; returns their paths.

    Crops and turns of the package's photograph, with a little noise as sensors have it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(Path(numbadp.__file__).parent / "data" / "astronaut.jpg") as image:
        photo = image.convert("RGB")
    width, height = size
    grain = np.random.default_rng(0).integers(-4, 5, (height, width, 3), np.int16)
    paths = []
    for number in range(count):
        path = folder / f"{number:06d}.jpg"
        paths.append(str(path))
        if path.exists():
            continue
        side = 200 + number * 37 % 250
        left, top = number * 53 % (512 - side), number * 71 % (512 - side)
        part = photo.crop((left, top, left + side, top + side)).resize(size, Image.BICUBIC)
        pixels = np.asarray(part).astype(np.int16) + np.roll(grain, number, axis=1)
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path, quality=90)
    return paths
