"""Pictures to measure on: mosaics of the package's own photo, and photos of the user's choice."""

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

import numbadp

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SIZES = {"1080p": (1080, 1920), "4K": (2160, 3840)}
SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
# Photos inside scikit-image's wheel; none is downloaded.
WHEEL_PHOTOS = (
    "astronaut.png", "camera.png", "chelsea.png", "coffee.png", "motorcycle_left.png", "rocket.jpg",
)  # fmt: skip


def photo_of_size(height: int, width: int) -> np.ndarray:
    """Tile the package's photo, mirrored at every seam, to height x width x 3."""
    with Image.open(Path(numbadp.__file__).parent / "data" / "astronaut.jpg") as image:
        tile = np.asarray(image.convert("RGB"))
    pair = np.concatenate([tile, tile[:, ::-1]], axis=1)
    block = np.concatenate([pair, pair[::-1]], axis=0)
    tall, wide = -(-height // block.shape[0]), -(-width // block.shape[1])
    return np.ascontiguousarray(np.tile(block, (tall, wide, 1))[:height, :width])


@dataclass(frozen=True)
class Photo:
    """A photo of the utility benchmark."""

    name: str
    path: Path

    @cached_property
    def grey(self) -> np.ndarray:
        """Luma as PIL computes it, H x W."""
        with Image.open(self.path) as image:
            return np.asarray(image.convert("RGB").convert("L"))

    @cached_property
    def rgb(self) -> np.ndarray | None:
        """H x W x 3; None for a grey photo."""
        with Image.open(self.path) as image:
            if image.mode in ("1", "L", "LA", "I", "F"):
                return None
            return np.asarray(image.convert("RGB"))

    @property
    def megapixels(self) -> float:
        """Size."""
        return self.grey.size / 1e6


def find_photos(folder: str | None) -> list[Photo]:
    """List the photos of a folder, or those of scikit-image's wheel."""
    if folder is not None:
        paths = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in SUFFIXES)
        if not paths:
            raise FileNotFoundError(f"no photo ({', '.join(SUFFIXES)}) in {folder}.")
    else:
        paths = [path for path in _wheel_paths() if path.is_file()]
        if not paths:
            raise FileNotFoundError(
                "no photos: install scikit-image (the extra 'bench') or pass --photos FOLDER."
            )
    return [Photo(path.stem, path) for path in paths]


def _wheel_paths() -> list[Path]:
    found = find_spec("skimage")
    if found is None or found.origin is None:
        return []
    return [Path(found.origin).parent / "data" / name for name in WHEEL_PHOTOS]
