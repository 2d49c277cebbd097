"""Reading videos: times, turns, damage, and what is refused in one sentence."""

from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp.video.reading import Reader, describe, open_video

from .films import SIZE, TICK, make_film, picture, turn_film

FRAMES = list(range(0, 480, 40))


def read(path, grey=False):
    """All frames and what went wrong."""
    container, stream = open_video(path)
    reader = Reader(container, stream, grey, str(path))
    with container:
        return list(reader.frames()), reader.trouble


def test_packets_tell_the_times(tmp_path):
    times = [0, 33, 100, 101, 400]
    facts = describe(make_film(tmp_path / "a.mkv", times))
    assert [time * facts.tick for time in facts.times] == [t * TICK for t in times]
    assert (facts.width, facts.height, facts.codec) == (SIZE[1], SIZE[0], "mpeg4")
    assert facts.dropped == ()


def test_colours_and_luma(tmp_path):
    path = make_film(tmp_path / "a.mkv", codec="ffv1")
    frames, trouble = read(path)
    assert len(frames) == 12
    assert np.abs(frames[3].pixels.astype(int) - picture(3)).mean() < 6
    grey, _ = read(path, grey=True)
    with av.open(str(path)) as container:
        first = next(container.decode(video=0))
        plane = np.frombuffer(first.planes[0], np.uint8).reshape(SIZE[0], -1)[:, : SIZE[1]]
    np.testing.assert_array_equal(grey[0].pixels, plane)
    assert trouble.notes == []


def test_more_than_eight_bits_are_measured_with_eight(tmp_path):
    path = make_film(tmp_path / "a.mkv", codec="ffv1", pixels="yuv420p10le")
    for grey in (False, True):
        frames, trouble = read(path, grey)
        assert frames[0].pixels.dtype == np.uint8
        assert trouble.notes == ["more than 8 bits a channel: measured with 8"]


def test_hdr_is_noted(tmp_path):
    path = make_film(
        tmp_path / "a.mkv", codec="libx264", pixels="yuv420p10le", color_trc=16, color_primaries=9
    )
    _, trouble = read(path)
    assert any("HDR" in note for note in trouble.notes)


def test_turned_films_are_upright(tmp_path):
    path = turn_film(make_film(tmp_path / "a.mp4"))
    frames, trouble = read(path)
    assert frames[0].pixels.shape == (SIZE[1], SIZE[0], 3)
    upright = np.rot90(picture(0), -1)  # shown a quarter turn clockwise
    assert np.abs(frames[0].pixels.astype(int) - upright).mean() < 12
    assert "turned by" in trouble.notes[0]


def test_interlaced_films_lose_a_field(tmp_path):
    flags = av.codec.context.Flags
    path = make_film(
        tmp_path / "a.mkv", codec="mpeg2video", pixels="yuv420p", tick=Fraction(1, 25),
        times=range(12), flags=flags.interlaced_dct | flags.interlaced_me,
    )  # fmt: skip
    frames, trouble = read(path)
    assert any("interlaced" in note for note in trouble.notes)
    pixels = frames[2].pixels
    np.testing.assert_array_equal(pixels[::2], pixels[1::2])


def test_damaged_packets_are_counted_and_the_rest_is_read(tmp_path):
    path = make_film(tmp_path / "a.mkv", range(0, 2000, 40), codec="libx264")
    content = bytearray(path.read_bytes())
    generator = np.random.default_rng(0)
    for at in generator.integers(len(content) // 4, len(content), 60):
        content[at] ^= 0xFF
    path.write_bytes(bytes(content))
    frames, trouble = read(path)
    assert frames
    assert trouble.damaged + trouble.corrupt + (50 - len(frames)) > 0


def test_a_packet_that_cannot_be_decoded_is_counted_and_left_out(tmp_path):
    """One of twelve, wherever it is; the others are as they were."""
    path = make_film(tmp_path / "a.mov", codec="png", pixels="rgb24")
    whole, trouble = read(path)
    assert trouble.damaged == 0
    content = bytearray(path.read_bytes())
    at = -1
    for _ in range(5):
        at = content.index(b"\x89PNG", at + 1)
    content[at] = 0
    path.write_bytes(bytes(content))
    frames, trouble = read(path)
    assert trouble.damaged == 1 and trouble.ended == ""
    assert [frame.time for frame in frames] == [f.time for k, f in enumerate(whole) if k != 4]
    np.testing.assert_array_equal(frames[-1].pixels, whole[-1].pixels)


def test_a_size_that_changes_is_refused(tmp_path):
    parts = []
    for k, size in enumerate((SIZE, (64, 64))):
        make_film(tmp_path / f"{k}.ts", codec="mpeg2video", size=size, tick=Fraction(1, 25),
                  times=range(12 * k, 12 * k + 12))  # fmt: skip
        parts.append((tmp_path / f"{k}.ts").read_bytes())
    (tmp_path / "a.ts").write_bytes(b"".join(parts))
    with pytest.raises(numbadp.VideoError, match=r"changes from 64 x 48 to 64 x 64"):
        read(tmp_path / "a.ts")


def test_what_is_no_video_is_refused_in_one_sentence(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "p.png")
    (tmp_path / "p.png").rename(tmp_path / "p.mp4")
    with pytest.raises(numbadp.VideoError, match="a picture, not a video"):
        open_video(tmp_path / "p.mp4")
    (tmp_path / "text.mp4").write_text("no video at all, really none")
    with pytest.raises(numbadp.VideoError, match="invalid data"):
        open_video(tmp_path / "text.mp4")
    with pytest.raises(numbadp.VideoError, match="no such file"):
        open_video(tmp_path / "none.mp4")
    with av.open(str(tmp_path / "voice.mp4"), "w") as container:
        from .films import add_sound

        add_sound(container, container.add_stream("aac", rate=44100))
    with pytest.raises(numbadp.VideoError, match="there is no video in it"):
        open_video(tmp_path / "voice.mp4")
    empty = make_film(tmp_path / "empty.avi", [])
    with pytest.raises(numbadp.VideoError, match="no frame in it"):
        describe(empty)
