"""Releases with leaves of mixed size and with regions come back whole from their files."""

import io
from dataclasses import replace
from fractions import Fraction
from math import inf

import numpy as np
import pytest
from cases import assert_same, fixed_key, picture

import numbadp
from numbadp import FileFormatError, Layout, load
from numbadp.mechanism import _pixelize
from numbadp.mechanism.planning import build_plan
from numbadp.plan.coverage import UNNAMED, WHOLE, Coverage
from numbadp.release import Release
from numbadp.storage.container import Reader, Writer, read_sections, write_sections
from numbadp.storage.opening import GUAR, HEAD, LAYO, MORE, SPLT
from numbadp.storage.stored_layout import _decode_covers, decode_ids, decode_more, encode_more

ZONES = [((3, 2, 20, 18), 2), ((15, 15, 29, 30), 8)]
MASK = np.indices((37, 29)).sum(axis=0) % 3 > 0


def mixed(name):
    """Return a release of each kind of layout and region, under a fixed key."""
    shape = (2, 37, 29, 3) if name.startswith("batch") else (37, 29, 3)
    earlier = released(shape, cell=4)
    options = {
        "zones": {"layout": Layout.zones(shape, ZONES, default=16)},
        "release": {"layout": earlier},
        "private": {"layout": "private", "cell": 4},
        "private-rgb": {"layout": "private", "cell": 2, "planes": "rgb"},
        "exact": {"layout": "exact", "cell": 2},
        "exact-range": {"layout": numbadp.ExactLayout(score="range"), "cell": 2},
        "batch-private": {"layout": "private", "cell": 4},
        "batch-release": {"layout": earlier, "cell": 2},
        "batch-region": {"boxes": [(1, 1, 9, 30)], "cell": 4},
        "region": {"mask": MASK, "cell": 4},
        "region-zones": {"layout": Layout.zones(shape, ZONES, default=16), "mask": MASK},
    }[name]
    return released(shape, **options)


def released(shape, **options):
    """Return a release of a fixed picture."""
    plan = build_plan(shape, epsilon="2/3", m=1, **options)
    return _pixelize(picture(shape), plan, fixed_key(3))


def content_of(release, payload="release"):
    """Return the bytes of a release's file."""
    file = io.BytesIO()
    release.save(file, payload=payload)
    return file.getvalue()


NAMES = (
    "zones", "release", "private", "private-rgb", "exact", "exact-range", "batch-private",
    "batch-release", "batch-region", "region", "region-zones",
)  # fmt: skip
every_mixed = pytest.mark.parametrize("name", NAMES)


@every_mixed
def test_a_mixed_release_comes_back_whole(name):
    release = mixed(name)
    again = load(io.BytesIO(content_of(release)))
    assert type(again) is Release
    for part in ("shape", "layout", "guarantee", "plan"):
        assert getattr(again, part) == getattr(release, part), part
    assert again.layout.guarantee == release.layout.guarantee
    assert_same(again.values, release.values)
    if release.background is not None:
        np.testing.assert_array_equal(again.background, release.background)
        assert not again.background.flags.writeable
    for style in ("cells", "smooth", "mosaic"):
        np.testing.assert_array_equal(again.render(style), release.render(style))
    assert content_of(again) == content_of(release)


@every_mixed
def test_its_mosaic_comes_back_within_a_level(name):
    release = mixed(name)
    again = load(io.BytesIO(content_of(release, "mosaic")))
    for part in ("shape", "layout", "guarantee", "plan"):
        assert getattr(again, part) == getattr(release, part), part
    apart = np.abs(again.render().astype(int) - release.render())
    assert apart.max() <= 1
    if release.background is not None:
        outside = ~release.plan.region.mask
        assert not apart.reshape(-1, *outside.shape, 3)[:, outside].any()
    assert content_of(again, "mosaic") == content_of(release, "mosaic")


def test_a_file_of_the_exact_layout_says_not_private():
    release = mixed("exact")
    assert release.guarantee.epsilon == inf
    sections = read_sections(content_of(release), (HEAD, GUAR, LAYO, SPLT, b"VALS"))
    assert b"not private" in bytes(sections[GUAR])


def test_what_an_earlier_release_spent_is_kept():
    release = mixed("release")
    again = load(io.BytesIO(content_of(release)))
    assert again.guarantee.earlier == Fraction(2, 3)
    assert again.guarantee.epsilon == Fraction(4, 3)


@pytest.mark.parametrize("missing", [LAYO, SPLT])
def test_a_decided_layout_needs_its_sections(missing):
    known = (HEAD, GUAR, LAYO, SPLT, MORE, b"VALS")
    sections = read_sections(content_of(mixed("private")), known)
    kept = [(tag, bytes(body)) for tag, body in sections.items() if tag != missing]
    with pytest.raises(FileFormatError, match="do not belong together"):
        load(io.BytesIO(write_sections(kept)))


def test_sections_that_run_over_or_end_early_are_refused():
    release = mixed("region-zones")
    known = (HEAD, GUAR, LAYO, b"REGN", MORE, b"VALS")
    sections = {k: bytes(v) for k, v in read_sections(content_of(release), known).items()}
    for tag in (LAYO, b"REGN", MORE):
        for body in (sections[tag][:-1], sections[tag] + b"\0"):
            broken = {**sections, tag: body}
            with pytest.raises(FileFormatError):
                load(io.BytesIO(write_sections(list(broken.items()))))


def test_more_must_not_contradict_the_guarantee():
    guarantee = mixed("release").guarantee
    body = memoryview(encode_more(replace(guarantee, earlier=guarantee.epsilon + 1)))
    with pytest.raises(FileFormatError, match="contradicts"):
        decode_more(body, guarantee)


def covers_of(pixels, digest=None):
    """Return what a file says of the pixels that an earlier release covered."""
    writer = Writer()
    writer.count(pixels)
    if digest is not None:
        writer.block(digest)
    return Reader(memoryview(writer.content()))


def test_a_whole_picture_has_all_its_pixels():
    """An earlier release of the whole picture covered neither fewer nor more."""
    assert _decode_covers(covers_of(12), WHOLE, (3, 4)) == Coverage.of_picture(3, 4)
    for pixels in (1, 11, 13):
        with pytest.raises(FileFormatError):
            _decode_covers(covers_of(pixels), WHOLE, (3, 4))


@pytest.mark.parametrize("length", [0, 1, 31])
def test_a_region_has_a_whole_name(length):
    """A shorter one could be that of nothing, or of every pixel."""
    assert _decode_covers(covers_of(5, bytes(32)), UNNAMED, (3, 4)).digest == "00" * 32
    with pytest.raises(FileFormatError, match="contradicts"):
        _decode_covers(covers_of(5, bytes(length)), UNNAMED, (3, 4))


@pytest.mark.parametrize("length", [1, 15])
def test_releases_have_whole_names(length):
    """By them ledgers know which release a layout came from."""
    for names in ((bytes(length), b""), (bytes(16), bytes(length))):
        writer = Writer()
        for name in names:
            writer.block(name)
        with pytest.raises(FileFormatError, match="wrong length"):
            decode_ids(memoryview(writer.content()))
