"""Writing videos: codecs by name, and nothing left of what failed."""

import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import numbadp
from numbadp.video.options import VideoOptions
from numbadp.video.writing import Writer, codec_for

from .films import TICK, read_film

PLAIN = (2, 2, 2, 0)


def test_codecs():
    assert codec_for("a.mp4", None) == "libx264"
    assert codec_for("a.webm", None) == "libvpx-vp9"
    assert codec_for("a.mkv", "ffv1") == "ffv1"
    with pytest.raises(numbadp.VideoError, match="codec must be one of libx264"):
        codec_for("a.mkv", "libopenh264")


def write(target, shape, codec="ffv1", **options):
    chosen = VideoOptions(epsilon=1, codec=codec, **options)
    generator = np.random.default_rng(1)
    frames = [generator.integers(0, 255, shape, np.uint8) for _ in range(3)]
    with Writer(target, shape, TICK, Fraction(25), PLAIN, chosen) as writer:
        for k, frame in enumerate(frames):
            writer.write(frame, 40 * k, 40)
        writer.finish()
    return frames


def test_grey_frames_are_kept_to_the_bit(tmp_path):
    frames = write(tmp_path / "a.mkv", (48, 64))
    for (_, found), frame in zip(read_film(tmp_path / "a.mkv", "yuv420p"), frames, strict=True):
        np.testing.assert_array_equal(found[:48], frame)
        assert (found[48:] == 128).all()


def test_odd_sizes_are_padded_by_one_row_and_column(tmp_path):
    frames = write(tmp_path / "a.mkv", (47, 63))
    _, found = read_film(tmp_path / "a.mkv", "yuv420p")[1]
    np.testing.assert_array_equal(found[:47, :63], frames[1])
    np.testing.assert_array_equal(found[47, :63], frames[1][-1])
    np.testing.assert_array_equal(found[:47, 63], frames[1][:, -1])
    write(tmp_path / "b.mkv", (47, 63, 3), "libx264")
    assert read_film(tmp_path / "b.mkv")[0][1].shape == (48, 64, 3)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mjpeg", "libx265", "libsvtav1"])
def test_codecs_of_the_wheel_write(tmp_path, codec):
    write(tmp_path / "a.mkv", (64, 64, 3), codec)
    assert len(read_film(tmp_path / "a.mkv")) == 3


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are not listed here")
def test_a_codec_makes_no_thread_a_real_time_one(tmp_path):
    """libsvtav1 does so where root runs it, and children inherit it: anything else then waits."""

    real_time = {os.SCHED_FIFO, os.SCHED_RR}
    chosen = VideoOptions(epsilon=1, codec="libsvtav1")
    with Writer(tmp_path / "a.mkv", (64, 64), TICK, Fraction(25), PLAIN, chosen) as writer:
        writer.write(np.zeros((64, 64), np.uint8), 0, 40)
        threads = map(int, os.listdir("/proc/self/task"))
        assert not real_time & {os.sched_getscheduler(thread) for thread in threads}
        writer.finish()


def test_what_fails_leaves_nothing(tmp_path):
    chosen = VideoOptions(epsilon=1, codec="ffv1")
    with (
        pytest.raises(KeyboardInterrupt),
        Writer(tmp_path / "a.mkv", (48, 64), TICK, Fraction(25), PLAIN, chosen) as writer,
    ):
        writer.write(np.zeros((48, 64), np.uint8), 0, 40)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    chosen = VideoOptions(epsilon=1, codec="libx264", format="wav")
    with pytest.raises(numbadp.VideoError):
        Writer(tmp_path / "a.wav", (48, 64), TICK, Fraction(25), PLAIN, chosen)
    assert list(tmp_path.iterdir()) == []
