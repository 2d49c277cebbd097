"""What a try at one input takes: seconds by stage, and bytes that are set aside beforehand."""

from contextlib import contextmanager
from time import perf_counter

from numbadp.plan import Plan

# "frames": a video's, decoded and measured in turns.
STAGES = ("decode", "detect", "release", "frames", "encode", "publish")
_VALUE = 8  # bytes of a noisy sum in a file, at most: a plane that does not pack is stored as it is
_HEADERS = 1 << 17


class Clock:
    """Adds up what stages take.

    Attributes
    ----------
    seconds : dict of str to float
        By the name of the stage.
    """

    def __init__(self):
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str):
        """Time a block as part of a stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - start


def room_of(plan: Plan) -> int:
    """Most bytes that a release file can have under a plan, whatever the noise is.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    int
        Bytes.
    """
    cells = plan.planes[0].grid[0] * plan.planes[0].grid[1]
    room = _VALUE * plan.draws + plan.batch * cells + _HEADERS
    if plan.region is not None:
        room += (plan.batch * plan.channels + 1) * plan.height * plan.width
    return room
