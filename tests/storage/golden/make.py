"""Write the golden files of the current format version; run once a version, never to mend a test.

``python tests/storage/golden/make.py`` from the repository's root.  Pictures are computed, keys
are fixed, so the files tell nothing about anybody.
"""

import hashlib
import json
import sys
from fractions import Fraction
from math import inf
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1])]

from cases import Case, fixed_key  # noqa: E402

from numbadp.mechanism import _pixelize  # noqa: E402
from numbadp.release import build_release  # noqa: E402
from numbadp.storage.codec import VERSION  # noqa: E402

GOLDEN = (
    Case("grey", (45, 70), "30", 1),
    Case("grey-uniform", (45, 70, 1), "1/3", 1, {"layout": "uniform"}),
    Case("colour", (150, 170, 3), "1", 4),
    Case("rgb", (33, 40, 3), "50", 1, {"planes": "rgb"}),
    Case("batch", (2, 40, 52, 3), "0.7", 1),
)


def landscape(shape):
    """Compute a picture: a sky that fades, a hill, a house."""
    height, width = shape[-3:-1] if len(shape) > 2 else shape
    y, x = np.indices((height, width))
    grey = 200 - 60 * y // height + 0 * x
    hill = y > height * 0.6 + 6 * np.sin(x / 9)
    house = (abs(x - width // 3) < width // 9) & (abs(y - height // 2) < height // 6)
    red = np.where(house, 180, np.where(hill, 60, grey))
    green = np.where(house, 40, np.where(hill, 140, grey))
    blue = np.where(house, 30, np.where(hill, 50, np.minimum(grey + 40, 255)))
    picture = np.stack([red, green, blue], -1).astype(np.uint8)
    if len(shape) == 2 or shape[-1] == 1:
        picture = picture[..., 1].reshape(shape)
    return np.ascontiguousarray(np.broadcast_to(picture, shape))


def golden_release(case):
    """Release a golden picture under a fixed key."""
    return _pixelize(landscape(case.shape), case.plan(), fixed_key(4))


def without_privacy(release):
    """Return the same numbers with a guarantee that promises nothing."""
    from dataclasses import replace

    guarantee = replace(release.guarantee, epsilon=inf, tau=Fraction(0))
    return build_release(release.plan, guarantee, tuple(v.copy() for v in release.values))


def facts_of(release):
    """Return a few public facts as text."""
    promise = release.guarantee
    return {"shape": list(release.shape), "epsilon": str(promise.epsilon), "tau": str(promise.tau)}


def digest(*arrays):
    """Hash arrays, their shapes and types."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str} {array.shape}".encode() + array.tobytes())
    return total.hexdigest()


def main():
    """Write every file and what must come out of it."""
    expected = {}
    for case in GOLDEN:
        release = golden_release(case)
        for payload in ("release", "mosaic"):
            name = f"v{VERSION}-{case.id}-{payload}.dpz"
            release.save(HERE / name, payload=payload)
            expected[name] = facts_of(release)
    release = without_privacy(golden_release(GOLDEN[0]))
    name = f"v{VERSION}-not-private-release.dpz"
    release.save(HERE / name)
    expected[name] = facts_of(release)
    from numbadp import load

    for name, facts in expected.items():
        loaded = load(HERE / name)
        if name.endswith("-release.dpz"):
            facts["values"] = digest(*loaded.values)
        else:
            facts["planes"] = digest(loaded.levels, *loaded.planes)
            facts["mosaic"] = digest(loaded.render())
    text = json.dumps(expected, indent=1) + "\n"
    (HERE / f"v{VERSION}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
