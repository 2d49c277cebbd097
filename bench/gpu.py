"""GPU against CPU: equality first, then kernels, copies, end to end, peers and the crossover.

Everything runs in Numba's simulator too, at toy sizes and by the wall clock, so that the harness
can be tested without a GPU; such figures mean nothing and are never saved.
"""

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from statistics import median

import numpy as np

from bench.gpu_peers import PEERS
from bench.pictures import SIZES, photo_of_size
from bench.rivals import naive_dp_pix
from bench.scene import EPSILON, M
from numbadp import Pixelizer
from numbadp.checks import STYLES

FRAMES = (1, 8, 64)
ROUNDS, WARM_UPS = 20, 3
CROSSOVER_SIDES = (64, 128, 256, 512, 1024, 2048)
NOISE_SHAPE = (2160, 3840)
_LARGE = 1 << 29  # bytes of a batch from which two rounds on the host have to do
_LONGEST = 2000  # characters of an error
_PACKAGES = ("numba-cuda", "cuda-bindings", "torch", "cupy-cuda12x", "cupy-cuda13x")


class Clock:
    """Times work on the device by events, or in the simulator by the wall."""

    def __init__(self):
        from numbadp.compute.gpu import SIMULATED, cuda

        self.cuda, self.simulated = cuda, SIMULATED

    def device_ms(self, work: Callable[[], object], rounds: int) -> list[float]:
        """Time from event to event, after warm-ups; one entry a round."""
        if self.simulated:
            return self.wall_ms(work, rounds)
        for _ in range(WARM_UPS):
            work()
        found = []
        for _ in range(rounds):
            start, end = self.cuda.event(), self.cuda.event()
            start.record()
            work()
            end.record()
            end.synchronize()
            found.append(self.cuda.event_elapsed_time(start, end))
        return found

    def wall_ms(self, work: Callable[[], object], rounds: int) -> list[float]:
        """Time on the host's clock, the device idle before and after; warmed up once."""
        found = []
        for n in range(rounds + 1):
            self.cuda.synchronize()
            start = time.perf_counter()
            work()
            self.cuda.synchronize()
            if n:
                found.append(1e3 * (time.perf_counter() - start))
        return found


class Findings:
    """What is measured so far: every case has its own try, and is saved when it is done."""

    def __init__(self, section: dict, save: Callable[[dict], object]):
        self.section, self._save = section, save
        self.section.update(rows=[], errors=[])

    def rows(self, case: str, measure: Callable[[], list[dict]]) -> None:
        """Measure some rows."""
        self.section["rows"] += self._tried(case, measure) or []
        self._save(self.section)

    def take(self, case: str, measure: Callable[[], object]) -> bool:
        """Measure something with a name of its own; tell whether that worked."""
        before = len(self.section["errors"])
        self.section[case] = self._tried(case, measure)
        self._save(self.section)
        return len(self.section["errors"]) == before

    def _tried(self, case: str, measure: Callable[[], object]):
        try:
            return measure()
        except Exception as error:
            told = f"{type(error).__name__}: {error}"[:_LONGEST]
            self.section["errors"].append({"case": case, "error": told})
            print(f"{case}: {told}", file=sys.stderr)
            return None


