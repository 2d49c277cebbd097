"""What an attacker could see besides the values: errors, frames, keys, memory, other processes."""

import copy
import gc
import pickle
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from cases import BY_ID, assert_same, failing, fixed_key, oracle_sums, picture, some_cases
from cases import ExpectFail as Bad
from forks import can_fork, in_child
from interrupts import interrupted_at
from PIL import Image

import numbadp
from numbadp import mechanism
from numbadp.mechanism import Pixelizer, _pixelize, entropy, pixelize, running
from numbadp.mechanism.inputs import kernel_view
from numbadp.mechanism.planning import build_plan
from numbadp.mechanism.sums import measure_sums

CASE = BY_ID["ygo-coarse-ragged"]
SHAPE = CASE.shape
PACKAGE = str(Path(numbadp.__file__).parent)


def is_ours(frame):
    """Tell whether a frame runs code of the package, wherever the tests lie."""
    return frame.f_code.co_filename.startswith(PACKAGE)


PIXELS = {
    "black": lambda shape: np.zeros(shape, np.uint8),
    "white": lambda shape: np.full(shape, 255, np.uint8),
    "random": lambda shape: picture(shape, 99),
}


@pytest.fixture
def drawn_keys(monkeypatch):
    """Collect the keys of releases, with a copy of the words that they had."""
    keys = []

    def fresh_key(own):
        key = entropy.fresh_key(own)
        keys.append((key, key.words.copy()))
        return key

    monkeypatch.setattr(mechanism, "fresh_key", fresh_key)
    return keys


# --- errors and warnings -----------------------------------------------------

REFUSED = (
    Bad("float", lambda u: u((6, 5)).astype(float), numbadp.ArrayTypeError, "float64"),
    Bad("int8", lambda u: u((6, 5)).astype(np.int8), numbadp.ArrayTypeError, "int8"),
    Bad("uint16", lambda u: u((6, 5)).astype(np.uint16), numbadp.ArrayTypeError, "uint16"),
    Bad("bool", lambda u: u((6, 5)) > 7, numbadp.ArrayTypeError, "bool"),
    Bad("object", lambda u: u((6, 5)).astype(object), numbadp.ArrayTypeError, "object"),
    Bad("list", lambda u: u((6, 5)).tolist(), numbadp.ArrayTypeError, "list"),
    Bad("bytes", lambda u: u((6, 5)).tobytes(), numbadp.ArrayTypeError, "bytes"),
    Bad("two channels", lambda u: u((6, 5, 2)), numbadp.ShapeError, "6, 5, 2"),
    Bad("alpha channel", lambda u: u((6, 5, 4)), numbadp.ShapeError, "alpha"),
    Bad("flat", lambda u: u((30,)), numbadp.ShapeError, "30,"),
    Bad("five axes", lambda u: u((1, 1, 6, 5, 3)), numbadp.ShapeError, "H x W"),
    Bad("no rows", lambda u: u((6, 5))[:0], numbadp.ShapeError, "0, 5"),
    Bad("no pictures", lambda u: u((1, 6, 5, 3))[:0], numbadp.ShapeError, "0, 6, 5, 3"),
    Bad("16 bits", lambda u: Image.fromarray(u((6, 5)).astype(np.uint16)), numbadp.ArrayTypeError, "I;16"),
    Bad("float image", lambda u: Image.fromarray(u((6, 5)).astype("f4")), numbadp.ArrayTypeError, "mode F"),
)  # fmt: skip


@failing(*REFUSED)
def test_errors_do_not_depend_on_pixels(bad, drawn_keys):
    """Black, white and random pictures of a bad kind raise one and the same message, keyless."""
    said = set()
    for pixels in PIXELS.values():
        with pytest.raises(bad.error, match=bad.match) as caught:
            pixelize(bad.given(pixels), epsilon=1)
        said.add((str(caught.value), type(caught.value)))
    assert len(said) == 1
    assert not drawn_keys


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "CMYK", "YCbCr", "HSV"])
def test_warnings_do_not_depend_on_pixels(mode):
    """A PIL mode warns, or not, whatever its pixels are."""
    said = set()
    for pixels in PIXELS.values():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            pixelize(Image.fromarray(pixels((6, 5, 3))).convert(mode), epsilon=1)
        said.add(tuple(str(w.message) for w in caught))
    assert len(said) == 1
    assert bool(said.pop()) == (mode in ("RGBA", "LA"))


