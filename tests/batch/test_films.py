"""Videos as inputs: one clip each, published once, with all that pictures are promised."""

import os
from math import ceil

import numpy as np
import pytest
from forks import can_fork, in_child
from video.films import make_film, picture, read_film, turn_film

import numbadp
from bench.scale.page import PAGE
from numbadp.batch.charging import charge_inputs, promise_of
from numbadp.batch.films import Film, _room, check_drawing_of_film, look_through
from numbadp.errors import (
    BudgetError,
    NumbadpError,
    PictureError,
    PictureWarning,
    StoreError,
    VideoError,
)
from numbadp.release.clips import Clip
from numbadp.video import VideoOptions, pixelize_video, render_video

from .pictures import contents, dying_at, job, parts, write_pictures

FRAMES = 12  # of a film as it is made by default


def book(tmp_path, budget=1000, name="l"):
    """A ledger that a file keeps."""
    return numbadp.Ledger(budget, path=tmp_path / f"{name}.json", regions="each")


def alike(one, other):
    """Whether two films show the same; an encoder with threads does not repeat every bit."""
    differences = [
        np.abs(a.astype(int) - b).mean() for (_, a), (_, b) in zip(one, other, strict=True)
    ]
    return max(differences) < 0.5


def bright(pixels):
    """A detector that finds the walking square where the gradient is still dark."""
    rows, columns = np.nonzero((pixels[..., 0] > 180) & (pixels[..., 1] < 90))
    if len(rows) < 100:
        return []
    return [(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)]


def test_a_video_is_one_release_of_all_its_frames(tmp_path):
    """Under one id, found again, the same for every reader; its ledger has every frame once."""
    path = str(make_film(tmp_path / "a.mp4"))
    (other,) = write_pictures(tmp_path / "in", 1)
    ledger = book(tmp_path)
    store, pixelize = job(tmp_path / "s", ledger=ledger)
    first = pixelize.do(path)
    assert (first.fresh, first.frames) == (True, FRAMES) and ledger.spent == FRAMES
    assert set(first.seconds) == {"detect", "frames", "encode", "publish"}
    before = contents(tmp_path / "s")
    assert pixelize([path, other])[0] == first.path == store.path(path)
    again = pixelize.do(path)
    assert (again.fresh, again.frames, again.seconds) == (False, 0, {})
    assert store.ids() == sorted([path, other]) and ledger.spent == FRAMES + 1
    assert len(before) == 1 and before.items() <= contents(tmp_path / "s").items()
    times = [time for time, _ in read_film(path)]
    with store.get(path) as clip, Clip(first.path) as file:
        assert len(clip) == len(file) == FRAMES
        for number, frame in enumerate(clip):
            assert frame.time * clip.tick == times[number] and frame.release.plan.epsilon == 1
            assert np.array_equal(frame.release.values[0], file[number].release.values[0])
    assert not parts(tmp_path)


def test_another_plan_under_the_same_id_is_refused(tmp_path):
    """Nothing is measured anew."""
    path = make_film(tmp_path / "a.mp4")
    job(tmp_path / "s")[1].do(path)
    before = contents(tmp_path / "s")
    with pytest.raises(StoreError, match="epsilon 1, not 2"):
        job(tmp_path / "s", epsilon=2)[1].do(path)
    assert contents(tmp_path / "s") == before


def test_a_clip_is_painted_as_other_clips_are(tmp_path):
    """By its style, as an MP4 that players know; a video that was turned is upright."""
    path = turn_film(make_film(tmp_path / "a.mp4"))
    store, pixelize = job(tmp_path / "s", style="smooth")
    with pytest.warns(PictureWarning, match="turned by 270 degrees"):
        (tmp_path / "b.mp4").write_bytes(pixelize(path))
    render_video(store.path(path), tmp_path / "c.mp4", style="smooth")
    found = read_film(tmp_path / "b.mp4")
    assert len(found) == FRAMES and found[0][1].shape == (64, 48, 3)
    assert alike(found, read_film(tmp_path / "c.mp4"))
    render_video(store.path(path), tmp_path / "d.mp4", style="mosaic")
    assert not alike(found, read_film(tmp_path / "d.mp4"))


