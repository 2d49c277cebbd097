"""Islands painted where their release lies, in the simulator: the CPU's bytes, at any strides."""

import pytest
from simulator import run_python

START = (
    "import numpy as np, numbadp, pytest\n"
    "from cases import fixed_key\nfrom islands import BY_ID\n"
    "from numbadp.compute.gpu import cuda\n"
    "from numbadp.mechanism import _pixelize\n"
    "from numbadp.mechanism.inputs_cuda import read_device\n"
    "from numbadp.mechanism.running import prepare, run\n"
)


@pytest.mark.parametrize("name", ["boxes-ygo", "mask-specks", "boxes-of-each"])
def test_pictures_equal_the_cpu(name):
    """Every style, and the quadtrees."""
    run_python(
        START + f"case = BY_ID[{name!r}]\nimage = case.image()\n"
        "expected = _pixelize(image, case.plan(), fixed_key())\n"
        "found = _pixelize(cuda.to_device(image), case.plan(), fixed_key())\n"
        "for style in ('mosaic', 'smooth', 'cells'):\n"
        "    assert (found.render(style).copy_to_host() == expected.render(style)).all()\n"
        "assert (found.quadtree().paint() == expected.render()).all()\n"
    )


def test_without_what_lies_outside_the_picture_itself_is_painted_into():
    """Only the islands are written; without out= there is nothing to paint into."""
    run_python(
        START + "case = BY_ID['boxes-ygo']\nimage = case.image()\n"
        "expected = _pixelize(image, case.plan(), fixed_key()).render()\n"
        "frame = cuda.to_device(image)\n"
        "found = run(read_device(frame), prepare(case.plan()), fixed_key(), outside='leave')\n"
        "with pytest.raises(numbadp.OutputError, match='Pass the picture'):\n"
        "    found.render()\n"
        "assert found.render(out=frame) is frame\n"
        "assert (frame.copy_to_host() == expected).all()\n"
    )
