"""The same equality on a real device: ``pytest -m gpu``."""

import numpy as np
import pytest
from cases import CASES, Case, assert_same, fixed_key
from gpu_temporal import FILMS, Film, on_device, seen_of
from layout_cases import LAYOUT_CASES, LayoutCase, disc, zones

from numbadp.compute.backend import backends
from numbadp.mechanism import _pixelize

AVAILABLE = next(backend for backend in backends() if backend.name == "cuda")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not AVAILABLE.available, reason=f"no CUDA: {AVAILABLE.reason}"),
]
LARGE = (
    Case("1080p", (1080, 1920, 3)),
    Case("4k", (2160, 3840, 3)),
    Case("4k-fine", (2160, 3840, 3), "40", 1),
    Case("4k-uniform", (2160, 3840, 3), options={"layout": "uniform"}),
    Case("ragged-8mp", (2447, 3275, 3), "8", 4),
    Case("grey-4k", (2160, 3840), "2", 4),
    Case("batch-of-8", (8, 1080, 1920, 3)),
    Case("batch-of-tiles", (70_000, 8, 8, 1), "30", 1, {"cell": 4}),
)
MIXED = (
    LayoutCase("zones-1080p", (1080, 1920, 3), layout=zones([((300, 200, 900, 700), 8)], 32)),
    LayoutCase("private-1080p", (1080, 1920, 3), layout="private"),
    LayoutCase("private-grey-4k", (2160, 3840), "2", 4, layout="private"),
    LayoutCase("private-batch-of-4", (4, 540, 960, 3), layout="private"),
    LayoutCase("exact-1080p", (1080, 1920, 3), layout="exact"),
    LayoutCase("boxes-1080p", (1080, 1919, 3), options={"boxes": [(100, 90, 1500, 900)]}),
    LayoutCase("mask-private-1080p", (1080, 1919, 3), layout="private", mask=disc),
)
LONG = (
    Film("film-1080p", (1080, 1920, 3), (8,) * 30, (20,), epsilon=3),
    Film("film-ragged", (701, 1099), (8,) * 30 + (4,) * 6 + (8,) * 3, (), {"effort": "tv"}),
    Film("film-fine", (1080, 1919, 3), (4,) * 12, epsilon=2),
)
every_film = pytest.mark.parametrize("film", (*FILMS, *LONG), ids=lambda film: film.id)
every_mixed_row = pytest.mark.parametrize("case", (*LAYOUT_CASES, *MIXED), ids=lambda case: case.id)
every_row = pytest.mark.parametrize("case", (*CASES, *LARGE), ids=lambda case: case.id)


@every_row
def test_device_pictures_give_the_bits_of_the_cpu(case):
    """Values, all three styles and the leaves."""
    from numbadp.compute.gpu import cuda

    image = case.image()
    expected = _pixelize(image, case.plan(), fixed_key())
    found = _pixelize(cuda.to_device(image), case.plan(), fixed_key())
    assert_same(found.to_host().values, expected.values)
    for style in ("cells", "mosaic", "smooth"):
        np.testing.assert_array_equal(found.render(style).copy_to_host(), expected.render(style))
    np.testing.assert_array_equal(found.quadtree().levels, expected.quadtree().levels)


@every_mixed_row
def test_mixed_leaves_and_regions_give_the_bits_of_the_cpu(case):
    """Values, levels, background, all three styles and the leaves."""
    from numbadp.compute.gpu import cuda

    image = case.image()
    expected = _pixelize(image, case.plan(), fixed_key())
    found = _pixelize(cuda.to_device(image), case.plan(), fixed_key())
    assert_same(found.to_host().values, expected.values)
    assert found.layout == expected.layout
    if expected.background is not None:
        np.testing.assert_array_equal(found.to_host().background, expected.background)
    for style in ("cells", "mosaic", "smooth"):
        np.testing.assert_array_equal(found.render(style).copy_to_host(), expected.render(style))
    np.testing.assert_array_equal(found.quadtree().levels, expected.quadtree().levels)


@every_film
def test_steadied_frames_have_the_bits_of_the_cpu(film):
    """Sums, planes, ranges and flags of every frame, and the last one in its styles."""
    found = seen_of(film, on_device)
    for key, wanted in seen_of(film).items():
        np.testing.assert_array_equal(found[key], wanted, err_msg=key)