@pytest.mark.parametrize("drawing", [{"style": "blocks"}, {"style": "mosaic", "effort": "tv"}])
def test_what_videos_are_not_painted_in_is_refused_before_it_is_paid_for(tmp_path, drawing):
    """A ledger has nothing then."""
    ledger = book(tmp_path)
    _, pixelize = job(tmp_path / "s", ledger=ledger, **drawing)
    with pytest.raises(VideoError, match="a video is painted in the styles"):
        pixelize.do(make_film(tmp_path / "a.mp4"))
    assert ledger.spent == 0 and not contents(tmp_path / "s")
    check_drawing_of_film(None, "tv")


@pytest.mark.filterwarnings("ignore::numbadp.NotPrivateWarning")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layout": "exact"}, "videos are not made of it"),
        ({"backend": "cpu"}, "no backend to choose"),
        ({"boxes": [(0, 0, 8, 8)], "rim": "none"}, "no rim to choose"),
    ],
)
def test_options_that_videos_have_not_are_refused(tmp_path, options, words):
    """Rather than left out."""
    _, pixelize = job(tmp_path / "s", options=options)
    with pytest.raises(NumbadpError, match=words):
        pixelize.do(make_film(tmp_path / "a.mp4"))
    assert not contents(tmp_path / "s")


def test_what_cannot_be_counted_or_read_is_refused(tmp_path):
    """An address, a file that is none, one that is too large; in one sentence each."""
    ledger = book(tmp_path)
    _, pixelize = job(tmp_path / "s", ledger=ledger)
    for place in ("rtsp://camera/1.mp4", "s3://bucket/a.mp4"):
        with pytest.raises(VideoError, match="cannot be counted"):
            pixelize.do(place)
        with pytest.raises(VideoError, match="cannot be counted"):
            promise_of(pixelize, place)
    (tmp_path / "b.mp4").write_bytes(b"no film")
    with pytest.raises(VideoError, match="b.mp4: "):
        pixelize.do(tmp_path / "b.mp4")
    pixelize.max_pixels = 64 * 48 - 1
    with pytest.raises(PictureError, match="more than the limit"):
        pixelize.do(make_film(tmp_path / "a.mp4"))
    assert ledger.spent == 0 and not contents(tmp_path / "s")


def test_a_film_that_is_cut_is_what_is_there_of_it(tmp_path):
    """And says so."""
    path = make_film(tmp_path / "a.mkv", range(0, 4800, 400), codec="ffv1", pixels="bgr0")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    store, pixelize = job(tmp_path / "s")
    found = pixelize.do(path)
    assert any("the file is cut" in note for note in found.notes)
    with store.get(path) as clip:
        assert 0 < len(clip) == found.frames < FRAMES


def test_boxes_of_all_frames_are_covered_and_charged(tmp_path):
    """Grown as a video's boxes are; what lies outside is stored as it is shown."""
    path = make_film(tmp_path / "a.mkv", codec="ffv1", pixels="bgr0")
    ledger = book(tmp_path)
    store, pixelize = job(tmp_path / "s", ledger=ledger, options={"boxes": [(10, 10, 30, 30)]})
    assert pixelize.do(path).frames == FRAMES == ledger.spent
    inside = np.zeros((48, 64), bool)
    more = ceil(20 * VideoOptions(epsilon=1).grow)  # on every side
    inside[max(0, 10 - more) : 30 + more, max(0, 10 - more) : 30 + more] = True
    with store.get(path) as clip:
        for (_, frame), stored in zip(read_film(path), clip, strict=True):
            drawn = stored.release.render()
            assert np.array_equal(drawn[~inside], frame[~inside])
            assert (drawn[inside] != frame[inside]).any()


def walking(t, size):
    """A square that is not there in the frames 4 and 5."""
    frame = np.zeros((*size, 3), np.uint8)
    if t not in (4, 5):
        frame[10:30, 4 + t : 24 + t] = (220, 40, 30)
    return frame


