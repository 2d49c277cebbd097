"""Releases over many pictures: central images, plates, heat maps; and the speed of their noise.

Pictures are those of a file (``--images``: an .npz with `images` uint8 [n, H, W] and `labels`),
else 60,000 of 28 x 28 pixels that are made from scikit-learn's digits: enlarged and shifted.
The clip of the plate is made too: a street of noise and passers-by, seen for 10**6 frames.
"""

import time
from pathlib import Path
from statistics import median

import numpy as np

from bench.tables import markdown_table, number, verdict
from numbadp import Pool
from numbadp.mechanism.pool.cube import cube_tables, draw_radii
from numbadp.mechanism.pool.drawing import add_noise, load_law
from numbadp.mechanism.pool.gauss import gauss_tables
from numbadp.plan.laws import Change, Law, PoolStage

COUNT, SIDE, TEST = 60_000, 28, 4000
FRAMES = 10**6
VISITORS, SCENE = 5000, (576, 768)
_ROUNDS = 5
_VALUES = 400_000
# epsilon, delta, bound of the MSE, bound of the lost accuracy (in points)
CENTRAL = ((".165", "1e-5", 50, 1.0), ("1", "1e-5", None, 1.0), ("1", "0", 40, None))
BOUNDS = {"gauss": 120, "cube": 15, "plate": 5, "heat": 0.16, "sums": 2.0}


def measure_pool(path: str | None = None, count: int = COUNT) -> dict:
    """Measure everything on `count` pictures, and classify `TEST` others."""
    images, labels, name = read_images(path, count)
    return {
        "pictures": name,
        "count": len(images) - TEST,
        "central": measure_central(images, labels),
        "noise": measure_noise(),
        "radius": measure_radius(),
        "sums": measure_sums(images, labels),
        "plate": measure_plate(),
        "heat": measure_heat(),
    }


def read_images(path: str | None, count: int):
    """Pictures with labels, and where they come from."""
    if path:
        with np.load(Path(path)) as kept:
            most = count + TEST
            images, labels = kept["images"][:most], kept["labels"][:most].astype(np.int64)
            return images, labels, Path(path).stem
    from sklearn.datasets import load_digits

    digits, rng = load_digits(), np.random.default_rng(7)
    small = (digits.images * 255 / 16).astype(np.float64)
    place = (np.arange(20) + 0.5) / 2.5 - 0.5
    low = np.clip(place.astype(int), 0, 6)
    part = np.clip(place - low, 0, 1)
    large = small[:, low] * (1 - part[None, :, None]) + small[:, low + 1] * part[None, :, None]
    large = large[:, :, low] * (1 - part) + large[:, :, low + 1] * part
    count += TEST
    chosen = rng.integers(0, len(large), count)
    images = np.zeros((count, SIDE, SIDE), np.uint8)
    for k, (one, (y, x)) in enumerate(zip(chosen, rng.integers(3, 6, (count, 2)), strict=True)):
        images[k, y : y + 20, x : x + 20] = large[one]
    return images, digits.target[chosen], "scikit-learn's digits, enlarged and shifted"


def measure_central(images, labels) -> list[dict]:
    """Ten means under every budget: error before and after denoising, and what they classify."""
    train, test = images[:-TEST], images[-TEST:]
    own, other = labels[:-TEST], labels[-TEST:]
    classes = int(labels.max()) + 1
    exact = np.stack([train[own == k].mean(0) for k in range(classes)])
    best = accuracy(exact, test, other)
    rows = []
    for epsilon, delta, most, lost in CENTRAL:
        found = []
        for _ in range(_ROUNDS):
            pool = Pool.images(
                images.shape[1:], classes=classes, epsilon=epsilon, delta=delta,
                expected=len(train) // classes,
            )  # fmt: skip
            pool.add(train, own)
            release = pool.release()
            drawn = {style: release.render(style).astype(float) for style in ("cells", "smooth")}
            found.append([
                *(((drawn[s] - exact) ** 2).mean() for s in ("cells", "smooth")),
                accuracy(drawn["smooth"], test, other),
            ])  # fmt: skip
        raw, smooth, kept = np.mean(found, 0).tolist()
        law, cell = pool.plan.stages[0].law, pool.plan.cell
        counts = np.bincount(own, minlength=classes).mean()
        rows.append({
            "epsilon": epsilon, "delta": delta, "law": law.kind, "cell": cell,
            "sd": law.deviation / (2 * counts * cell**2), "raw": raw, "smooth": smooth,
            "accuracy": kept, "exact": best, "bound": most, "lost": lost,
        })  # fmt: skip
    return rows


