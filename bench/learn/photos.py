"""Photos to train on: those of ordinary Debian packages, and pictures drawn by chance.

``python -m bench.learn.photos FOLDER`` fetches the packages with apt and unpacks them; nothing is
installed.  Authors and licences of all pictures stand in `CREDITS.md` beside this file.  None of
them is a photo of the benchmark.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

PACKAGES = (
    "gnome-backgrounds", "mate-backgrounds", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04",
    "plasma-workspace-wallpapers", "ukui-wallpapers",
)  # fmt: skip
NAMES = (
    "aitzgorri_by_Aitzol_Berasategi.jpg", "analogpattern_by_Peter_Nerlich.jpg",
    "Bridge_by_Sander_Klootwijk.jpg", "Dragonfly_by_Bolly.jpg", "free_by_Peter_Nerlich.jpg",
    "friends_by_Aitzol_Berasategi.jpg", "greentock_by_Peter_Nerlich.jpg",
    "life_by_Aitzol_Berasategi.jpg", "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "Picture_0B_by_freespace.jpg", "Picture_1A_by_freespace.jpg",
    "seeding_by_Clements_Engelhardt.jpg", "sunset_by_Aitzol_Berasategi.jpg",
    "umang_by_Abhishek_Mudgal.jpg", "Wine_by_Jakkub_Mede.jpg", "Fossa_by_Jasper_Roks.jpg",
    "Infinite-Sea_by_Aury88.jpg", "Kleiber_by_Lukas_Baubkus.jpg",
    "nature/Aqua.jpg", "nature/Blinds.jpg", "nature/Dune.jpg", "nature/FreshFlower.jpg",
    "nature/Garden.jpg", "nature/GreenMeadow.jpg", "nature/LadyBird.jpg", "nature/RainDrops.jpg",
    "nature/Storm.jpg", "nature/TwoWings.jpg", "nature/Wood.jpg", "nature/YellowFlower.jpg",
    "Elephants_3840x2160.jpg", "gnome/wood-l.webp", "gnome/adwaita-l.webp",
    "Autumn/contents/images/2560x1600.jpg", "BytheWater/contents/images/2560x1600.jpg",
    "ColorfulCups/contents/images/2560x1600.jpg", "ColdRipple/contents/images/2560x1600.jpg",
    "EveningGlow/contents/images/2560x1600.jpg", "FallenLeaf/contents/images/2560x1600.jpg",
    "Kite/contents/images/2560x1600.jpg", "DarkestHour/contents/images/2560x1600.jpg",
    "OneStandsOut/contents/images/2560x1600.jpg", "summer_1am/contents/images/2560x1600.jpg",
    "Path/contents/images/2560x1600.jpg", "2004default.jpg", "rhythm.jpg", "calla.png",
    "focal-ubuntukylin.png",
)  # fmt: skip
# What a net is judged by, and not trained on.
HELD_OUT = (
    "Bridge_by_Sander_Klootwijk.jpg", "Dragonfly_by_Bolly.jpg", "Picture_1A_by_freespace.jpg",
    "nature/Garden.jpg", "nature/LadyBird.jpg", "FallenLeaf/contents/images/2560x1600.jpg",
)  # fmt: skip
DRAWN = 6
_DRAWN_SIZE = (1920, 2880)


def fetch_packages(folder: Path) -> None:
    """Download and unpack `PACKAGES` into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True)
        (archive,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg", "-x", archive, folder / package], check=True)


def read_photos(folder: Path, names=NAMES) -> list[np.ndarray]:
    """Read the named photos, H x W x 3, in this order."""
    Image.MAX_IMAGE_PIXELS = None
    files = [p for p in sorted(Path(folder).rglob("*")) if p.is_file() and not p.is_symlink()]
    photos = []
    for name in names:
        found = [path for path in files if path.as_posix().endswith("/" + name)]
        if not found:
            raise FileNotFoundError(f"{name} is not in {folder}; run python -m bench.learn.photos.")
        with Image.open(found[0]) as image:
            photos.append(np.asarray(image.convert("RGB")))
    return photos


def draw_leaves(number: int, size=_DRAWN_SIZE) -> np.ndarray:
    """Draw shapes of all sizes over each other: edges, corners, strokes and flat areas."""
    rng = np.random.default_rng(number)
    height, width = size
    image = Image.new("RGB", (width, height), tuple(rng.integers(0, 256, 3).tolist()))
    canvas = ImageDraw.Draw(image)
    for _ in range(1500):
        radius = min(6 / rng.uniform(0.006, 1) ** 1.2, 900)
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        base = rng.integers(0, 256)
        colour = tuple(np.clip(base + rng.normal(0, 40, 3), 0, 255).astype(int).tolist())
        kind = rng.integers(0, 4)
        if kind == 0:
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
        elif kind == 1:
            angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
            reach = radius * rng.uniform(0.5, 1.5, angles.size)
            corners = zip(x + reach * np.cos(angles), y + reach * np.sin(angles), strict=True)
            canvas.polygon([(float(a), float(b)) for a, b in corners], fill=colour)
        elif kind == 2:
            turn = rng.uniform(0, 2 * np.pi)
            dx, dy = 3 * radius * np.cos(turn), 3 * radius * np.sin(turn)
            canvas.line((x, y, x + dx, y + dy), fill=colour, width=max(1, int(radius / 6)))
        else:
            tall = radius * rng.uniform(0.2, 1)
            canvas.rectangle((x, y, x + radius, y + tall), fill=colour)
    picture = np.asarray(image, np.float32)
    y, x = np.mgrid[:height, :width]
    turn = rng.uniform(0, 2 * np.pi)
    shade = (np.cos(turn) * x / width + np.sin(turn) * y / height) * rng.uniform(0, 60)
    return np.clip(picture + shade[..., None], 0, 255).astype(np.uint8)


if __name__ == "__main__":
    fetch_packages(Path(sys.argv[1]))
