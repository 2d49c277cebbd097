"""``python -m bench video``: closeness, steadiness, speed and memory of private video."""

from pathlib import Path
from tempfile import TemporaryDirectory

from bench.tables import markdown_table
from bench.video_quality import measure_quality, missed
from bench.video_speed import (
    SLOWER,
    STEADY_MEMORY,
    big_film,
    measure_filter,
    measure_memory,
    measure_shares,
)

CLIPS = Path(__file__).parents[2] / "shared" / "data" / "video"
FRAMES = 100


def measure_video(clips: Path, frames: int = FRAMES, memory: int = 3000) -> dict:
    """Measure everything; needs the two clips of OpenCV's samples and Intel's, in a folder."""
    if not any(clips.glob("vtest*")) or not any(clips.glob("intel*")):
        return {"errors": [f"no clips vtest* and intel* in {clips.name}; pass --clips FOLDER"]}
    section = {"filter": measure_filter(), "quality": measure_quality(clips, frames)}
    with TemporaryDirectory() as folder:
        section["shares"] = measure_shares(big_film(clips, Path(folder), 45))
    section["memory"] = measure_memory(memory)
    section["missed"] = missed(section["quality"]) + _missed_speed(section)
    return section


def _missed_speed(section: dict) -> list[str]:
    found = [
        f"filter with cells of {row['cell']}: {row['least']:.2f} ms is above {row['bound']} ms"
        for row in section["filter"]
        if row["least"] > row["bound"]
    ]
    for row in section["shares"]:
        if "share" in row and row["share"] > row["bound"]:
            found.append(f"share at r = {row['r']}: {row['share']:.1%} is above {row['bound']:.0%}")
        if "preset" in row and row["slower"] > SLOWER:
            found.append(f"whole way with ultrafast: {row['slower']:.2f} is above {SLOWER}")
    memory = section["memory"]
    if memory["late"] > (1 + STEADY_MEMORY) * memory["early"]:
        found.append(f"memory grew from {memory['early']:.0f} to {memory['late']:.0f} MiB")
    return found


def render_video(section: dict) -> str:
    """Tables in Markdown."""
    if section.get("errors"):
        return "\n".join(section["errors"])
    extra = ("camera", "cut", "light", "exposure 2")
    quality = [
        [row["clip"], str(row["r"]), f"{row['independent']:.0f}"]
        + [f"{row[key]:.3f}" for key in ("all", "static", "moving", "flicker")]
        + [f"{row[key]:.3f}" if key in row else "" for key in extra]
        for row in section["quality"]
    ]
    filters = [
        [str(row["cell"]), *(f"{row[key]:.2f}" for key in ("filter", "least", "denoise", "bound"))]
        for row in section["filter"]
    ]
    shares = [
        [str(row["r"]), row.get("preset", "veryfast"),
         *(f"{row[key]:.1f}" for key in ("decode", "private", "encode", "whole")),
         f"{row['share']:.1%}" if "share" in row else "",
         f"{row['work']:.1f}", f"{row['of work']:.1%}",
         *(f"{row[key]:.1f}" for key in ("beside", "without")), f"{row['slower']:.2f} x"]
        for row in section["shares"]
    ]  # fmt: skip
    ways = ["r", "x264", "decode", "private", "encode", "whole", "share", "work", "of work",
            "beside", "without", "slower"]  # fmt: skip
    memory = section["memory"]
    return "\n\n".join(
        [
            "Filtered over independent frames (ratio of mean squared errors; flicker likewise):",
            markdown_table(
                ["clip", "r", "independent", "all", "static", "moving", "flicker", *extra], quality
            ),  # fmt: skip
            "The filter alone, ms a plane of 1080p, one thread:",
            markdown_table(["cell", "median", "least", "denoise", "bound"], filters),
            "1080p in colour, ms a frame: stage after stage, with numbadp's share of them; its "
            "processor time on one thread (work), and the share of all; then with a frame measured "
            "beside the one that is coded, as `numbadp pixelize` does, and without numbadp:",
            markdown_table(ways, shares),
            f"Resident set after {memory['frames'] // 10} frames {memory['early']:.1f} MiB, after "
            f"{memory['frames']} {memory['late']:.1f} MiB.",
            "Bounds missed: " + ("; ".join(section["missed"]) or "none") + ".",
        ]
    )
