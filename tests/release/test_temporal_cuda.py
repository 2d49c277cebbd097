"""The temporal filter over releases on a GPU, in the simulator: the CPU's frames, painted there."""

from functools import cache

import numpy as np
import pytest
from gpu_temporal import FILMS, few_iterations, seen_of
from simulator import run_python, simulated

import numbadp

BY_ID = {film.id: film for film in FILMS}


@cache
def on_cpu(name):
    with few_iterations():
        return seen_of(BY_ID[name])


@pytest.mark.parametrize("name", BY_ID)
def test_films_equal_the_cpu(name):
    """Sums, planes, ranges, flags, leaves and pictures; grey and colour, ragged, in all versions."""
    for key, wanted in on_cpu(name).items():
        np.testing.assert_array_equal(simulated()[key], wanted, err_msg=key)


def test_films_show_what_they_are_for():
    """Power: something moves, a scene is cut, and other cells go on."""
    told = [on_cpu("film-grey")[f"film-grey/{t}/told"] for t in range(4)]
    assert 0 < told[2][0] < 0.5 and told[3][1]
    assert not on_cpu("film-other-cells")["film-other-cells/3/told"][1]
    np.testing.assert_array_equal(simulated()["film-idle"], -1)


def test_a_frame_promises_what_its_release_does():
    """Post-processing: the same object, before anything is painted."""
    from numbadp.release.temporal_cuda import DeviceSteadyRelease

    release = numbadp.pixelize(np.zeros((16, 16), np.uint8), epsilon="1/3")
    frame = DeviceSteadyRelease(release, None, (), None)
    assert frame.guarantee is release.guarantee and frame.plan is release.plan


START = """
import numpy as np, pytest
import numbadp
from cases import picture
from gpu_child import use_small_blocks
from gpu_temporal import Film, few_iterations, on_device
from numbadp.compute.gpu import cuda
from numbadp.postprocess import painter_cuda
from numbadp.release import temporal_cuda
use_small_blocks()
film = Film("film", (9, 21), (8, 8, 8))
steady = numbadp.TemporalFilter()
def frames(place=on_device):
    with few_iterations():
        for release in film.releases():
            yield steady.steady(place(release))
"""


def test_frames_are_releases_on_the_device():
    """The release's guarantee; read-only sums and pictures there; and all of it in host memory."""
    run_python(
        START + "for release, frame in zip(film.releases(), frames()):\n    pass\n"
        "assert frame.guarantee == release.guarantee and frame.plan == release.plan\n"
        "assert frame.layout.cell == 8 and 'DeviceSteadyRelease' in repr(frame)\n"
        "with pytest.raises(ValueError, match='read-only'):\n    frame.values[0][0] = 1\n"
        "out = cuda.to_device(np.zeros((9, 21), np.uint8))\n"
        "assert frame.render('cells', out=out) is out and out.copy_to_host().any()\n"
        "below = frame.to_host()\n"
        "assert isinstance(below, temporal_cuda.SteadyRelease)\n"
        "np.testing.assert_array_equal(below.render('cells'), out.copy_to_host())\n"
        "np.testing.assert_array_equal(np.asarray(frame.to_pil('cells')), out.copy_to_host())\n"
        "up = lambda grid, size: np.zeros(size, np.uint8)\n"
        "assert not frame.render('smooth', upsampler=up).any()\n"
        "for options in ({'effort': 'best'}, {'version': 0}, {'side': 3}, {'effort': 1},\n"
        "                {'out': np.zeros((9, 21), np.uint8)}, {'style': 'no'}):\n"
        "    with pytest.raises(numbadp.NumbadpError):\n        frame.render(**options)\n"
        "with pytest.raises(numbadp.NumbadpError):\n    frame.to_pil(version=0)\n"
        "before = frame.to_host().render('cells')\n"
        "with few_iterations():\n    steady.steady(on_device(release))\n"
        "np.testing.assert_array_equal(frame.to_host().render('cells'), before)\n"
    )


def test_nothing_comes_down_and_nothing_goes_up_for_a_frame():
    """Only who asks whether a scene began waits for the device."""
    run_python(
        START + "from numbadp.compute import device\n"
        "from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray\n"
        "releases = [on_device(release) for release in film.releases()]\n"
        "with few_iterations():\n    steady.steady(releases[0])\n"
        "    FakeCUDAArray.copy_to_host = cuda.to_device = None\n"
        "    device.cuda.to_device = temporal_cuda.download = None\n"
        "    for release in releases[1:]:\n        frame = steady.steady(release)\n"
        "    with pytest.raises(TypeError):\n        steady.moving\n"
    )


