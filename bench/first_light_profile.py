"""Every kernel of a release and its pictures: time by events, bytes, share of the copy rate.

No counter of the hardware is read, so this works where profilers do not.  A kernel's bytes are
those of its array arguments, each once: what it has to move where it reads or writes each of them
in whole, an upper bound where it does not.  The device is kept busy while the host queues, so that
no launch waits for the host and an event sees the kernel alone.
"""

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from bench.gpu import Clock
from bench.pictures import photo_of_size

ROUNDS, WARM_UPS = 5, 2
_BUSY = 24  # copies that the host queues behind, about a millisecond each
_BUSY_BYTES = 1 << 30
_STATE_MEBIBYTES = (8, 24, 48, 256, 1024)
STEADY = {"through": "filter"}  # frames of one film, steadied before they are painted
FULL = {
    "4K": ((2160, 3840), 1, {}),
    "8 x 4K": ((2160, 3840), 8, {}),
    "8 x 4K, epsilon 8, m 1": ((2160, 3840), 8, {"epsilon": 8, "m": 1}),
    "4K private": ((2160, 3840), 1, {"layout": "private"}),
    "4K boxes": ((2160, 3840), 1, {"boxes": [(400, 300, 2400, 1500)]}),
    "4K steady": ((2160, 3840), 1, STEADY),
}
TOY = {
    "toy": ((16, 16), 1, {"epsilon": 300, "m": 1, "cell": 8}),
    "toy steady": ((4, 6), 1, {"epsilon": 4000, "m": 1, "cell": 1} | STEADY),
}


class Recorder:
    """Stands in for `numbadp.compute.gpu.configured` and times what is launched while it is on."""

    def __init__(self, clock: Clock, configured: Callable):
        self._clock, self._configured = clock, configured
        self.on, self.pending = False, []

    def __call__(self, kernel, grid, block, stream, shared=0):
        launch = self._configured(kernel, grid, block, stream, shared)
        return launch if not self.on else lambda *given: self._timed(kernel, launch, stream, given)

    def _timed(self, kernel, launch, stream, given):
        size = sum(getattr(a, "nbytes", 0) for a in given if getattr(a, "shape", ()))
        name = getattr(kernel, "py_func", getattr(kernel, "fn", kernel)).__name__
        if self._clock.simulated:
            began = time.perf_counter()
            launch(*given)
            took = 1e3 * (time.perf_counter() - began)
            self.pending.append((name, size, lambda: took))
            return
        cuda = self._clock.cuda
        start, end = cuda.event(), cuda.event()
        start.record(stream)
        launch(*given)
        end.record(stream)
        self.pending.append((name, size, lambda: cuda.event_elapsed_time(start, end)))

    def collect(self) -> dict[str, tuple[int, int, float]]:
        """Launches, bytes and ms of every kernel since the last time."""
        self._clock.cuda.synchronize()
        found: dict[str, tuple[int, int, float]] = {}
        for name, size, elapsed in self.pending:
            count, total, ms = found.get(name, (0, 0, 0.0))
            found[name] = count + 1, total + size, ms + elapsed()
        self.pending = []
        return found


def measure_kernels(save: Callable[[dict], None]) -> dict:
    """Profile every flow; what was found so far is saved after each."""
    from numbadp.checks import STYLES

    clock = Clock()
    busy = _keep_busy(clock)
    found = {"rounds": ROUNDS, "copy_gb_per_s": _copy_rate(clock), "flows": {}}
    save(found)
    recorder = _installed(clock)
    styles = ("cells",) if clock.simulated else STYLES
    for name, (size, count, options) in (TOY if clock.simulated else FULL).items():
        try:
            found["flows"][name] = _profile(clock, recorder, busy, size, count, options, styles)
        except Exception as error:
            found["flows"][name] = {"error": f"{type(error).__name__}: {error}"[:2000]}
        for row in found["flows"][name].get("kernels", ()):
            rate = row["bytes"] / row["ms"] / 1e6 if row["ms"] else 0
            row["gb_per_s"] = rate
            row["share_of_copy"] = rate / found["copy_gb_per_s"]
        save(found)
    if not clock.simulated:
        found["state_parts"] = _state_parts(clock)
        save(found)
    failed = [name for name, flow in found["flows"].items() if "error" in flow]
    if failed:
        raise RuntimeError(f"not profiled: {', '.join(failed)}; {found['flows'][failed[0]]}")
    return found


