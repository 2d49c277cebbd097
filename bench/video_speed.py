"""What numbadp adds to a video's way: its share of decode, release, filter, paint and encode."""

import resource
import time
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

import numbadp
from bench.video_quality import M, read_luma
from numbadp.compute.workers import threads
from numbadp.postprocess.steady_plane import SteadyPlane
from numbadp.video.behind import Behind
from numbadp.video.grids import Grids
from numbadp.video.writing import mosaic_frame

SIZE = (1080, 1920)
SHARES = {4080: 0.10, 1020: 0.25}  # of the whole way with x264 veryfast
FILTER_MS = {8: 1.0, 4: 4.0}  # a plane, one thread, by cell
SLOWER, STEADY_MEMORY = 1.25, 0.05


def big_film(clips: Path, folder: Path, frames: int) -> Path:
    """A clip enlarged to 1080p in colour, coded with H.264."""
    import av

    small = read_luma(next(clips.glob("vtest*")), 100, frames)
    path = folder / "big.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast"})
        stream.height, stream.width = SIZE
        stream.pix_fmt = "yuv420p"
        for luma in small:
            tinted = np.stack([luma, luma[::-1], 255 - luma], -1)
            frame = av.VideoFrame.from_ndarray(tinted, format="rgb24")
            container.mux(stream.encode(frame.reformat(SIZE[1], SIZE[0], "yuv420p")))
        container.mux(stream.encode(None))
    return path


class Way:
    """The way from file to file, stage by stage or as `numbadp pixelize` goes it."""

    def __init__(self, path: Path, preset: str):
        self.path, self.preset = path, preset

    def run(self, private, painted) -> dict[str, float]:
        """Median ms a frame of decode, private and encode, one after the other."""
        stages: dict[str, list[float]] = {"decode": [], "private": [], "encode": []}
        with self._opened() as (frames, encode):
            began = time.perf_counter()
            while True:
                a = time.perf_counter()
                pixels = next(frames, None)
                if pixels is None:
                    break
                b = time.perf_counter()
                shown = private(pixels)
                shown = shown if shown is pixels else painted(shown)
                c = time.perf_counter()
                encode(painted(shown) if shown is pixels else shown)
                d = time.perf_counter()
                for name, took in zip(stages, (b - a, c - b, d - c), strict=True):
                    stages[name].append(1e3 * took)
        whole = 1e3 * (time.perf_counter() - began) / len(stages["decode"])
        return {name: median(values[5:]) for name, values in stages.items()} | {"whole": whole}

    def beside(self, private, painted) -> float:
        """Ms a frame where one frame is painted and coded while the next is measured."""
        coding, count = Behind(), 0
        with self._opened() as (frames, encode):
            began = time.perf_counter()
            try:
                for pixels in frames:
                    coding.do(lambda shown: encode(painted(shown)), private(pixels))
                    count += 1
                coding.settle()
            finally:
                coding.close()
        return 1e3 * (time.perf_counter() - began) / count

    @contextmanager
    def _opened(self):
        """Pixels of the frames, and what codes a frame; at the end what the codec still holds."""
        import av

        with av.open(str(self.path)) as source, TemporaryDirectory() as folder:
            source.streams.video[0].thread_type = "AUTO"
            with av.open(f"{folder}/out.mp4", "w") as target:
                stream = target.add_stream("libx264", rate=25, options={"preset": self.preset})
                stream.height, stream.width = SIZE
                stream.pix_fmt = "yuv420p"

                def encode(frame) -> None:
                    frame.pts = None
                    target.mux(stream.encode(frame))

                frames = source.decode(video=0)
                yield (frame.to_ndarray(format="rgb24") for frame in frames), encode
                target.mux(stream.encode(None))


