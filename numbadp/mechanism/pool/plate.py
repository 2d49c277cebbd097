"""A camera's background by noisy votes: exact histograms of every cell over time.

Statement.  For neighbours that differ by one event, which is visible in at most F frames and, in
  each of them, inside a box of w x h pixels (anywhere), the votes change by at most
  `votes_change` of plan/changes.py.  The number of frames is public.
Proof sketch.
  (1) A box of w pixels touches at most ceil((w - 1) / cell) + 1 cells of a row, and no more than
      there are; so a frame's event touches k cells, channels included.
  (2) Each cell and channel has one vote a frame, so the event moves k votes a frame from one bin to
      another: L1 <= 2 F k; a frame moves sqrt(2 k) in L2, so F frames at most F sqrt(2 k) by the
      triangle inequality; one bin gains or loses at most F.  All are attained by an event that
      stands still.
  (3) A vote is floor((sum + t' pixels) / (pixels * step)) for the exact sum of the cell, with
      t' = t modulo the width `step` of a bin and t the frame's number: any function of the cell
      and of public numbers would do.  Over `step` frames of one value the mean vote times `step` is
      that value exactly (Hermite's identity), so bins do not round a still background.
The bound on events is a policy: nothing here can check it, and the guarantee says so.
Assumes.  What is to be hidden keeps to the policy; frames come in a public order.
Tested by tests/mechanism/pool/test_plate.py
"""

from dataclasses import replace

import numpy as np

from numbadp.accounting.pooled import POLICY
from numbadp.checks import power_of_two, shown, whole_number
from numbadp.compute.forgetting import Scratch
from numbadp.errors import OptionTypeError, ShapeError
from numbadp.mechanism.draining import traceless
from numbadp.mechanism.pool.images import MOST_CELL, checked_pictures, checked_shape, kernel_view
from numbadp.mechanism.pool.planning import budget_of, guarantee_for, plan_stages
from numbadp.mechanism.pool.pool import Pool
from numbadp.plan.pooled import PLATE, PoolPlan

_MOST_BINS = 256
_MOST_FRAMES = 2**31
_MOST_NUMBERS = 2**28


class PlatePool(Pool):
    """Votes of every frame; made by `Pool.plate`."""

    def __init__(self, shape, cell, event, bins, epsilon, delta, ledger):
        shape = checked_shape(shape)
        cell = power_of_two("cell", cell, MOST_CELL)
        bins = power_of_two("bins", bins, _MOST_BINS)
        event = _checked_event(event)
        budget = budget_of(epsilon, delta)
        plan = PoolPlan(PLATE, shape, cell, (), bins=bins, event=event, most=event[0])
        if plan.parts[0].size > _MOST_NUMBERS:
            raise ShapeError(
                f"a plate keeps at most 2**28 votes; {shape} with cells of {cell} and {bins} bins "
                "has more. Pass larger cells or fewer bins."
            )
        plan = replace(plan, stages=plan_stages(plan.parts, budget))
        promise = guarantee_for(plan.stages, budget, plan.units[0], event[0], POLICY)
        super().__init__(plan, promise, ledger)
        self._votes = np.zeros(plan.value_shapes[0], np.int64)
        self._seen = 0

    def add(self, frames) -> None:
        """Let frames vote; they are not kept.

        Parameters
        ----------
        frames : array_like of uint8
            [n, H, W] or [n, H, W, C], or one frame, in order.

        Raises
        ------
        ArrayTypeError, ShapeError
            If they are of another kind or shape; nothing is added then.
        PoolError
            If the pool was released.
        """
        from numbadp.mechanism.kernels.pool_cpu import add_votes

        plan = self._plan
        pictures = checked_pictures(frames, plan.shape)
        own, count = Scratch(), len(pictures)
        with self._alone(), own, own:
            view = kernel_view(pictures, (count, *plan.shape[:2], plan.channels), own)
            traceless(add_votes)(view, plan.cell, plan.bins, self._seen, self._votes)  # step 3
            self._seen += count

    @property
    def _frames(self) -> int:
        return self._seen

    def _exact(self, own):
        votes = own.zeros(self._votes.shape, np.int64)
        votes[:] = self._votes
        return (votes,)

    def _forget(self) -> None:
        self._votes.fill(0)


def _checked_event(event) -> tuple[int, int, int]:
    advice = "Pass (frames, width, height) of what is to be hidden."
    try:
        parts = tuple(event)
    except TypeError:
        parts = ()
    if len(parts) != 3:
        raise OptionTypeError(f"event has three parts; got {shown(event)}. {advice}")
    names = ("frames of an event", "width of an event", "height of an event")
    frames, width, height = (
        whole_number(name, part, _MOST_FRAMES, advice)
        for name, part in zip(names, parts, strict=True)
    )
    return frames, width, height