def _installed(clock: Clock) -> Recorder:
    """Put a recorder in the place of the launcher, in every module that took it by name."""
    from numbadp.compute import gpu
    from numbadp.mechanism import run_cuda
    from numbadp.release import temporal_cuda

    assert run_cuda and temporal_cuda  # they import all others
    recorder, own = Recorder(clock, gpu.configured), gpu.configured
    for name, module in list(sys.modules.items()):
        if name.startswith("numbadp.") and getattr(module, "configured", None) is own:
            module.configured = recorder
    return recorder


def _profile(clock, recorder, busy, size, count, options, styles) -> dict:
    from numbadp import Pixelizer, TemporalFilter

    batch = np.stack([np.roll(photo_of_size(*size), n, axis=1) for n in range(count)])
    options, through = dict(options), lambda release: release
    if options.pop("through", None) == "filter":
        batch, through = batch[0], TemporalFilter().steady
    pixelizer = Pixelizer(batch.shape, **({"epsilon": 1, "m": 16} | options))
    resident, out = clock.cuda.to_device(batch), clock.cuda.device_array(batch.shape, np.uint8)
    rounds = []
    for n in range(1 if clock.simulated else WARM_UPS + ROUNDS):
        recorder.on = clock.simulated or n >= WARM_UPS
        busy()
        release = through(pixelizer(resident))
        for style in styles:
            busy()
            release.render(style, out=out)
        recorder.on = False
        rounds.append(recorder.collect())
    kept = rounds[-ROUNDS:]
    rows = [
        {"kernel": name, "launches": launches, "bytes": size,
         "ms": median(r[name][2] for r in kept), "min_ms": min(r[name][2] for r in kept)}
        for name, (launches, size, _) in kept[-1].items()
    ]  # fmt: skip
    rows.sort(key=lambda row: -row["ms"])
    draws = pixelizer.plan.draws
    return {"shape": list(batch.shape), "draws": draws, "bytes": batch.nbytes, "kernels": rows}


def _state_parts(clock: Clock) -> dict[str, float | str]:
    """Mosaics of 32 x 4K in ms, by the bytes of the denoiser's state that are worked on at once.

    Small parts stay in the L2 cache and take more launches: which of the two counts is measured.
    """
    from numbadp import Pixelizer
    from numbadp.postprocess import reconstruct_cuda

    picture, found, own = photo_of_size(2160, 3840), {}, reconstruct_cuda._STATE_BYTES
    resident = clock.cuda.to_device(np.stack([np.roll(picture, n, axis=1) for n in range(32)]))
    pixelizer = Pixelizer(resident.shape, epsilon=1, m=16)
    out = clock.cuda.device_array(resident.shape, np.uint8)
    for mebibytes in _STATE_MEBIBYTES:
        reconstruct_cuda._STATE_BYTES = mebibytes << 20
        try:
            times = clock.device_ms(lambda: pixelizer(resident).render(out=out), ROUNDS)
            found[f"{mebibytes} MiB"] = median(times)
        except Exception as error:
            found[f"{mebibytes} MiB"] = f"{type(error).__name__}: {error}"[:500]
        finally:
            reconstruct_cuda._STATE_BYTES = own
    return found


def _keep_busy(clock: Clock) -> Callable[[], None]:
    if clock.simulated:
        return lambda: None
    source, target = (clock.cuda.device_array(_BUSY_BYTES, np.uint8) for _ in "ab")

    def busy():
        for _ in range(_BUSY):
            target.copy_to_device(source)

    return busy


def _copy_rate(clock: Clock) -> float:
    """Bytes read and written a second by a copy on the device, in 10**9."""
    size = 1 << 12 if clock.simulated else _BUSY_BYTES
    source, target = (clock.cuda.device_array(size, np.uint8) for _ in "ab")
    times = clock.device_ms(lambda: target.copy_to_device(source), 10)
    return 2 * size / median(times) / 1e6
