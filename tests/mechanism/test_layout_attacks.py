"""Layouts, regions and guarantees from strangers: what a review found, and what stays refused."""

import io
import traceback
from dataclasses import replace
from fractions import Fraction
from math import inf

import numpy as np
import pytest
from cases import fixed_key, picture

import numbadp
from numbadp import FileFormatError, Layout, LayoutError
from numbadp.mechanism import _pixelize, running
from numbadp.mechanism.planning import build_plan
from numbadp.plan.coverage import UNNAMED, Coverage
from numbadp.storage.codec import describe
from numbadp.storage.container import read_sections, write_sections
from numbadp.storage.header import encode_guarantee
from numbadp.storage.opening import GUAR, KNOWN, LAYO, MORE
from numbadp.storage.stored_layout import encode_layout, encode_more


@pytest.mark.parametrize("cell", [512, 3, 0, True, "4", 4.0])
def test_a_hand_made_layout_cannot_pass_the_cells_that_sums_are_exact_for(cell):
    """Layouts go to 256 pixels, and to powers of two alone; other cells are refused by name."""
    layout = Layout("uniform", (512, 512), cell)
    with pytest.raises(numbadp.NumbadpError, match="layout's cell must be"):
        numbadp.pixelize(np.zeros((512, 512), np.uint8), epsilon=1, m=1, layout=layout)


def test_cells_of_another_size_are_checked_too():
    """`on_cells` takes powers of two alone."""
    with pytest.raises(numbadp.OptionError, match="cell must be a power of two"):
        Layout.uniform((20, 20), 4).on_cells(3)


def test_a_layout_that_its_owner_changes_later_is_not_remembered():
    """The plan of a layout put together by hand keeps levels of its own."""
    levels = np.full((4, 4), 4, np.uint8)
    layout = Layout("zones", (64, 64), 16, levels)
    image = np.zeros((64, 64), np.uint8)
    first = numbadp.pixelize(image, epsilon=1, layout=layout)
    levels[:] = 2
    second = numbadp.pixelize(image, epsilon=1, layout=layout)
    assert len(first.layout) == 16
    assert len(second.layout) == 1


@pytest.mark.parametrize("options", [{"layout": "private"}, {"boxes": [(0, 0, 9, 9)]}])
def test_what_cannot_run_is_not_charged(options):
    """A machine without a GPU costs no budget, whatever the plan."""
    ledger = numbadp.Ledger(10)
    with pytest.raises(numbadp.BackendError):
        numbadp.pixelize(picture((40, 40)), epsilon=1, backend="cuda", ledger=ledger, **options)
    assert ledger.spent == 0