def private_way(r: int):
    """Pixels to leaves, and leaves to a frame for the codec: release, filter, paint its planes."""
    grids = Grids((*SIZE, 3), epsilon=Fraction(255 * M, r), m=M)
    steady = numbadp.TemporalFilter()

    def private(pixels):
        tree = steady.steady(grids.current(pixels)).quadtree()
        grids.look(steady)
        return tree

    return private, lambda tree: mosaic_frame(tree, SIZE[1], SIZE[0], 1)


def plain_way():
    """Pixels to a frame for the codec."""
    import av

    def painted(pixels):
        return av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")

    return (lambda pixels: pixels), painted


def measure_shares(path: Path, turns: int = 3) -> list[dict]:
    """Shares with veryfast, and both presets beside against the same way without numbadp."""
    found = []
    for r, bound in SHARES.items():
        way = Way(path, "veryfast")
        stages = way.run(*private_way(r))
        share = stages["private"] / (stages["decode"] + stages["private"] + stages["encode"])
        found.append({"r": r, "share": share, "bound": bound, **stages, **_work_of(way, r),
                      **_slower(way, r, turns)})  # fmt: skip
    way = Way(path, "ultrafast")
    found.append({"r": 4080, "preset": "ultrafast", **way.run(*private_way(4080)),
                  **_work_of(way, 4080), **_slower(way, 4080, turns)})  # fmt: skip
    return found


def _work_of(way: Way, r: int) -> dict:
    """Ms of processor time a frame that numbadp takes on one thread, and their share of all.

    Where a codec has the cores, a stage by the clock is as long as what it leaves them for.
    """
    private, painted = private_way(r)
    own: list[float] = []

    def timed(pixels):
        began = time.thread_time()
        frame = painted(private(pixels))
        own.append(1e3 * (time.thread_time() - began))
        return frame

    with threads(1):
        began = time.process_time()
        way.run(timed, lambda frame: frame)
        every = 1e3 * (time.process_time() - began) / len(own)
    return {"work": median(own[5:]), "of work": median(own[5:]) / every}


def _slower(way: Way, r: int, turns: int) -> dict:
    """Ms a frame beside, with and without numbadp by turns, and the median of their ratios."""
    pairs = [(way.beside(*private_way(r)), way.beside(*plain_way())) for _ in range(turns)]
    beside, without = (median(pair[k] for pair in pairs) for k in (0, 1))
    slower = median(a / b for a, b in pairs)
    return {"beside": beside, "without": without, "slower": slower}


def measure_filter(rounds: int = 25) -> list[dict]:
    """The filter alone, one plane of 1080p, one thread."""
    found = []
    for cell, bound in FILTER_MS.items():
        r = 64 * cell * cell - 1
        pixelizer = numbadp.Pixelizer(SIZE, epsilon=Fraction(255 * M, r), m=M, cell=cell)
        noise = np.random.default_rng(1).integers(0, 255, SIZE, np.uint8)
        sums = [pixelizer(noise).values[0].reshape(-1) for _ in range(4)]
        plane = SteadyPlane(pixelizer.plan, pixelizer.plan.planes[0])
        plane.start(sums[0])
        plane.denoised()
        steps, drawn = [], []
        for k in range(rounds):
            a = time.perf_counter()
            plane.lead(sums[k % 4])
            b = time.perf_counter()
            plane.denoised()
            steps.append(1e3 * (b - a))
            drawn.append(1e3 * (time.perf_counter() - b))
        found.append({"cell": cell, "filter": median(steps), "least": min(steps),
                      "denoise": median(drawn), "bound": bound})  # fmt: skip
    return found


def measure_memory(frames: int) -> dict:
    """Resident set after a tenth of the frames and after all of them, in MiB."""
    shape, found = (96, 128, 3), []
    private = Grids(shape, epsilon=1, m=M)
    steady, pixels = numbadp.TemporalFilter(), np.zeros(shape, np.uint8)
    for k in range(frames):
        steady.steady(private.current(pixels)).render()
        private.look(steady)
        if k in (frames // 10, frames - 1):
            found.append(_resident())
    return {"frames": frames, "early": found[0], "late": found[-1]}


def _resident() -> float:
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