def measure_gpu(
    sizes: dict | None = None, frames=FRAMES, rounds: int = ROUNDS, sides=CROSSOVER_SIDES,
    noise_shape=NOISE_SHAPE, save: Callable[[dict], object] = lambda section: None,
) -> dict:  # fmt: skip
    """Check equality, then measure every size, batch and style; refuses without a device.

    What only a device can tell comes first, and what takes the host long comes last; `save` is
    called after every case.  Of a size whose pictures differ from the CPU's nothing is measured.
    """
    from numbadp.compute.backend import choose_backend

    choose_backend("cuda")
    clock = Clock()
    found = Findings(
        {"epsilon": EPSILON, "m": M, "rounds": rounds, "device": describe_device(clock)}, save
    )
    equal = {}
    for name, (height, width) in (sizes or SIZES).items():
        picture = photo_of_size(height, width)
        if found.take(f"equal {name}", lambda p=picture: check_equality(p)):
            equal[name] = picture
    found.take("noise", lambda: _measure_noise(clock, noise_shape, rounds))
    for what, measure in (("device", _device_rows), ("peers", _peer_rows), ("host", _host_rows)):
        for (name, picture), count in product(equal.items(), frames):

            def work(measure=measure, name=name, picture=picture, count=count):
                batch = np.stack([np.roll(picture, n, axis=1) for n in range(count)])
                return measure(clock, name, batch, rounds)

            found.rows(f"{what} {name} x {count}", work)
    for name, picture in equal.items():
        found.rows(f"naive {name}", lambda n=name, p=picture: [_naive_row(n, p, rounds)])
    found.take("crossover", lambda: _measure_crossover(clock, sides, rounds))
    return found.section


