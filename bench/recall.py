"""Recall of face detectors on labelled photos, beside false alarms and time.

A box counts as a face if half of their joint area is shared; boxes on what the labels call small,
from behind or doubtful count neither way.  One box a face: a second is a false alarm.
"""

import json
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bench.detectors import known_detectors
from bench.tables import markdown_table, number, verdict
from numbadp.detect.found import Found

LABELS = "faces_in_scenes.json"
FOLDER = "scenes"
OVERLAP = 0.5
_DOUBTFUL = 0.1  # overlap with a label that does not count
_THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
_SHOWN = (0.5, 0.3, 0.2)  # thresholds of ours that get rows
MOST_ALARMS, LEAST_FOUND = 3, 138


def measure_recall(folder: str) -> dict:
    """Run every detector on every photo.

    Parameters
    ----------
    folder : str
        Has the labels and a folder of photos.

    Returns
    -------
    dict
        Section for `render_recall`.
    """
    root = Path(folder)
    labels = json.loads((root / LABELS).read_text("utf-8"))
    photos = {name: np.asarray(Image.open(root / FOLDER / name).convert("RGB")) for name in labels}
    rows = []
    for name, detector in known_detectors().items():
        found, seconds = {}, []
        for photo, pixels in photos.items():
            start = time.process_time()
            found[photo] = detector(pixels)
            seconds.append(time.process_time() - start)
        counts = {threshold: count(labels, found, threshold) for threshold in _THRESHOLDS}
        rows.append({"name": name, "seconds": float(np.mean(seconds)), "counts": counts})
    faces = sum(len(own["faces"]) for own in labels.values())
    megapixels = float(np.mean([pixels.size / 3e6 for pixels in photos.values()]))
    return {"faces": faces, "photos": len(photos), "megapixels": megapixels, "rows": rows}


def count(labels: dict, found: dict[str, Found], threshold: float) -> tuple[int, int]:
    """Faces found and false alarms of all photos at a threshold."""
    hits = alarms = 0
    for photo, own in labels.items():
        boxes = found[photo].boxes[found[photo].scores >= threshold]
        matched = _matched(boxes, np.array(own["faces"], float).reshape(-1, 4))
        doubtful = _overlap(boxes, np.array(own["small"], float).reshape(-1, 4))
        excused = (doubtful >= _DOUBTFUL).any(axis=1)
        hits += int(matched.sum())
        alarms += int((~matched & ~excused).sum())
    return hits, alarms


def _matched(boxes: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Which boxes take a face each, the closest pairs first."""
    overlap, taken = _overlap(boxes, faces), np.zeros(len(boxes), bool)
    while overlap.size and overlap.max() >= OVERLAP:
        box, face = np.unravel_index(overlap.argmax(), overlap.shape)
        taken[box] = True
        overlap[box], overlap[:, face] = 0, 0
    return taken


def _overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Shared area over joint area."""
    corner = np.maximum(boxes[:, None, :2], others[None, :, :2])
    sides = np.minimum(boxes[:, None, 2:], others[None, :, 2:]) - corner
    shared = sides.clip(min=0).prod(axis=2)
    areas = [(some[:, 2:] - some[:, :2]).prod(axis=1) for some in (boxes, others)]
    return shared / (areas[0][:, None] + areas[1][None] - shared)


def is_met(section: dict) -> bool:
    """Whether ours finds enough with few enough false alarms, as it comes."""
    hits, alarms = section["rows"][0]["counts"][_SHOWN[0]]
    return hits >= LEAST_FOUND and alarms <= MOST_ALARMS


def render_recall(section: dict) -> str:
    """Markdown table, and one line on the bound."""
    header = ["detector", "threshold", "found", "false alarms", "CPU s a photo"]
    table = []
    for row in section["rows"]:
        first = row is section["rows"][0]
        for threshold in _SHOWN if first else (_at_few_alarms(row["counts"]),):
            hits, alarms = row["counts"][threshold]
            cells = [row["name"], number(threshold, 2), str(hits), str(alarms)]
            table.append([*cells, number(row["seconds"])])
    return (
        f"{markdown_table(header, table)}\n\n{section['faces']} labelled faces of 24 pixels and "
        f"more in {section['photos']} photos of {section['megapixels']:.1f} megapixels on average. "
        "The first detector at its default threshold and at lower ones; the others where they find "
        f"most with at most {MOST_ALARMS} false alarms. False alarms are boxes where the labels "
        f"have none. At least {LEAST_FOUND} found with at most {MOST_ALARMS} by default: "
        f"{verdict(is_met(section))}."
    )


def _at_few_alarms(counts: dict) -> float:
    allowed = [t for t, (_, alarms) in counts.items() if alarms <= MOST_ALARMS]
    return max(allowed or [max(counts)], key=lambda t: (counts[t][0], -counts[t][1]))