def test_boxes_are_found_before_anything_is_measured(tmp_path):
    """Held over frames where nothing is found; each frame is measured within its own."""
    path = make_film(tmp_path / "a.mkv", codec="ffv1", pixels="bgr0", frames=walking)
    ledger = book(tmp_path)
    store, pixelize = job(tmp_path / "s", ledger=ledger, detect=bright)
    film = look_through(path, pixelize, bright, None)
    assert (film.frames, len(film.boxes), film.shape) == (FRAMES, FRAMES, (48, 64, 3))
    assert all(film.boxes) and not ledger.spent
    pixelize.do(path)
    assert ledger.spent == FRAMES
    with store.get(path) as clip:
        for own, stored in zip(film.boxes, clip, strict=True):
            inside = np.zeros((48, 64), bool)
            for left, top, right, bottom in own:
                inside[top:bottom, left:right] = True
            assert stored.release.guarantee.covers.pixels == inside.sum()
            assert not stored.release.render()[~inside].any()  # black there, and shown


def nothing_early(t, size):
    """Nothing is there in the first frames."""
    return picture(t, size) * 0 if t < 3 else walking(8, size)


def test_a_frame_in_which_nothing_is_found_costs_nothing_or_is_covered_whole(tmp_path):
    """The refusal comes before the first frame is measured."""
    path = make_film(tmp_path / "a.mkv", codec="ffv1", pixels="bgr0", frames=nothing_early)
    ledger = book(tmp_path)
    _, pixelize = job(tmp_path / "s", ledger=ledger, detect=bright)
    with pytest.raises(PictureError, match="nothing was found in 3 of its 12 frames"):
        pixelize.do(path)
    assert ledger.spent == 0
    store, pixelize = job(tmp_path / "s", ledger=ledger, detect=bright, on_none="whole")
    pixelize.do(path)
    with store.get(path) as clip:
        whole = [stored.release.guarantee.covers.whole for stored in clip]
    assert whole == [True] * 3 + [False] * 9 and ledger.spent == FRAMES


@pytest.mark.parametrize("options", [{}, {"boxes": [(10, 10, 30, 30)]}, {"layout": "uniform"}])
@pytest.mark.parametrize("turned", [False, True])
def test_the_driver_charges_what_workers_would(tmp_path, options, turned):
    """All frames, counted beforehand; so many videos of one plan in one step."""
    path = make_film(tmp_path / "a.mp4")
    if turned:
        turn_film(path)
    driver, worker = book(tmp_path, name="d"), book(tmp_path, name="w")
    _, asked = job(tmp_path / "x", options=options)
    promise = promise_of(asked, str(path))
    job(tmp_path / "s", options=options, ledger=worker)[1].do(path)
    assert charge_inputs(driver, [promise]) == [None]
    assert driver.spent == worker.spent == FRAMES and driver.tau == worker.tau
    assert driver._read().covers == worker._read().covers
    assert charge_inputs(driver, [promise, promise]) == [None, None] and driver.spent == 3 * FRAMES


@pytest.mark.parametrize("options", [{}, {"boxes": [(10, 10, 30, 30)]}])
def test_a_budget_that_does_not_reach_measures_nothing(tmp_path, options):
    """Not even the first frame."""
    ledger = book(tmp_path, FRAMES - 1)
    store, pixelize = job(tmp_path / "s", ledger=ledger, options=options)
    with pytest.raises(BudgetError):
        pixelize.do(make_film(tmp_path / "a.mp4"))
    assert ledger.spent == 0 and store.ids() == [] and not parts(tmp_path)


def test_a_full_disk_costs_nothing(tmp_path, monkeypatch):
    """It is known before the first frame is measured."""
    ledger, path = book(tmp_path), make_film(tmp_path / "a.mp4")

    def full(descriptor, folder, room):
        if room:
            raise OSError(28, "No space left on device")

    _, pixelize = job(tmp_path / "s", ledger=ledger)
    monkeypatch.setattr("numbadp.parts._set_aside", full)
    with pytest.raises(StoreError, match="No space left"):
        pixelize.do(path)
    assert ledger.spent == 0 and not contents(tmp_path / "s")


