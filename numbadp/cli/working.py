"""What a worker of a job does: release each input once, paint what the store holds, report.

Nothing that is wrong with one input ends the chunk that it is in; all of it is public.
"""

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from numbadp.batch import Pixelize
from numbadp.batch.inputs import kind_of
from numbadp.batch.manifest import FAILED, KEPT, RELEASED
from numbadp.cli.boxes.entry import Entry
from numbadp.cli.places import check_target, status_of, write_whole
from numbadp.cli.regions import boxes_in
from numbadp.cli.saving import RELEASE, encode_picture, encode_release
from numbadp.errors import NotPrivateWarning, NumbadpError, PictureError, VideoError
from numbadp.release.clips import Clip


@dataclass(frozen=True)
class Task:
    """One input of a job.

    Attributes
    ----------
    id : str
        Its id in the store.
    source : str
        The picture or the video.
    target : str or None
        What is painted; None if releases are all that is wanted.
    boxes : Entry or None
        Boxes of its own.
    """

    id: str
    source: str
    target: str | None = None
    boxes: Entry | None = None


class OwnBoxes:
    """Finds the boxes that a file has for one picture; `name` puts them into its terms.

    Parameters
    ----------
    entry : Entry
        Of the boxes file.
    """

    def __init__(self, entry: Entry):
        self._entry = entry
        self.name = f"{entry.boxes} {'shares' if entry.relative else 'pixels'}"
        self.found: list[list[int]] | None = None

    def __call__(self, array) -> list[tuple[int, int, int, int]]:
        """Boxes in the pixels of a picture of this shape; nobody looks at it."""
        boxes = boxes_in(self._entry, array.shape)
        self.found = [list(map(int, box)) for box in boxes]
        return boxes


@dataclass(frozen=True)
class Work:
    """Does chunks of tasks; picklable.

    Attributes
    ----------
    pixelize : Pixelize
        What is released, and where to.
    style : str
        How it is painted.
    payload : str or None
        What release files keep, if those are what is written.
    force : bool
        Whether existing pictures are painted anew.
    effort : str
        Work that goes into painting.
    side : int or None
        Of a square, with style ``"blocks"``.
    quality : int or None
        Of formats that lose something.
    """

    pixelize: Pixelize
    style: str
    payload: str | None
    force: bool
    effort: str = "default"
    side: int | None = None
    quality: int | None = None

    def __call__(self, chunk: list[Task]) -> list[dict]:
        """Do a chunk; one record a task."""
        if self.pixelize.options["layout"] == "exact":  # the closing line says it
            warnings.filterwarnings("ignore", category=NotPrivateWarning)
        return [self._record(task) for task in chunk]

    def _record(self, task: Task) -> dict:
        start, stages = perf_counter(), dict[str, float]()
        try:
            told = self._do(task, stages)
        except (NumbadpError, MemoryError) as error:
            told = failed(task, str(error) or "not enough memory")
        return {
            "id": task.id, "in": task.source, "out": None, "epsilon": str(self.pixelize.epsilon),
            **told, "seconds": round(perf_counter() - start, 4),
            "stages": {name: round(value, 4) for name, value in stages.items()},
        }  # fmt: skip

    def _do(self, task: Task, stages: dict) -> dict:
        target = None if task.target is None else Path(task.target)
        # Known at once, before anything is paid for.
        there = target is not None and os.path.lexists(target)
        own = None if task.boxes is None else OwnBoxes(task.boxes)
        if kind_of(task.source) == "video" and target is not None:
            from numbadp.batch.films import check_drawing_of_film

            check_drawing_of_film(self.style, self.effort)
        if target is not None and not (there and not self.force and self._has(task.id)):
            check_target(target, self.force)
        outcome = self.pixelize.do(task.source, task.id, own)
        stages |= outcome.seconds
        if target is not None and (self.force or not there):
            start = perf_counter()
            self._write(task, target)
            stages["paint"] = perf_counter() - start
        told: dict[str, object] = {
            "status": RELEASED if outcome.fresh else KEPT, "out": task.target or outcome.path
        }  # fmt: skip
        if own is not None and own.found is not None:
            told["boxes"] = own.found
        if outcome.frames:
            told["frames"] = outcome.frames
        return {**told, "notes": list(outcome.notes)} if outcome.notes else told

    def _has(self, identity: str) -> bool:
        return self.pixelize.store.find(identity) is not None

    def _write(self, task: Task, target: Path) -> None:
        release = self.pixelize.store.get(task.id)
        try:
            if isinstance(release, Clip):
                self._write_film(release, target)
            else:
                content = self._encoded(release, target)
                source = status_of(Path(task.source))
                write_whole(target, lambda stream: stream.write(content), self.force, source)
        except (PictureError, VideoError):
            if self.force or not os.path.lexists(target):
                raise
            # Another worker did the same task meanwhile, from the same release.

    def _write_film(self, clip: Clip, target: Path) -> None:
        from numbadp.video import render_video

        render_video(clip, target, style=self.style, force=self.force)

    def _encoded(self, release, target: Path) -> bytes:
        if target.suffix.lower() == RELEASE:
            return encode_release(release, self.payload or "release")
        image = release.to_pil(self.style, effort=self.effort, side=self.side)
        return encode_picture(image, target, self.quality)


def failed(task: Task, reason: str) -> dict:
    """Write down that a task failed.

    Parameters
    ----------
    task : Task
        The task.
    reason : str
        Why.

    Returns
    -------
    dict
        A line of the manifest.
    """
    return {"id": task.id, "in": task.source, "status": FAILED, "error": reason}