def test_the_copy_of_a_regions_pixels_is_overwritten(monkeypatch):
    """Neither a release nor a failure leaves the region's pixels in an array of ours."""
    kept = []
    real = running.split_by_region
    monkeypatch.setattr(running, "split_by_region", lambda *a: kept.append(real(*a)) or kept[-1])
    image = np.full((33, 29), 200, np.uint8)
    plan = build_plan(image.shape, epsilon=1, m=1, boxes=[(3, 4, 20, 21)])
    _pixelize(image, plan, fixed_key())
    monkeypatch.setattr(running, "_measure_and_noise", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        _pixelize(image, plan, fixed_key())
    assert [name.f_code.co_name for name, _ in traceback.walk_tb(caught.tb)][-2] == "run"
    assert not any(measured.any() for measured, _ in kept)
    assert image.all()


@pytest.mark.parametrize("options", [{}, {"boxes": [(3, 4, 20, 21)]}])
def test_the_copy_of_a_strided_picture_is_overwritten(options, monkeypatch):
    """What is made contiguous for the kernels is zeroed, and the caller's pixels are left alone."""
    kept = []
    real = running.kernel_view
    monkeypatch.setattr(running, "kernel_view", lambda rows: kept.append(rows) or real(rows))
    image = np.full((58, 33), 200, np.uint8).T
    plan = build_plan(image.shape, epsilon=1, m=1, **options)
    _pixelize(image, plan, fixed_key())
    (rows,) = kept
    assert not rows.any()
    assert image.all()


def test_a_guarantee_that_spends_nothing_is_no_price():
    """A made-up guarantee cannot give budget back."""
    ledger = numbadp.Ledger(10)
    forged = numbadp.Guarantee(Fraction(1), Fraction(0), 16, 1, (), earlier=Fraction(5))
    with pytest.raises(numbadp.BudgetError, match="spends nothing of its own"):
        ledger.charge(forged)
    assert ledger.remaining == 10


def test_a_number_that_a_ledger_file_could_not_read_back_is_not_written(tmp_path):
    """Too many digits are refused, and the file stays good."""
    ledger = numbadp.Ledger(10, path=tmp_path / "budget.json")
    long = Fraction(1, 10**2300 + 1)
    with pytest.raises(numbadp.LedgerError, match="too many digits"):
        ledger.charge(numbadp.Guarantee(long, Fraction(0), 16, 1, ()))
    assert numbadp.Ledger(10, path=tmp_path / "budget.json").spent == 0


def forged(release, **bodies):
    """Return a file of a release with some sections replaced, or left out where None."""
    file = io.BytesIO()
    release.save(file)
    sections = {k: bytes(v) for k, v in read_sections(file.getvalue(), KNOWN).items()}
    sections |= {tag.encode(): body for tag, body in bodies.items()}
    return io.BytesIO(write_sections([(k, v) for k, v in sections.items() if v is not None]))


def released(**options):
    """Return a release of a fixed picture."""
    plan = build_plan((40, 33), epsilon=1, m=1, cell=4, **options)
    return _pixelize(picture((40, 33)), plan, fixed_key(2))


def finite(release):
    """Return a finite guarantee in place of a release's infinite one."""
    return replace(release.guarantee, epsilon=Fraction(1), stages=())


def test_a_file_cannot_make_unpaid_leaves_look_private():
    """The guarantee of an exact layout is infinite, and goes with its leaves."""
    exact = released(layout="exact")
    assert exact.guarantee.epsilon == inf
    public = encode_layout(replace(exact.layout, guarantee=None), exact.guarantee)
    for bodies in ({"GUAR": encode_guarantee(finite(exact))}, {"LAYO": public}):
        with pytest.raises(FileFormatError, match="guarantee does not belong"):
            numbadp.load(forged(exact, **bodies))


def test_a_file_cannot_promise_more_than_its_plan():
    """Epsilon is the plan's, and a region is called one."""
    plain, region = released(), released(boxes=[(0, 0, 9, 9)])
    less = replace(plain.guarantee, epsilon=Fraction(1, 1000))
    for file in (forged(plain, GUAR=encode_guarantee(less)), forged(region, MORE=None)):
        with pytest.raises(FileFormatError, match="guarantee does not belong"):
            numbadp.load(file)
    assert {GUAR, LAYO, MORE} <= set(KNOWN)


class _DeviceMask:
    """A mask of another library: an array whose hash is its identity, so it can be a cache's key."""

    def __init__(self, array):
        self.array, self.dtype, self.shape = array, array.dtype, array.shape

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype)


def test_a_mask_that_is_changed_in_place_is_read_anew():
    """The second picture's region is the mask of now: nothing that it covers stays bare."""
    mask = _DeviceMask(np.zeros((16, 16), bool))
    hash(mask)
    mask.array[:4, :4] = True
    image = np.full((16, 16), 200, np.uint8)
    first = numbadp.pixelize(image, epsilon=1, m=1, cell=4, mask=mask)
    mask.array[:] = True
    second = numbadp.pixelize(image, epsilon=1, m=1, cell=4, mask=mask)
    assert first.plan.region.pixels == 16
    assert second.plan.region.pixels == 256
    assert not second.background.any()


def chained(**options):
    """Return a release on the leaves of an earlier one that spent 500."""
    plan = build_plan((40, 33), epsilon=500, m=1, cell=4, **options)
    return released(layout=_pixelize(picture((40, 33)), plan, fixed_key(3)), **options)


BOXES = {"whole": {}, "region": {"boxes": [(0, 0, 9, 9)]}}