@pytest.mark.parametrize("boxes", [None, [(0, 0, 320, 200)]])
def test_the_room_is_enough_whatever_the_noise_is(tmp_path, boxes):
    """Noise that does not pack: what is set aside grows with the frames as the clip does."""
    path = make_film(tmp_path / "a.mp4", range(0, 120, 40), size=(240, 320))
    options = {"cell": 1, "planes": "rgb", "boxes": boxes}
    _, pixelize = job(tmp_path / "s", epsilon="1/1000000", options=options)
    film = look_through(path, pixelize, None, boxes)
    size = os.stat(pixelize.do(path).path).st_size
    assert 3 * 500_000 < size <= _room(film, pixelize) < 5 * size


def test_the_page_says_what_room_a_frame_takes(tmp_path):
    """0.44 MB a frame of 1920 x 1080 at the usual options."""
    asked = job(tmp_path / "s")[1]
    one, two = (_room(Film("", frames, (1080, 1920, 3), None), asked) for frames in (1, 2))
    assert f"{(two - one) / 1e6:.2f} MB a frame of 1920 × 1080" in PAGE.read_text("utf-8")


def test_an_object_store_holds_clips_too(tmp_path):
    """Put on condition, read back whole."""
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").rm("/", recursive=True)
    path = str(make_film(tmp_path / "a.mp4"))
    store, pixelize = numbadp.Store("memory://clips"), None
    pixelize = numbadp.batch.Pixelize(1, store=store)
    assert pixelize.do(path).fresh and not pixelize.do(path).fresh and store.ids() == [path]
    with store.get(path) as clip:
        assert len(clip) == FRAMES and clip.status is None


def test_of_a_race_one_clip_is_seen(tmp_path, monkeypatch):
    """Both looked before either published: the loser hands on what is there."""
    path = str(make_film(tmp_path / "a.mp4"))
    ledger = book(tmp_path)
    store, pixelize = job(tmp_path / "s", ledger=ledger)
    real = store.find
    looks = []

    def late(identity, terms=None):
        looks.append(identity)
        if len(looks) == 1:  # the winner is done between the look and the measuring
            job(tmp_path / "s", ledger=ledger)[1].do(path)
            return None
        return real(identity, terms)

    monkeypatch.setattr(store, "find", late)
    lost = pixelize.do(path)
    assert (lost.fresh, lost.frames) == (False, FRAMES) and len(contents(tmp_path / "s")) == 1
    assert ledger.spent == 2 * FRAMES and not parts(tmp_path)


@can_fork
def test_a_worker_killed_anywhere_leaves_no_half_clip(tmp_path):
    """SIGKILL at lines all over a try at a video."""
    path, other = str(make_film(tmp_path / "a.mp4", range(0, 120, 40))), None
    (other,) = write_pictures(tmp_path / "in", 1)
    job(tmp_path / "warm")[1]([path, other])
    step, kinds = 0, set()
    while True:
        place, ledger = tmp_path / f"s{step}", book(tmp_path, name=str(step))
        store, pixelize = job(place, ledger=ledger)
        places = ("batch", "parts.py", "free_names.py", "record.py", "clips.py")
        ended = in_child(lambda pixelize=pixelize, step=step, places=places: dying_at(
            step, lambda: pixelize.do(path), places
        ))  # fmt: skip
        before = contents(place)
        kinds.add(len(before))
        pixelize.do(path)
        after = contents(place)
        assert len(after) == 1 and (not before or before == after) and store.ids() == [path]
        with store.get(path) as clip:
            assert len(clip) == 3
        assert ledger.spent >= 3
        pixelize.do(other)  # whoever writes next removes what the killed one left
        assert len(contents(place)) == 2 and not parts(place)
        if ended == b"survived":
            break
        step += 37
    assert kinds == {0, 1} and step > 100


def test_the_clip_of_a_store_is_the_kind_that_videos_write(tmp_path):
    """One format: what pixelize_video writes differs by the record alone."""
    path = make_film(tmp_path / "a.mp4")
    store, pixelize = job(tmp_path / "s")
    pixelize.do(path)
    pixelize_video(path, tmp_path / "b.dpz", epsilon=1)
    with store.get(path) as one, Clip(tmp_path / "b.dpz") as other:
        assert (one.tick, len(one)) == (other.tick, len(other))
        for a, b in zip(one, other, strict=True):
            assert (a.time, a.lasts) == (b.time, b.lasts)
            assert a.release.guarantee == b.release.guarantee
