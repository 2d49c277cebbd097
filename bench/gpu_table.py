"""The GPU's figures as tables, and the targets that they are held against."""

from bench.tables import markdown_table, number, verdict

_CASES = ("copy", "up", "down", "release", "kernels", "end to end", "cpu", "naive loop")


def render_gpu(section: dict) -> str:
    """Write the tables: pictures by size and frames, noise and crossover, targets."""
    from bench.gpu import crossover_side

    rows = section["rows"]
    columns = list(dict.fromkeys((r["size"], r["frames"]) for r in rows))
    names = dict.fromkeys((r["case"], r["style"]) for r in rows)
    order = sorted(names, key=lambda n: _CASES.index(n[0]) if n[0] in _CASES else len(_CASES))
    found = {(r["case"], r["style"], r["size"], r["frames"]): r for r in rows}
    lines = [
        [f"{case} {style}".strip()]
        + [number(found.get((case, style, *c), {}).get("median_ms")) for c in columns]
        for case, style in order
    ]
    header = ["ms a batch", *(f"{size} × {frames}" for size, frames in columns)]
    side = crossover_side(section["crossover"] or [])
    rate = f"{section['noise']['per_second']:.3g}" if section["noise"] else "–"
    wins = f"from {side} × {side} pixels on" if side else "at no measured size"
    device = ", ".join(f"{key} {value}" for key, value in section["device"].items())
    missed = "; ".join(f"{e['case']}: {e['error']}" for e in section.get("errors", ()))
    return "\n\n".join(
        [
            markdown_table(header, lines),
            f"Noise alone: {rate} exact samples a second. End to end "
            f"from host memory the GPU wins {wins}.",
            markdown_table(
                ["target", "measured", "wanted", "met"],
                [
                    [t["target"], number(t["measured"]), number(t["wanted"]), verdict(t["met"])]
                    for t in targets(section)
                ],
            ),
            f"Medians of {section['rounds']} rounds at ε = {section['epsilon']}, m = "
            f"{section['m']}. copy: device to device, the same bytes. kernels: resident batch, "
            f"release and painting, by events. Device: {device}."
            + (f" Not measured: {missed}." if missed else ""),
        ]
    )


def targets(section: dict) -> list[dict]:
    """What the GPU must reach, where the rows for it were measured."""
    found = {(r["case"], r["style"], r["size"], r["frames"]): r for r in section["rows"]}

    def ms(*name):
        return found[name]["median_ms"] if name in found else None

    many, one = ("4K", 64), ("4K", 1)
    rules = (
        ("cells, 64 × 4K: share of the copy rate", ms("copy", "", *many),
         ms("kernels", "cells", *many), 0.45),
        ("mosaic, 64 × 4K: share of the copy rate", ms("copy", "", *many),
         ms("kernels", "mosaic", *many), 0.10),
        ("cells, 64 × 4K: times faster than PyTorch", ms("PyTorch DP-Pix", "cells", *many),
         ms("kernels", "cells", *many), 5),
        ("cells, 4K: times faster than a loop over cells", ms("naive loop", "cells", *one),
         ms("kernels", "cells", *one), 1000),
    )  # fmt: skip
    judged = [_judge(name, a / b if a and b else None, wanted) for name, a, b, wanted in rules]
    single = ms("kernels", "cells", *one)
    judged.append(_judge("cells, 4K: 0.25 ms over ms", 0.25 / single if single else None, 1))
    judged.append(_judge("noise: 10^9 samples a second", _noise_rate(section), 5))
    return judged


def _noise_rate(section: dict) -> float | None:
    """10^9 samples a second, where they could be measured."""
    return section["noise"]["per_second"] / 1e9 if section["noise"] else None


def _judge(target: str, measured: float | None, wanted: float) -> dict:
    met = None if measured is None else measured >= wanted
    return {"target": target, "measured": measured, "wanted": wanted, "met": met}