# --- keys --------------------------------------------------------------------


@pytest.mark.parametrize("entrance", ["pixelize", "Pixelizer"])
def test_every_release_draws_and_wipes_its_own_key(entrance, drawn_keys):
    """Each call draws one key, no two are alike, and its words are zero afterwards."""
    image, pixelizer = picture((8, 9)), Pixelizer((8, 9), epsilon=1, cell=1)
    call = pixelizer if entrance == "Pixelizer" else lambda x: pixelize(x, epsilon=1, cell=1)
    releases = [call(image) for _ in range(3)]
    assert len(drawn_keys) == 3
    assert len({words.tobytes() for _, words in drawn_keys}) == 3
    assert not any(key.words.any() for key, _ in drawn_keys)
    for one, two in ((0, 1), (1, 2), (0, 2)):
        assert (releases[one].values[0] != releases[two].values[0]).mean() > 0.9


def test_nothing_that_is_kept_or_shown_holds_the_key(monkeypatch):
    """repr, str, pickle and the reachable objects of Pixelizer and Release hide the key."""
    monkeypatch.setattr(mechanism, "fresh_key", lambda own: fixed_key(8))
    words = fixed_key(8).words
    pixelizer = Pixelizer((8, 9), epsilon=1)
    release = pixelizer(picture((8, 9)))
    shown = repr(pixelizer) + str(pixelizer) + repr(release) + str(release) + str(release.guarantee)
    shown = shown.encode() + pickle.dumps(release) + pickle.dumps(pixelizer)
    for secret in (words.tobytes(), words.tobytes().hex().encode()):
        assert secret[:8] not in shown
    for word in words.tolist():
        assert str(word).encode() not in shown
    for thing in (pixelizer, release):
        assert not [x for x in reachable(thing) if isinstance(x, entropy.Key)]


def test_a_key_says_and_gives_away_nothing():
    """A key prints as a secret and refuses copy, deepcopy and pickle."""
    key = fixed_key()
    for shown in (repr(key), str(key), f"{key}"):
        assert shown == "Key(<secret>)"
    for take in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(numbadp.KeyUseError):
            take(key)


# --- exact sums --------------------------------------------------------------


@some_cases("grey-ragged", "ygo-coarse-ragged", "batch-rgb")
def test_a_release_holds_no_exact_sums(case):
    """The values are read-only, own their memory, and no reachable array equals the sums."""
    image = case.image(6)
    release = _pixelize(image, case.plan(), fixed_key(6))
    for values in release.values:
        assert not values.flags.writeable
        assert values.base is None or not values.base.flags.writeable
    assert_no_secret(reachable(release), image, oracle_sums(case, image))


@pytest.mark.parametrize("kind", [RuntimeError, MemoryError, KeyboardInterrupt])
@pytest.mark.parametrize("half", ["before", "after"])
def test_an_interrupted_release_leaves_nothing_in_its_traceback(
    kind, half, drawn_keys, monkeypatch
):
    """A failure in the kernels leaves wiped keys and wiped arrays in every frame above."""
    image, plan = CASE.image(7), CASE.plan()
    exact = oracle_sums(CASE, image)

    def interrupted(kernel, items, work, *arguments):
        flat, key = arguments[3], arguments[9]
        for target, sums in zip(flat, exact, strict=True):
            target[0] = sums.ravel()  # as if measured and not yet noised
        assert key.any()
        if half == "after":
            real_drain(kernel, items, work, *arguments)
        raise kind("stopped")

    real_drain = running.drain
    monkeypatch.setattr(running, "drain", interrupted)
    pixelizer = Pixelizer(SHAPE, epsilon=CASE.epsilon, m=CASE.m)
    assert pixelizer.plan == plan
    with pytest.raises(kind, match="stopped") as caught:
        pixelizer(image)
    (key, words), = drawn_keys  # fmt: skip
    assert not key.words.any()
    frames = [f for f, _ in traceback.walk_tb(caught.tb) if is_ours(f)]
    assert any(f.f_code.co_name == "run" for f in frames)
    seen = [x for f in frames for value in f.f_locals.values() for x in reachable(value)]
    assert_no_secret(seen, image, exact)
    kept = [x for x in seen if isinstance(x, np.ndarray) and x.dtype == np.int64 and x.size > 8]
    assert kept
    assert not any(np.array_equal(x, words) for x in seen if isinstance(x, np.ndarray))
    assert b"stopped" in "".join(traceback.format_exception(caught.value)).encode()


