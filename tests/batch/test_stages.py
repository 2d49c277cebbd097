"""What a try takes: seconds by stage, and bytes, whatever the noise is."""

import io

import numpy as np
import pytest

import numbadp
from numbadp.batch.stages import STAGES, Clock, room_of
from numbadp.storage.record import MOST_BYTES

NOISIEST = [
    ((300, 400), {"cell": 1}),
    ((37, 53, 3), {"cell": 1, "planes": "rgb"}),
    ((300, 200, 3), {}),
    ((300, 200, 3), {"layout": "private"}),
    ((90, 70, 3), {"boxes": [(3, 3, 60, 50)]}),
    ((90, 70), {"layout": "private", "boxes": [(3, 3, 60, 50)]}),
    ((1, 1), {"layout": "uniform"}),
]


@pytest.mark.parametrize(("shape", "options"), NOISIEST)
@pytest.mark.parametrize("epsilon", ["1/1000000", "1000"])
def test_room_is_enough_whatever_the_noise_is(shape, options, epsilon):
    """The largest files there are: noise that does not pack, and a background that does not."""
    picture = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    release = numbadp.pixelize(picture, epsilon=epsilon, **options)
    stream = io.BytesIO()
    release.save(stream)
    assert len(stream.getvalue()) <= room_of(release.plan) < 40 * picture.size + 2 * MOST_BYTES + 9


def test_a_clock_adds_up_and_counts_what_failed():
    """By stage."""
    clock = Clock()
    for _ in range(2):
        with pytest.raises(KeyError), clock("decode"):
            raise KeyError
    first = clock.seconds["decode"]
    with clock("decode"), clock("publish"):
        pass
    assert list(clock.seconds) == ["decode", "publish"] and clock.seconds["decode"] > first > 0
    assert set(clock.seconds) <= set(STAGES)
