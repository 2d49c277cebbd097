"""What numbadp adds to a video's way: its share of decode, release, filter, paint and encode."""

import resource
import time
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

import numbadp
from bench.video_quality import M, read_luma
from numbadp.postprocess.steady_plane import SteadyPlane
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
    """One run from file to file, stage by stage."""

    def __init__(self, path: Path, preset: str):
        self.path, self.preset = path, preset

    def run(self, private) -> dict[str, float]:
        """Median ms a frame of decode, private, encode; `private` gives a picture or a frame."""
        import av

        stages: dict[str, list[float]] = {"decode": [], "private": [], "encode": []}
        began = time.perf_counter()
        with av.open(str(self.path)) as source, TemporaryDirectory() as folder:
            source.streams.video[0].thread_type = "AUTO"
            with av.open(f"{folder}/out.mp4", "w") as target:
                stream = target.add_stream("libx264", rate=25, options={"preset": self.preset})
                stream.height, stream.width = SIZE
                stream.pix_fmt = "yuv420p"
                frames = source.decode(video=0)
                while True:
                    a = time.perf_counter()
                    frame = next(frames, None)
                    if frame is None:
                        break
                    pixels = frame.to_ndarray(format="rgb24")
                    b = time.perf_counter()
                    shown = private(pixels)
                    c = time.perf_counter()
                    if isinstance(shown, np.ndarray):
                        made = av.VideoFrame.from_ndarray(shown, format="rgb24")
                        shown = made.reformat(format="yuv420p")
                    shown.pts = None
                    target.mux(stream.encode(shown))
                    d = time.perf_counter()
                    for name, took in zip(stages, (b - a, c - b, d - c), strict=True):
                        stages[name].append(1e3 * took)
                target.mux(stream.encode(None))
        whole = 1e3 * (time.perf_counter() - began) / len(stages["decode"])
        return {name: median(values[5:]) for name, values in stages.items()} | {"whole": whole}


def private_way(r: int):
    """Pixels to a frame for the codec, as the command line: release, filter, paint its planes."""
    grids = Grids((*SIZE, 3), epsilon=Fraction(255 * M, r), m=M)
    steady = numbadp.TemporalFilter()

    def private(pixels):
        tree = steady.steady(grids.current(pixels)).quadtree()
        grids.look(steady)
        return mosaic_frame(tree, SIZE[1], SIZE[0], 1)

    return private


def measure_shares(path: Path) -> list[dict]:
    """Shares with veryfast, and the whole way with ultrafast against the way without numbadp."""
    found = []
    for r, bound in SHARES.items():
        stages = Way(path, "veryfast").run(private_way(r))
        share = stages["private"] / (stages["decode"] + stages["private"] + stages["encode"])
        found.append({"r": r, "share": share, "bound": bound, **stages})
    without = Way(path, "ultrafast").run(lambda pixels: pixels)
    with_it = Way(path, "ultrafast").run(private_way(4080))
    found.append({"r": 4080, "preset": "ultrafast", "without": without["whole"], **with_it,
                  "slower": with_it["whole"] / without["whole"]})  # fmt: skip
    return found


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