# Where pixels, sums and keys are held; the planning before and the release after hold none.
HOLDERS = [
    f"{PACKAGE}/{name}.py"
    for name in (
        "forgetting", "workers", "mechanism/__init__", "mechanism/running", "mechanism/leaves",
        "mechanism/inputs", "mechanism/entropy", "mechanism/draining",
    )
]  # fmt: skip


def holds_secrets(code):
    """Tell whether code may hold them."""
    return code.co_filename in HOLDERS


INTERRUPTED = {
    "strided, a box": ({"boxes": [(1, 1, 14, 12)]}, lambda image: np.asfortranarray(image)),
    "private": ({"layout": "private"}, lambda image: image[:, ::-1]),
    "exact, strided": ({"layout": "exact"}, lambda image: image[:, ::-1]),
    "PIL": ({}, lambda image: Image.fromarray(image).convert("RGBA")),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::numbadp.NotPrivateWarning")
@pytest.mark.filterwarnings("ignore::numbadp.AlphaDroppedWarning")
@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupt_at_any_step_leaves_nothing_in_its_traceback(name, monkeypatch):
    """At every opcode of the mechanism: no copy of pixels, no exact sum, no word of a key."""
    options, arrange = INTERRUPTED[name]
    image = picture((16, 17, 3), 5)
    given, own = arrange(image), []
    pixelizer = Pixelizer(image.shape, epsilon=1, m=1, cell=4, **options)
    real = numbadp.compute.forgetting.Scratch.when_done
    monkeypatch.setattr(
        numbadp.compute.forgetting.Scratch,
        "when_done",
        lambda self, *task: own.append(task[1:]) or real(self, *task),
    )
    pixelizer(given)
    secrets = Secrets(image, pixelizer.plan, given)
    for step in range(100_000):
        own.clear()
        error = interrupted_at(step, holds_secrets, lambda: pixelizer(given))
        if error is None:
            break
        secrets.assert_none_in(error, step)
        arrays = [x for arguments in own for x in arguments if isinstance(x, np.ndarray)]
        secrets.assert_none_among(arrays, step)
        del error
    assert 300 < step < 100_000


def test_the_search_of_tracebacks_finds_what_is_there():
    """Power: pixels, sums and words in a frame, a list, a closure or an image are all found."""
    image, plan = picture((16, 17, 3), 5), build_plan((16, 17, 3), epsilon=1, m=1, cell=4)
    secrets = Secrets(image, plan, image)
    sums = measure_sums(kernel_view(image), plan)[0]
    for secret in (image.copy(), [{"a": image[3].copy()}], Image.fromarray(image),
                   image.tobytes(), sums, sums.ravel()[3:9].copy(), fixed_key(3).words):  # fmt: skip
        secrets.keys.append(fixed_key(3).words.copy())
        with pytest.raises(ZeroDivisionError) as caught:
            holds(secret)
        with pytest.raises(AssertionError):
            secrets.assert_none_in(caught.value, 0)
    with pytest.raises(ZeroDivisionError) as caught:
        holds(np.zeros(5))
    secrets.assert_none_in(caught.value, 0)


def holds(held):
    """Fail with something in a frame."""
    raise ZeroDivisionError


class Secrets:
    """What a traceback must not hold: pieces of rows, exact sums, words of keys."""

    def __init__(self, image, plan, given):
        self.given, self.keys = given, []
        self.clean = set()  # contents that were looked at: at most steps they are the same
        self.theirs = given if isinstance(given, np.ndarray) else np.zeros(1)
        flat = image.reshape(image.shape[0], -1)[2:11]  # inside of the boxes
        self.rows = [row[at : at + 12].tobytes() for row in flat for at in (3, 24)]
        self.sums = [s.ravel() for s in measure_sums(kernel_view(image), plan)]

    def assert_none_in(self, error, step):
        """Look through the frames of a traceback, below the test's own, and what they refer to."""
        todo, things = [error], []
        while todo:
            one = todo.pop()
            todo += [e for e in (one.__cause__, one.__context__) if e is not None]
            for frame, _ in traceback.walk_tb(one.__traceback__):
                if frame.f_code.co_filename != __file__ or frame.f_code.co_name == "holds":
                    things += frame.f_locals.values()
        self.assert_none_among([x for x in things if x is not self.given], step)

    def assert_none_among(self, things, step):
        """Look at arrays, bytes and images, also inside containers and objects of the package."""
        for thing in [y for x in things for y in self.parts(x)]:
            if isinstance(thing, np.ndarray):
                if not np.may_share_memory(thing, self.theirs):
                    self.look_at(thing, step)
            elif isinstance(thing, Image.Image):
                self.look_at(np.asarray(thing.convert("RGB")), step)
            elif isinstance(thing, bytes):
                self.look_at(np.frombuffer(thing, np.uint8), step)

    @staticmethod
    def parts(thing):
        """Return a thing, and what it is made of."""
        return [thing, *(x for root in reachable(thing) for x in [root, *insides(root)])]

    def look_at(self, array, step):
        """Compare an array with every secret."""
        data = array.tobytes()
        if (array.dtype, data) in self.clean:
            return
        if array.dtype == np.uint8:
            assert not any(row in data for row in self.rows), step
        if array.dtype == np.uint32 and array.size == 8:
            assert not any(np.array_equal(array, key) for key in self.keys), step
            assert not array.any(), step
        if array.dtype == np.int64 and array.size > 4:
            for sums in self.sums:
                exact = np.isin(array.ravel(), sums[np.abs(sums) > 40])
                assert exact.mean() < 0.5, step
        if array.dtype != np.uint32:  # keys are others at each step
            self.clean.add((array.dtype, data))


def insides(thing):
    """Return what a container holds itself."""
    if isinstance(thing, dict):
        return list(thing.values())
    return list(thing) if isinstance(thing, tuple | list) else []


# --- other threads, other processes ------------------------------------------


def test_eight_threads_give_what_one_gives(helpers_always):
    """Concurrent calls under frozen keys equal serial ones, each with its own noise."""
    jobs = [(case, salt) for salt, case in enumerate([CASE, BY_ID["grey-ragged"], CASE] * 8)]

    def release(job):
        case, salt = job
        return _pixelize(case.image(salt), case.plan(), fixed_key(salt)).values

    serial = [release(job) for job in jobs]
    with ThreadPoolExecutor(8) as pool:
        for found, expected in zip(pool.map(release, jobs), serial, strict=True):
            assert_same(found, expected)


def test_threads_sharing_a_pixelizer_draw_different_noise(helpers_always):
    """Eight threads on one Pixelizer and one picture give eight different releases."""
    pixelizer, image = Pixelizer((16, 16), epsilon=1, cell=1), np.zeros((16, 16), np.uint8)
    with ThreadPoolExecutor(8) as pool:
        seen = {r.values[0].tobytes() for r in pool.map(pixelizer, [image] * 8)}
    assert len(seen) == 8


@can_fork
def test_forked_children_neither_hang_nor_repeat(helpers_always):
    """A parent and two children that inherit a used Pixelizer draw different noise."""
    pixelizer, image = Pixelizer((64, 64), epsilon=1, cell=1), np.zeros((64, 64), np.uint8)
    with numbadp.compute.workers.threads(3):
        seen = [pixelizer(image).values[0].tobytes()]
        seen += [in_child(lambda: pixelizer(image).values[0].tobytes()) for _ in range(2)]
        seen += [pixelizer(image).values[0].tobytes()]
    assert [len(x) for x in seen] == [64 * 64 * 8] * 4
    assert len(set(seen)) == 4


# --- helpers -----------------------------------------------------------------


def reachable(root):
    """Return what an object holds: through containers, arrays and objects of the package."""
    found, todo = {}, [root]
    while todo:
        thing = todo.pop()
        kind = type(thing)
        ours = kind.__module__.startswith("numbadp") and kind is not type
        if id(thing) in found or not (ours or kind in (tuple, list, dict, np.ndarray)):
            continue
        found[id(thing)] = thing
        todo += gc.get_referents(thing)
        if kind is np.ndarray:
            todo.append(thing.base)
    return list(found.values())


def assert_no_secret(things, image, exact):
    """No array but the picture itself holds exact sums of a plane."""
    for array in things:
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu" or array.size < 4:
            continue
        for sums in exact:
            if array.size == sums.size and array.dtype != np.uint8:
                assert (array.ravel() != sums.ravel()).mean() > 0.5
    assert any((sums != 0).mean() > 0.6 for sums in exact)
    assert image.dtype == np.uint8