@pytest.mark.parametrize("options", BOXES.values(), ids=BOXES)
def test_a_file_cannot_say_that_an_earlier_release_spent_less(options):
    """What the layout's own guarantee says is compared with the whole one, however it was lowered."""
    chain = chained(**options)
    honest = chain.guarantee
    assert (honest.epsilon, honest.earlier) == (501, 500)
    assert numbadp.load(forged(chain)).guarantee == honest
    own = [stage for stage in honest.stages if stage.name != "layout"]
    for earlier in (0, 1, 499):
        stages = (*own, *([replace(honest.stages[-1], epsilon=Fraction(earlier))] * (earlier > 0)))
        for kept in (stages, honest.stages):
            less = replace(honest, epsilon=Fraction(1 + earlier), stages=kept)
            less = replace(less, earlier=Fraction(earlier))
            bodies = {"GUAR": encode_guarantee(less), "MORE": encode_more(less) or None}
            with pytest.raises(FileFormatError, match="guarantee does not belong"):
                numbadp.load(forged(chain, **bodies))
            with pytest.raises(FileFormatError, match="guarantee does not belong"):
                describe(forged(chain, **bodies))


@pytest.mark.parametrize(
    "change",
    [
        {"tau": Fraction(0)}, {"stages": ()}, {"releases": 2}, {"m": 2}, {"batch": 2},
        {"epsilon": Fraction(2), "earlier": Fraction(1)},
    ],
    ids=str,
)  # fmt: skip
def test_a_file_cannot_say_anything_but_what_its_plan_promises(change):
    """Every number of a guarantee follows from the plan, and is compared."""
    plain = released()
    other = replace(plain.guarantee, **change)
    bodies = {"GUAR": encode_guarantee(other), "MORE": encode_more(other) or None}
    with pytest.raises(FileFormatError, match="guarantee does not belong"):
        numbadp.load(forged(plain, **bodies))


def test_a_file_cannot_chain_releases_of_other_pixels():
    """Left half on the leaves of the right half: the file contradicts itself."""
    chain = chained(boxes=[(0, 0, 9, 9)])
    digest = bytes.fromhex(chain.plan.region.digest)
    other = build_plan((40, 33), epsilon=1, boxes=[(9, 9, 18, 18)]).region
    body = encode_layout(chain.layout, chain.guarantee)
    assert body.count(digest) == 1
    moved = body.replace(digest, bytes.fromhex(other.digest))
    with pytest.raises(FileFormatError, match="guarantee does not belong"):
        numbadp.load(forged(chain, LAYO=moved))
    with pytest.raises(FileFormatError):
        numbadp.load(forged(chain, LAYO=body[:-1]))
    with pytest.raises(FileFormatError, match="contradicts itself"):
        numbadp.load(forged(chain, LAYO=body[:-35] + b"\x01\x00\x1f" + digest[1:]))


def test_an_older_file_does_not_say_which_pixels_its_layout_covered():
    """It is read, its claim is left without a name, and nothing is added to it by mistake."""
    chain = chained(boxes=[(0, 0, 9, 9)])
    body = encode_layout(chain.layout, chain.guarantee)
    assert body[-38:-35] == b"\x01\x00\x51"  # 81 pixels, then 32 bytes and their number
    older = forged(chain, LAYO=body[:-38])
    again = numbadp.load(older)
    assert again.guarantee == replace(chain.guarantee, covers=UNNAMED)
    assert "Which pixels is not known" in str(again.guarantee)
    file = io.BytesIO()
    again.save(file)
    assert file.getvalue() == older.getvalue()
    for options in BOXES.values():
        with pytest.raises(LayoutError, match="does not name"):
            released(layout=again, **options)
    ledger = numbadp.Ledger(10**4)
    ledger.charge(chain.guarantee)
    with pytest.raises(numbadp.BudgetError, match="does not name"):
        ledger.charge(again.guarantee)


@pytest.mark.parametrize("options", [{}, {"boxes": [(2, 3, 9, 9)]}], ids=["whole", "region"])
def test_older_files_with_noise_for_more_pixels_than_there_are_stay_readable(options, monkeypatch):
    """Their sums keep the scale that they were made with, and no promise is below the truth."""
    small = picture((9, 11))
    with monkeypatch.context() as before:
        before.setattr(Coverage, "most", lambda self, m: m)
        old = _pixelize(small, build_plan((9, 11), epsilon=1, m=4096, **options), fixed_key())
    assert old.plan.planes[0].sensitivity == 255 * 4096
    file = io.BytesIO()
    old.save(file)
    again = numbadp.load(io.BytesIO(file.getvalue()))
    assert again.guarantee == old.guarantee and again.plan.changes == 4096
    for k in (1, 40, 10_000):
        true = Fraction(min(k, again.guarantee.covered), 4096)
        assert again.guarantee.for_pixels(k).epsilon >= true
