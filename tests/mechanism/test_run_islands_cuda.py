"""Islands of pictures on a GPU, in the simulator: the CPU's bits, and nothing private is left."""

import pytest
from simulator import run_python

START = (
    "import numpy as np, numbadp, pytest\n"
    "from cases import fixed_key\nfrom islands import BY_ID\n"
    "from numbadp.compute.gpu import cuda\n"
    "from numbadp.mechanism import _pixelize\n"
    "from numbadp.mechanism.running import prepare, run\n"
)


@pytest.mark.parametrize("name", ["boxes-ygo", "mask-ring-grey", "mask-batch", "boxes-of-each"])
def test_releases_equal_the_cpu(name):
    """Values and backgrounds of pictures on the device, and of pictures in host memory."""
    run_python(
        START + f"case = BY_ID[{name!r}]\nimage = case.image()\n"
        "expected = _pixelize(image, case.plan(), fixed_key())\n"
        "found = _pixelize(cuda.to_device(image), case.plan(), fixed_key())\n"
        "for a, b in zip((*found.values, found.background), (*expected.values, expected.background),"
        " strict=True):\n"
        "    assert not isinstance(a, np.ndarray) and (a.copy_to_host() == b).all()\n"
        "assert (found.to_host().render() == expected.render()).all()\n"
        "host = run(image, prepare(case.plan()), fixed_key(), 'cuda')\n"
        "assert all((a == b).all() for a, b in zip(host.values, expected.values, strict=True))\n"
    )


def test_no_pixel_of_the_inside_is_left_in_copies():
    """The copy on the device and the page-locked one are cleared when the release is there."""
    run_python(
        START + "from numbadp.mechanism import run_islands_cuda\n"
        "from numbadp.compute.pinned import PINNED\n"
        "case, seen = BY_ID['boxes-ygo'], []\n"
        "real = run_islands_cuda.split_by_region_on_device\n"
        "def watched(*arguments):\n"
        "    seen.append(real(*arguments))\n    return seen[-1]\n"
        "run_islands_cuda.split_by_region_on_device = watched\n"
        "_pixelize(cuda.to_device(case.image() | 1), case.plan(), fixed_key())\n"
        "((measured, _, background),) = seen\n"
        "assert not measured.owner.copy_to_host().any()\n"
        "assert not background.copy_to_host().any()\n"
        "assert PINNED._free and not any(buffer.any() for buffer in PINNED._free)\n"
    )


def test_what_cannot_be_left_is_refused():
    """Boxes of each picture are painted into a picture of whole frames alone."""
    run_python(
        START + "case = BY_ID['boxes-of-each']\n"
        "with pytest.raises(numbadp.BackendError, match='one picture at a time'):\n"
        "    run(cuda.to_device(case.image()), prepare(case.plan()), fixed_key(), outside='leave')\n"
    )