def accuracy(means, test, labels) -> float:
    """Share of pictures whose nearest mean is that of their class, in percent."""
    means = means.reshape(len(means), -1)
    flat = test.reshape(len(test), -1).astype(float)
    distance = (means**2).sum(1) - 2 * flat @ means.T
    return 100 * float((distance.argmin(1) == labels).mean())


def measure_noise() -> list[dict]:
    """Time of a value on one thread, of ours and of OpenDP's."""
    from numbadp.compute.workers import threads

    rows = []
    laws = (
        Law("laplace", 255 / _ONE, _VALUES), Law("cube", 255 / _ONE, 784),
        *(Law("gauss", gauss_tables(_fraction(v)).variance, _VALUES) for v in (9, 15129, 40800**2)),
    )  # fmt: skip
    for law in laws:
        load_law(law.kind)
        vectors = max(1, _VALUES // law.size)
        stage = PoolStage("x", law, vectors, Change(1, 1, 1), _fraction(0))
        # The radii, one a vector, have a figure of their own.
        call = _cube_call(vectors * law.size) if law.kind == "cube" else _stage_call(stage)
        with threads(1):
            call()
            times = [_timed(call) for _ in range(_ROUNDS)]
        rows.append({
            "law": law.kind, "deviation": law.deviation,
            "ns": median(times) * 1e9 / (vectors * law.size), "opendp": opendp_ns(law),
        })  # fmt: skip
    return rows


def measure_radius(size: int = 784) -> float:
    """Time of the radius of one cube of so many values, in ns."""
    tables, radii, key = cube_tables(255 / _ONE, size), np.zeros(200, np.int64), _key()
    draw_radii(tables, radii[:1], key, 18 << 24)
    return _timed(lambda: draw_radii(tables, radii, key, 18 << 24)) * 1e9 / len(radii)


def _fraction(value):
    from fractions import Fraction

    return Fraction(value)


_ONE = _fraction(1)


def _key():
    from numbadp.mechanism.entropy import Key

    return Key(bytes(range(1, 33)))


def _stage_call(stage):
    values, key = np.zeros(stage.vectors * stage.law.size, np.int64), _key()
    return lambda: add_noise(values, stage, 0, key)


def _cube_call(size: int):
    from numbadp.mechanism.kernels.cube_cpu import CHUNK, cube_cpu

    values, radii, key = np.zeros(size, np.int64), np.full(size // 784, 200_000), _key()
    items = -(-size // CHUNK)
    return lambda: cube_cpu(
        np.zeros(1, np.int64), items, values, 784, radii, key.words, np.uint64(17 << 24)
    )


def _timed(call) -> float:
    """Time that this thread had a core, in seconds: others on the machine do not count."""
    start = time.thread_time()
    call()
    return time.thread_time() - start


def opendp_ns(law: Law) -> float | None:
    """OpenDP's vector of the same law, in ns a value; None where it has none or is missing."""
    if law.kind == "cube":
        return None
    try:
        import opendp.prelude as dp
    except ImportError:
        return None
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T=int))
    scale = law.deviation if law.kind == "gauss" else float(law.parameter)
    metric = dp.l2_distance(T=float) if law.kind == "gauss" else dp.l1_distance(T=int)
    make = dp.m.make_gaussian if law.kind == "gauss" else dp.m.make_laplace
    measurement, zeros = make(space, metric, scale=scale), [0] * 20_000
    measurement(zeros)
    return median(_timed(lambda: measurement(zeros)) for _ in range(3)) * 1e9 / len(zeros)


def measure_sums(images, labels) -> dict:
    """Sums of all classes against a copy of the pictures."""
    out = np.empty_like(images)
    pool = Pool.images(images.shape[1:], classes=int(labels.max()) + 1, epsilon=1, cell=1)
    pool.add(images, labels)
    ratios = []
    for _ in range(2 * _ROUNDS):
        added = _timed(lambda: pool.add(images, labels))
        copied = _timed(lambda: np.copyto(out, images))
        ratios.append(added / copied)
    return {"ratio": median(ratios), "bytes": images.nbytes}


def clip(count: int = 795, shape=(144, 192), seed: int = 3) -> np.ndarray:
    """A street with passers-by and camera noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    street = 90 + 60 * (x > 70) + 30 * np.sin(y / 9) + 40 * (y > 100)
    frames = np.clip(street + rng.normal(0, 3, (count, *shape)), 0, 255)
    for _ in range(count // 15):
        start, top, level = rng.integers(0, count), rng.integers(0, 110), rng.integers(0, 256)
        for t in range(start, min(count, start + 15)):
            left = (t - start) * 12
            frames[t, top : top + 24, left : left + 10] = level
    return np.rint(frames).astype(np.uint8)


def measure_plate() -> dict:
    """A clip that stands for 10**6 frames; what counts is its exact plate, from votes and noise."""
    frames = clip()
    pools = [
        Pool.plate(frames.shape[1:], event=(150, 10, 24), epsilon=e, delta=d)
        for e, d in ((1, "1e-5"), (4096, 0))
    ]
    for pool in pools:
        pool.add(frames)
        pool._votes *= FRAMES // len(frames)  # the same clip again and again
        pool._seen = FRAMES
    noisy, exact = (pool.release().render("smooth").astype(float) for pool in pools)
    raw = ((frames[::53].astype(float) - exact) ** 2).mean()
    middle = np.median(frames, 0)
    return {
        "mse": float(((noisy - exact) ** 2).mean()), "frame": float(raw),
        "median": float(((noisy - middle) ** 2).mean()), "frames": FRAMES,
    }  # fmt: skip


def walks(seed: int = 5):
    """Points and tracks of visitors who walk along two streets."""
    rng = np.random.default_rng(seed)
    points, tracks = [], []
    for k in range(VISITORS):
        along, steps = rng.random() < 0.6, rng.integers(20, 80)
        start = (rng.uniform(0, 768), rng.normal(300, 30))
        start = start if along else (rng.normal(420, 30), rng.uniform(0, 576))
        drift = rng.choice([-9, 9]) * np.array([along, not along], float)
        path = np.array(start) + np.cumsum(drift + rng.normal(0, 3, (steps, 2)), 0)
        points.append(path)
        tracks.append(np.full(steps, k))
    return np.concatenate(points), np.concatenate(tracks)


def measure_heat() -> dict:
    """Relative error of a heat map, before and after denoising."""
    points, tracks = walks()
    rows = {}
    for delta in ("1e-6", "0"):
        found = []
        for _ in range(_ROUNDS):
            pool = Pool.visits(SCENE, cell=16, most=40, epsilon=1, delta=delta)
            pool.add(points, tracks)
            exact = pool._counts.reshape(pool.plan.grid).astype(float)
            release = pool.release()
            found.append([
                float(np.sqrt(((release.means(s) - exact) ** 2).mean() / (exact**2).mean()))
                for s in ("cells", "smooth")
            ])  # fmt: skip
        raw, smooth = np.mean(found, 0).tolist()
        rows[delta] = {"law": pool.plan.stages[0].law.kind, "raw": raw, "smooth": smooth}
    return rows


def render_pool(section: dict) -> str:
    """Three tables: central images, noise, and the rest."""
    central = markdown_table(
        ["epsilon, delta", "noise", "cell", "sd", "MSE raw", "MSE smooth", "bound",
         "accuracy", "of"],
        [
            [
                f"{r['epsilon']}, {r['delta']}", r["law"], str(r["cell"]), number(r["sd"]),
                number(r["raw"]), number(r["smooth"]), number(r["bound"]),
                number(r["accuracy"]), number(r["exact"]),
            ]
            for r in section["central"]
        ],
    )  # fmt: skip
    noise = markdown_table(
        ["noise", "deviation", "ns a value", "bound", "OpenDP"],
        [
            [r["law"], number(r["deviation"]), number(r["ns"]), number(BOUNDS.get(r["law"])),
             number(r["opendp"])]
            for r in section["noise"]
        ],
    )  # fmt: skip
    plate, heat, ratio = section["plate"], section["heat"], section["sums"]["ratio"]
    rest = markdown_table(
        ["what", "measured", "bound", "met"],
        [
            ["class sums / copy", number(ratio), "2", _met(ratio, "sums")],
            ["plate of 10^6 frames, MSE", number(plate["mse"]), "5", _met(plate["mse"], "plate")],
            ["radius of a cube, ms a vector", number(section["radius"] / 1e6), "–", "–"],
            ["one of its frames, MSE", number(plate["frame"]), "–", "–"],
            *[
                [f"heat map, delta {d}, {r['law']}", f"{number(r['raw'])} to {number(r['smooth'])}",
                 "0.16" if d != "0" else "–", _met(r["smooth"], "heat") if d != "0" else "–"]
                for d, r in heat.items()
            ],
        ],
    )  # fmt: skip
    return f"{section['count']} pictures: {section['pictures']}.\n\n{central}\n\n{noise}\n\n{rest}"


def _met(value: float, name: str) -> str:
    return verdict(value <= BOUNDS[name])
