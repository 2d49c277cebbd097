"""Every CUDA kernel compiles without a GPU, without spills, and private ones without floats."""

import re

import pytest
from ptx import (
    ARCHITECTURES,
    KERNELS,
    PRIVATE,
    assembled,
    compiled,
    compiled_ptx,
    instructions,
    missing,
    module_of,
)

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"PTX leg: {missing()}"),
    pytest.mark.filterwarnings("ignore"),  # other people's, while numba-cuda is imported
]
every_architecture = pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return one folder, so that every kernel is compiled once."""
    return str(tmp_path_factory.mktemp("ptx"))


def test_the_table_names_every_kernel():
    """No kernel of a *_cuda module is missing from the table that is compiled."""
    modules = {module_of(name) for name in KERNELS}
    found = {
        name
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("_cuda") and hasattr(value, "py_func")
    }
    assert found == set(KERNELS)


@every_architecture
@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_compiles_without_spills(name, architecture, folder):
    """Libnvvm and ptxas take it for three generations, and its registers suffice."""
    report = compiled(name, architecture, folder).report
    assert "0 bytes spill stores, 0 bytes spill loads" in report or "spill" not in report
    (registers,) = re.findall(r"Used (\d+) registers", report)
    assert int(registers) <= 128


@every_architecture
@pytest.mark.parametrize("name", ["sweep_cuda", "steady_sweep_cuda", "quadtree_cuda"])
def test_the_registers_of_a_large_block_fit(name, architecture, folder):
    """A multiprocessor has 65,536 registers, given out in eights a thread."""
    (registers,) = re.findall(r"Used (\d+) registers", compiled(name, architecture, folder).report)
    module = module_of(name)
    sides = ("SIDE", "SIDE") if name == "quadtree_cuda" else ("ACROSS_BLOCK", "DOWN_BLOCK")
    threads = getattr(module, sides[0]) * getattr(module, sides[1])
    assert -(-int(registers) // 8) * 8 * threads <= 65_536


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_kernel_has_no_float_and_no_shortcut(name, folder):
    """No float, atomic or warp instruction between pixels and noisy sums."""
    text = compiled(name, ARCHITECTURES[-1], folder).ptx
    assert not re.findall(r"\.f(?:16|32|64)\b", text)
    assert not re.findall(r"\b(?:atom|red|shfl|vote|match|activemask)\b", text)


@pytest.mark.parametrize("name", KERNELS)
def test_nothing_is_fused_or_approximated(name, folder):
    """No fused product, approximate root or quotient, or flush to zero: the CPU has none."""
    text = compiled(name, ARCHITECTURES[-1], folder).ptx
    assert not re.findall(r"\b(?:fma|mad)\.(?:rn|rz|approx|ftz)\S*f(?:32|64)", text)
    assert not re.findall(r"\b(?:\w+\.approx|\w+\.full|\w+\.ftz|\w+\.\w+\.ftz)\b", text)


@every_architecture
@pytest.mark.parametrize("name", [name for name in KERNELS if name not in PRIVATE])
def test_nothing_is_fused_in_machine_code(name, architecture, folder):
    """The assembler may fuse what PTX does not: sums stay sums, but for those inside quotients."""
    found = compiled(name, architecture, folder)
    ops = [op.partition(".")[0] for op in instructions(found.binary)]
    for letter, bits in (("F", 32), ("D", 64)):
        sums = len(re.findall(rf"\b(?:add|sub)\.f{bits}\b", found.ptx))
        assert ops.count(f"{letter}ADD") == sums
        assert "div." in found.ptx or f"{letter}FMA" not in ops


@pytest.mark.parametrize(("way", "fused"), [("plain", True), ("rounded", False)])
def test_fused_machine_code_would_be_seen(way, fused, folder):
    """Power: a plain product that meets a sum is fused, a rounded one is not."""
    from numbadp.compute.gpu import cuda, times

    multiply = {"plain": cuda.jit(device=True)(lambda a, b: a * b), "rounded": times}[way]

    def kernel(x):
        x[0] = multiply(x[1], x[2]) + x[3]

    architecture = ARCHITECTURES[-1]
    text = compiled_ptx(kernel, "float32*1", architecture)
    ops = instructions(assembled(way, text, architecture, folder).binary)
    assert ("FFMA" in ops) is fused and ("FADD" in ops) is not fused


def test_sixteen_bytes_are_one_instruction(folder):
    """Rows are read and flat cells written by vectors of four words."""
    for name in ("measure_rgb_cuda", "measure_planes_cuda"):
        assert "ld.global.v4.u32" in compiled(name, ARCHITECTURES[-1], folder).ptx
    assert "st.global.v4.u32" in compiled("flat_words_cuda", ARCHITECTURES[-1], folder).ptx


def test_four_rows_are_loaded_before_they_are_added(folder):
    """Twelve loads in one piece of straight code, of interleaved colour and of planes."""
    for name, loads in (("measure_rgb_cuda", 12), ("measure_planes_cuda", 4)):
        text = compiled(name, ARCHITECTURES[-1], folder).ptx
        pieces = re.split(r"^\$\w+:|\bbra\b", text, flags=re.MULTILINE)
        assert max(piece.count("ld.global.v4.u32") for piece in pieces) >= loads


@pytest.mark.parametrize("name", KERNELS)
def test_long_divisions_are_short_where_numbers_are(name, folder):
    """Wherever 64 bits are divided, a test of the high halves leads to 32 bits: nobody has to."""
    text = compiled(name, ARCHITECTURES[-1], folder).ptx
    long = len(re.findall(r"\b(?:div|rem)\.[su]64\b", text))
    assert long <= len(re.findall(r"\b(?:div|rem)\.u32\b", text))


def test_a_double_round_is_ninety_six_instructions_of_32_bits(folder):
    """The loop of the cipher rotates by funnel shifts and holds no word of 64 bits."""
    text = compiled("noise_cuda", ARCHITECTURES[-1], folder).ptx
    blocks = re.split(r"^\$\w+:", text, flags=re.MULTILINE)
    loop = next(block for block in blocks if block.count("shf.l.wrap.b32") >= 32)
    loop = re.split(r"\bbra\b", loop)[0]  # what follows its last jump is no part of it
    counts = [loop.count(f"{op} ") for op in ("shf.l.wrap.b32", "xor.b32", "add.s32")]
    assert counts[0] == 32 and counts[1] == 32 and 32 <= counts[2] <= 34  # and the loop
    # Numba's loop counter has 64 bits; nothing else has.
    wide = re.findall(r"\b(?:add|sub|xor|shl|shr|or|and|mul)\.\w*64", loop)
    assert wide in ([], ["add.s64"])


def test_the_counts_would_see_wide_words(folder):
    """Power: the scalar cipher, on masked 64-bit words, has no funnel shift to count."""
    from numbadp.compute.gpu import jit_device
    from numbadp.mechanism.kernels.chacha_body import build_block

    block = build_block(jit_device)

    def kernel(key, out):
        words = block(key, key[0], key[1], key[2], key[3])
        out[0] = words[0] ^ words[15]

    text = compiled_ptx(kernel, "uint64*1 uint64*1", ARCHITECTURES[-1])
    assert text.count("xor.b64") >= 32
