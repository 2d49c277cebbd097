"""Regions on the GPU, in the simulator: pixels of any strides, apart by a public mask."""

from simulator import run_python


def test_strided_pictures_are_divided_by_the_mask():
    """Planes, padded and flipped rows: inside is packed in rows of sixteens, outside is packed."""
    run_python(
        "import numpy as np\n"
        "from gpu_child import Exported, memory_layouts\n"
        "from layout_cases import disc\n"
        "from numbadp.mechanism.inputs_cuda import read_device\n"
        "from numbadp.mechanism.planning import build_plan\n"
        "from numbadp.mechanism.run_leaves_cuda import split_by_region_on_device\n"
        "from numbadp.compute.forgetting import Scratch\n"
        "image, views = memory_layouts()\n"
        "mask = disc((18, 32))\n"
        "mask[:, -1] = True\n"
        "plan = build_plan((18, 32, 3), epsilon=9, m=1, layout='free', cell=4, mask=mask)\n"
        "zero = np.uint8(0)\n"
        "for view in (image, *views.values()):\n"
        "    with Scratch() as own:\n"
        "        found = split_by_region_on_device(read_device(Exported(view)), plan, own)\n"
        "        measured, room, outside = found\n"
        "        inside = measured.owner.copy_to_host().reshape(18, room, 3)\n"
        "        assert room == 32 and measured.strides == (96, 3, 1)\n"
        "        assert (inside == np.where(mask[..., None], image, zero)).all()\n"
        "        own.hand_out(outside)\n"
        "    assert (outside.copy_to_host() == np.where(mask[..., None], zero, image)).all()\n"
        "    assert not measured.owner.copy_to_host().any()\n"
    )
