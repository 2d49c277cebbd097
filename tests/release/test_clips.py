"""Clips of releases: appended, read by number, read while they grow, never trusted."""

import io
from fractions import Fraction

import numpy as np
import pytest

import numbadp
from numbadp.release.clips import BEFORE, Clip, ClipWriter, first_release, is_clip
from numbadp.storage.record import read_record

TICK = Fraction(1, 90_000)


def release(level, epsilon=1, **options):
    return numbadp.pixelize(np.full((24, 32), level, np.uint8), epsilon=epsilon, **options)


def make(path, count=4):
    kept = [release(40 * k) for k in range(count)]
    with ClipWriter(path, TICK) as writer:
        for k, one in enumerate(kept):
            writer.append(one, 3600 * k - 100, 3600)
    return kept


def test_frames_come_back_by_number(tmp_path):
    kept = make(tmp_path / "a.dpz")
    assert is_clip(tmp_path / "a.dpz")
    with Clip(tmp_path / "a.dpz") as clip:
        assert (len(clip), clip.tick) == (4, TICK)
        for k in (3, 0, 2):  # any order
            frame = clip[k]
            assert (frame.time, frame.lasts) == (3600 * k - 100, 3600)
            assert frame.release.guarantee == kept[k].guarantee
            np.testing.assert_array_equal(frame.release.values[0], kept[k].values[0])
        assert len(list(clip)) == 4


def test_a_clip_is_read_while_it_grows_and_continued(tmp_path):
    path = tmp_path / "a.dpz"
    writer = ClipWriter(path, TICK)
    with Clip(path) as clip:
        assert len(clip) == 0
        writer.append(release(1), 0)
        assert clip.refresh() == 1
        writer.close()
        with ClipWriter(path, TICK) as more:
            more.append(release(2), 1)
        assert clip.refresh() == 2
    with pytest.raises(numbadp.VideoError, match="its ticks are"):
        ClipWriter(path, Fraction(1, 25))


def test_a_torn_end_is_not_there_and_is_overwritten(tmp_path):
    path = tmp_path / "a.dpz"
    make(path, 3)
    content = path.read_bytes()
    for lost in (1, 30, 100):
        path.write_bytes(content[:-lost])
        with Clip(path) as clip:
            assert len(clip) == 2
    with ClipWriter(path, TICK) as writer:
        writer.append(release(9), 7)
    with Clip(path) as clip:
        assert [frame.time for frame in clip] == [-100, 3500, 7]


def test_every_flipped_bit_of_a_frame_is_noticed(tmp_path):
    path = tmp_path / "a.dpz"
    make(path, 1)
    content = path.read_bytes()
    for at in range(33, len(content), 7):
        path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
        with pytest.raises((numbadp.FileFormatError, IndexError)), Clip(path) as clip:
            clip[0]


def test_what_is_no_clip(tmp_path):
    (tmp_path / "a").write_bytes(b"no clip")
    release(3).save(tmp_path / "b.dpz")
    for name in ("a", "b.dpz"):
        assert not is_clip(tmp_path / name)
        with pytest.raises(numbadp.FileFormatError, match="no clip of releases"):
            Clip(tmp_path / name)
    assert not is_clip(tmp_path / "none")
    with (
        ClipWriter(tmp_path / "c.dpz", TICK) as writer,
        pytest.raises(numbadp.VideoError, match="not measured"),
    ):
        writer.append(np.zeros((4, 4)), 0)


def test_a_clip_is_written_to_and_read_from_open_files():
    """Which stay open for whoever gave them to be written to; no file, no status."""
    stream, kept = io.BytesIO(), [release(1), release(2)]
    with ClipWriter(stream, TICK) as writer:
        for k, one in enumerate(kept):
            writer.append(one, k)
    assert not stream.closed
    with Clip(stream) as clip:
        assert len(clip) == 2 and clip.status is None
        np.testing.assert_array_equal(clip[1].release.values[0], kept[1].values[0])
    assert stream.closed


def test_the_first_frame_may_say_whose_clip_it_is(tmp_path):
    """At a place that few bytes tell; readers that do not ask leave it out."""
    record = {"id": "a.mp4", "terms": {"epsilon": "1"}}
    with ClipWriter(tmp_path / "a.dpz", TICK, record=record) as writer:
        for k in range(2):
            writer.append(release(k), k)
    head = (tmp_path / "a.dpz").read_bytes()[:500]
    assert read_record(first_release(head)) == record
    assert first_release(b"no clip") is None and BEFORE < 100
    with Clip(tmp_path / "a.dpz") as clip:
        assert len(list(clip)) == 2 and clip.status.st_size > 500
    make(tmp_path / "b.dpz", 1)
    assert read_record(first_release((tmp_path / "b.dpz").read_bytes())) is None
