"""Reading files back as releases: the kind of payload decides what one gets."""

import io

import numpy as np
import pytest

import numbadp
from numbadp.release import Release
from numbadp.release.loading import load
from numbadp.release.mosaic import MosaicRelease


@pytest.mark.parametrize(("payload", "kind"), [("release", Release), ("mosaic", MosaicRelease)])
def test_what_was_kept_comes_back(payload, kind):
    """A release with its sums, or the mosaic alone; the same plan, promise and picture."""
    picture = np.arange(40 * 56, dtype=np.uint8).reshape(40, 56)
    release = numbadp.pixelize(picture, epsilon=1, m=1)
    file = io.BytesIO()
    release.save(file, payload=payload)
    file.seek(0)
    found = load(file)
    assert type(found) is kind
    assert (found.plan, found.guarantee) == (release.plan, release.guarantee)
    np.testing.assert_array_equal(found.render(), release.render())