def check_equality(picture: np.ndarray) -> bool:
    """Raise unless the GPU gives the CPU's bits, values and all styles, for keys of this run.

    Every way from pixels to pictures is taken: one size of cells, splits, and a region.
    """
    height, width = picture.shape[:2]
    middle = [(width // 4, height // 4, width // 2 + 1, height // 2 + 1)]
    for options in ({}, {"layout": "private"}, {"boxes": middle}):
        _check_plan(picture, Pixelizer(picture.shape, epsilon=EPSILON, m=M, **options).plan)
    return True


def _check_plan(picture: np.ndarray, plan) -> None:
    from numbadp.compute.forgetting import Scratch
    from numbadp.compute.gpu import cuda
    from numbadp.mechanism import _pixelize
    from numbadp.mechanism.entropy import Key, fresh_key

    material = fresh_key(Scratch()).words.tobytes()
    ours = _pixelize(picture, plan, Key(material))
    theirs = _pixelize(cuda.to_device(picture), plan, Key(material))
    pairs = list(zip(ours.values, theirs.to_host().values, strict=True))
    pairs += [(ours.render(s), theirs.render(s).copy_to_host()) for s in STYLES]
    if ours.layout != theirs.layout or not all(np.array_equal(a, b) for a, b in pairs):
        raise AssertionError("GPU and CPU differ: nothing is measured.")


def _row(size: str, batch: np.ndarray, case: str, style: str, times, clock: str = "device") -> dict:
    return {
        "size": size, "frames": len(batch), "case": case, "style": style, "clock": clock,
        "median_ms": median(times), "min_ms": min(times), "bytes": batch.nbytes,
    }  # fmt: skip


def _device_rows(clock: Clock, size: str, batch: np.ndarray, rounds: int) -> list[dict]:
    """One resident batch: the copy rate as the floor, the release, and every style."""
    pixelizer = Pixelizer(batch.shape, epsilon=EPSILON, m=M)
    resident = clock.cuda.to_device(batch)
    out = clock.cuda.device_array(batch.shape, np.uint8)
    work = {
        ("copy", ""): lambda: out.copy_to_device(resident),
        ("release", ""): lambda: pixelizer(resident),
    }
    for style in STYLES:
        work["kernels", style] = lambda s=style: pixelizer(resident).render(s, out=out)
    return [_row(size, batch, *name, clock.device_ms(call, rounds)) for name, call in work.items()]


def _peer_rows(clock: Clock, size: str, batch: np.ndarray, rounds: int) -> list[dict]:
    """The rivals that are there."""
    return [
        _row(size, batch, peer.name, "cells", clock.wall_ms(peer.build(batch, EPSILON, M), rounds),
             "wall")
        for peer in PEERS if peer.available
    ]  # fmt: skip


def _host_rows(clock: Clock, size: str, batch: np.ndarray, rounds: int) -> list[dict]:
    """Copies both ways, and pictures in host memory on either processor; few rounds suffice."""
    cuda, few = clock.cuda, max(2, rounds // 4)
    pinned, host_out = cuda.pinned_array(batch.shape, np.uint8), np.empty_like(batch)
    pinned[:] = batch
    there = cuda.to_device(batch)
    rows = [
        _row(size, batch, "up", "", clock.device_ms(lambda: there.copy_to_device(pinned), few)),
        _row(size, batch, "down", "", clock.device_ms(lambda: there.copy_to_host(pinned), few)),
    ]
    few = 2 if batch.nbytes > _LARGE else few
    for case, backend in (("end to end", "cuda"), ("cpu", "cpu")):
        made = Pixelizer(batch.shape, epsilon=EPSILON, m=M, backend=backend)
        for style in STYLES:
            times = clock.wall_ms(lambda m=made, s=style: m(batch).render(s, out=host_out), few)
            rows.append(_row(size, batch, case, style, times, "wall"))
    return rows


def _naive_row(size: str, picture: np.ndarray, rounds: int) -> dict:
    """DP-Pix as a loop over cells, on the CPU: once is enough."""
    work = naive_dp_pix(picture, np.empty_like(picture), EPSILON, M)
    times = []
    for _ in range(min(rounds, 2)):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return _row(size, picture[None], "naive loop", "cells", times, "wall")


def _measure_noise(clock: Clock, shape: tuple[int, int], rounds: int) -> dict:
    """Exact samples a second: noise on zeroed sums of a grey picture with cells of one pixel."""
    from numbadp.compute.device import empty
    from numbadp.compute.forgetting import Scratch
    from numbadp.mechanism import run_cuda
    from numbadp.mechanism.entropy import fresh_key
    from numbadp.mechanism.tables_cuda import tables_on_device

    plan = Pixelizer(shape, epsilon=EPSILON, m=M, cell=1).plan
    tables = tables_on_device(plan, 0)
    units = empty(plan.draws, np.int32, 0)
    units.copy_to_device(np.zeros(plan.draws, np.int32))
    values = empty(plan.draws, np.int64, 0)
    pairs = tuple(fresh_key(Scratch()).words.astype("<u4").view("<u8").astype(np.uint64))

    def work():
        run_cuda._add_noise(plan, tables, units, values, 0, pairs)

    best = median(clock.device_ms(work, rounds))
    return {"draws": plan.draws, "median_ms": best, "per_second": plan.draws / best * 1e3}


def _measure_crossover(clock: Clock, sides, rounds: int) -> list[dict]:
    """End to end, mosaic, of square pictures in host memory: both processors by size."""
    found = []
    for side in sides:
        picture = photo_of_size(side, side)
        entry = {"side": side}
        for backend in ("cpu", "cuda"):
            made = Pixelizer(picture.shape, epsilon=EPSILON, m=M, backend=backend)
            entry[f"{backend}_ms"] = median(
                clock.wall_ms(lambda m=made, p=picture: m(p).render(), max(2, rounds // 4))
            )
        found.append(entry)
    return found


def crossover_side(entries: list[dict]) -> int | None:
    """Smallest measured side from which on the GPU wins; None if it never does."""
    side = None
    for entry in reversed(entries):
        if entry["cuda_ms"] > entry["cpu_ms"]:
            break
        side = entry["side"]
    return side


def describe_device(clock: Clock) -> dict:
    """Public facts of the device and the versions of what drives it."""
    if clock.simulated:
        return {"name": "simulator"}
    device = clock.cuda.get_current_device()
    name = device.name
    facts = {
        "name": name.decode() if isinstance(name, bytes) else str(name),
        "compute_capability": ".".join(map(str, device.compute_capability)),
        "multiprocessors": device.MULTIPROCESSOR_COUNT,
    }
    with suppress(Exception):
        facts["runtime"] = ".".join(map(str, clock.cuda.runtime.get_version()))
    for package in _PACKAGES:
        with suppress(PackageNotFoundError):
            facts[package] = version(package)
    return facts