def test_steadied_frames_of_device_pictures():
    """Released and steadied on a stream of the caller's, painted into an array of another one."""
    import numbadp
    from numbadp.compute.gpu import cuda

    case = Case("steady", STREAMS, "8", 1)
    own, theirs = cuda.stream(), cuda.stream()
    steady, host = numbadp.TemporalFilter(), numbadp.TemporalFilter()
    out = cuda.to_device(np.zeros(STREAMS, np.uint8), stream=theirs)
    for n in range(6):
        picture = np.ascontiguousarray(np.roll(case.image(), 4 * n, axis=1))
        resident = cuda.to_device(picture, stream=(own, theirs)[n % 2])
        release = _pixelize(resident, case.plan(), fixed_key())
        assert steady.steady(release).render(out=out) is out
        wanted = host.steady(_pixelize(picture, case.plan(), fixed_key())).render()
        np.testing.assert_array_equal(out.copy_to_host(stream=theirs), wanted)
    assert (steady.moving, steady.restarted) == (host.moving, host.restarted)


class Permuted:
    """A CHW array on the device, seen as H x W x C."""

    def __init__(self, array):
        self.array = array
        height, width = array.shape[1:]
        self.__cuda_array_interface__ = array.__cuda_array_interface__ | {
            "shape": (height, width, 3), "strides": (width, 1, height * width)
        }  # fmt: skip


def test_planes_and_other_streams():
    """CHW in and out by strides, on a stream of the caller's."""
    from numbadp.compute.gpu import cuda

    case = Case("chw", (1080, 1920, 3))
    expected = _pixelize(case.image(), case.plan(), fixed_key())
    stream = cuda.stream()
    planes = np.ascontiguousarray(case.image().transpose(2, 0, 1))
    found = _pixelize(Permuted(cuda.to_device(planes, stream=stream)), case.plan(), fixed_key())
    painted = cuda.to_device(planes, stream=stream)
    out = Permuted(painted)
    for style in ("cells", "mosaic", "smooth"):
        found.render(style, out=out)
        stream.synchronize()
        on_host = painted.copy_to_host().transpose(1, 2, 0)
        np.testing.assert_array_equal(on_host, expected.render(style))


@pytest.mark.parametrize("library", ["torch", "cupy"])
def test_other_libraries(library):
    """Their arrays come in as they are, on their current stream."""
    module = pytest.importorskip(library)
    case = Case("theirs", (270, 480, 3), "8", 1)
    if library == "torch":
        image = module.as_tensor(case.image(), device="cuda")
    else:
        image = module.asarray(case.image())
    expected = _pixelize(case.image(), case.plan(), fixed_key())
    found = _pixelize(image, case.plan(), fixed_key())
    assert_same(found.to_host().values, expected.values)
    back = (
        module.as_tensor(found.render("cells"), device="cuda")
        if library == "torch"
        else module.asarray(found.render("cells"))
    )
    np.testing.assert_array_equal(
        module.asnumpy(back) if library == "cupy" else back.cpu().numpy(), expected.render("cells")
    )


def test_host_pictures():
    """backend="cuda" takes and gives host arrays."""
    import numbadp

    image = Case("host", (1081, 1919, 3)).image()
    release = numbadp.pixelize(image, epsilon=1, backend="cuda")
    assert isinstance(release.values[0], np.ndarray) and isinstance(release.render(), np.ndarray)
    np.testing.assert_array_equal(release.render("cells"), release.to_host().render("cells"))


STREAMS = (270, 480, 3)


def test_streams_take_turns_with_one_plan():
    """Pictures on two streams, released and painted at once, do not meet in each other's memory."""
    from numbadp.compute.gpu import cuda

    case = Case("turns", STREAMS, "8", 1)
    pictures = [np.ascontiguousarray(np.roll(case.image(), 40 * n, axis=1)) for n in range(6)]
    streams = [cuda.stream(), cuda.stream()]
    resident = [cuda.to_device(p, stream=streams[n % 2]) for n, p in enumerate(pictures)]
    releases = [_pixelize(p, case.plan(), fixed_key()) for p in resident]
    painted = [release.render("mosaic") for release in releases]
    for picture, release, found in zip(pictures, releases, painted, strict=True):
        expected = _pixelize(picture, case.plan(), fixed_key())
        assert_same(release.to_host().values, expected.values)
        np.testing.assert_array_equal(found.copy_to_host(), expected.render("mosaic"))


def test_a_picture_of_another_stream_is_painted_in_order():
    """What was queued on it before is done, and what is queued behind sees the whole picture."""
    from numbadp.compute.gpu import cuda

    case = Case("other", STREAMS, "8", 1)
    expected = _pixelize(case.image(), case.plan(), fixed_key()).render("mosaic")
    own, theirs = cuda.stream(), cuda.stream()
    release = _pixelize(cuda.to_device(case.image(), stream=own), case.plan(), fixed_key())
    out = cuda.to_device(np.zeros(STREAMS, np.uint8), stream=theirs)
    assert release.render("mosaic", out=out) is out
    np.testing.assert_array_equal(out.copy_to_host(stream=theirs), expected)