def test_a_filter_works_where_its_first_release_was():
    """In host memory, on one GPU or on another; what is refused is not counted."""
    run_python(
        START + "(first, *_), (there, *_) = list(film.releases()), [\n"
        "    on_device(release) for release in film.releases()]\n"
        "host = numbadp.TemporalFilter()\n"
        "with few_iterations():\n"
        "    host.steady(first), steady.steady(there)\n"
        "with pytest.raises(numbadp.BackendError, match='its state in host memory, and the rel'):\n"
        "    host.steady(there)\n"
        "with pytest.raises(numbadp.BackendError, match='on GPU 0, and the release lies in host'):\n"
        "    steady.steady(first)\n"
        "temporal_cuda.device_number = lambda: 1\n"
        "with pytest.raises(numbadp.BackendError, match='state on GPU 0, and the .* lives on GPU 1'):\n"
        "    steady.steady(there)\n"
        "assert (host.frames, steady.frames) == (1, 1)\n"
        "from numbadp.compute import device\n"
        "device.home_of = lambda array: 3\n"
        "for call in (lambda: steady.steady(there), lambda: numbadp.TemporalFilter().steady(there)):\n"
        "    with pytest.raises(numbadp.BackendError, match='the release lives on GPU 3'):\n"
        "        call()\n"
    )


def test_another_stream_is_waited_for_and_waits():
    """The state has one stream: frames of others come after what made them, and before what later
    gets their memory."""
    run_python(
        START + "seen, state = [], temporal_cuda.follow\n"
        "temporal_cuda.follow = lambda later, earlier: seen.append((later, earlier))\n"
        "(first, second, *_) = [on_device(release) for release in film.releases()]\n"
        "with few_iterations():\n"
        "    steady.steady(first)\n    steady._state._stream = 'ours'\n    seen.clear()\n"
        "    steady._take = lambda release: seen.append('taken')\n    steady.steady(second)\n"
        "assert seen == [('ours', 0), 'taken', (0, 'ours')], seen\n"
    )


def test_pictures_go_back_to_where_the_original_was():
    run_python(
        START + "class Home:\n    def put(self, painted):\n        return 'home', painted\n"
        "def at_home(release):\n    found = on_device(release)\n"
        "    object.__setattr__(found, 'home', Home())\n    return found\n"
        "*_, frame = frames(at_home)\n"
        "assert frame.render('cells')[0] == 'home' and frame.to_pil('cells').size == (21, 9)\n"
        "out = cuda.to_device(np.zeros((9, 21), np.uint8))\n"
        "assert frame.render('cells', out=out) is out\n"
    )


@pytest.mark.parametrize("outside", ["keep", "leave"])
def test_boxes_are_filtered_by_the_cpu_and_painted_on_the_device(outside):
    """The pictures of the same frames in host memory, with what lies outside."""
    run_python(
        START + "image = picture((24, 40, 3))\nresident = cuda.to_device(image)\n"
        "host = numbadp.TemporalFilter()\nfor t in range(3):\n"
        "    release = numbadp.pixelize(resident, epsilon=9, m=1, cell=4, boxes=[(4, 4, 36, 20)],\n"
        f"                               outside={outside!r})\n"
        "    frame, wanted = steady.steady(release), host.steady(release.to_host())\n"
        "assert frame.guarantee == release.guarantee == wanted.guarantee\n"
        "assert frame.steadied == wanted.steadied == ((4, 4, 36, 20),)\n"
        "assert 'DeviceSteadyIslands' in repr(frame) and len(frame.quadtree()) > 0\n"
        "for a, b in zip(frame.values, wanted.values):\n"
        "    np.testing.assert_array_equal(a.copy_to_host(), b)\n"
        "for style in ('cells', 'smooth', 'mosaic'):\n"
        "    out = cuda.to_device(image)\n    assert frame.render(style, out=out) is out\n"
        "    here = wanted.render(style, out=image.copy())\n"
        "    np.testing.assert_array_equal(out.copy_to_host(), here)\n"
        "assert (frame.background is None) is (wanted.background is None)\n"
        "with pytest.raises(numbadp.OptionError):\n    frame.render(effort='tv')\n"
        "assert frame.to_host().steadied == wanted.steadied\n"
    )
