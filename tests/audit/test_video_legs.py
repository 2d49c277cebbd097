"""The auditor attacks exposures and windows of frames: films in, everything published out."""

import numpy as np

import numbadp
from numbadp.audit import Pair, audit_pair

SIDE, FRAMES, RUNS = 4, 3, 4000


def films(changed):
    """A black film, and one whose first frames are white."""
    first = np.zeros((FRAMES, SIDE, SIDE), np.uint8)
    second = first.copy()
    second[:changed] = 255
    return Pair(f"{changed} of {FRAMES} frames", first, second)


def exposed(images):
    """Each film as one exposure."""
    pixelizer = numbadp.Pixelizer((SIDE, SIDE), epsilon=1, m=16, cell=4, exposure=FRAMES)
    return np.array([pixelizer(image).values[0].ravel() for image in images], np.float64)


def window(images):
    """Each film's frames, released one by one."""
    pixelizer = numbadp.Pixelizer((len(images), SIDE, SIDE, 1), epsilon=1, m=16, cell=4)
    frames = [pixelizer(images[:, k, :, :, None]).values[0] for k in range(FRAMES)]
    return np.concatenate([values.reshape(len(images), -1) for values in frames], 1).astype(float)


def bound(mechanism, changed):
    found = audit_pair(mechanism, films(changed), claimed=float(changed), runs=RUNS)
    assert found.epsilon_low <= changed
    return found.epsilon_low


def test_an_exposure_gives_each_frame_epsilon():
    """One changed frame is told apart by no more than epsilon, and by nearly that."""
    assert bound(exposed, 1) > 0.6


def test_changes_in_several_frames_add_up():
    """The bound for one frame does not hold for three: of an exposure, or of a window."""
    assert bound(exposed, FRAMES) > 1.2
    assert bound(window, FRAMES) > 1.2
