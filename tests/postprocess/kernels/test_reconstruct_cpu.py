"""The compiled iteration: item by item, step by step, packed, and never fused."""

import json
import os
import platform
import re
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from oracles import reconstruct as oracle

from numbadp.postprocess.islands import island_tables
from numbadp.postprocess.kernels.reconstruct_cpu import reconstruct_cpu, reconstruct_shares_cpu
from numbadp.postprocess.reconstruct import (
    ITERATIONS,
    frozen_rows,
    reconstruct,
    solver_state,
    solver_tables,
    subgrid,
)
from postprocess.releases import Case, noisy_values, some_rows, worked

from .items import assert_items_are_independent, run_from, run_together


def arguments(case, values, iterations, out):
    """Return the kernel's arguments after the number of items."""
    plan = case.plan()
    t, where = solver_tables(plan.planes), island_tables(plan)
    rows = tuple(frozen_rows(plan, value).reshape(1, -1) for value in values)
    return (
        rows, t.numbers, t.gains, t.reals, where.islands, where.subs, where.masks, where.order,
        where.shelves, iterations, tuple(plane.reshape(1, -1) for plane in out),
    )  # fmt: skip


def blank(case):
    """Return outputs full of a number that no kernel writes."""
    plan = case.plan()
    return tuple(np.full((plan.batch, *subgrid(plan, p)), -29999, np.int16) for p in plan.planes)


@some_rows("grey-ragged", "ygo-coarse-ragged", "batch-ygo-coarse", "batch-grey")
def test_an_item_is_one_plane_of_one_picture(case):
    """Item k writes plane k // N of picture k % N alone, in any order, on any thread."""
    values, pictures = worked(case.id)[0], case.plan().batch
    assert_items_are_independent(
        reconstruct_cpu,
        pictures * len(values),
        lambda: blank(case),
        lambda out: arguments(case, values, ITERATIONS, out),
        lambda out: [(plane[n],) for plane in out for n in range(pictures)],
    )


@pytest.mark.parametrize("steps", [0, 1, 2, 7])
@some_rows("grey-ragged", "grey-cell-1", "ygo-coarse-ragged", "ygo-cell-1")
def test_every_number_of_steps_equals_the_reference(case, steps, monkeypatch):
    """From the clipped start on, step by step.  Oracle: tests/oracles/reconstruct.py."""
    monkeypatch.setattr(oracle, "STEPS", steps)
    plan, values, out = case.oracle_plan(), noisy_values(case, 5), blank(case)
    run_from(reconstruct_cpu, 0, len(values), *arguments(case, values, steps, out))
    for found, own, plane in zip(out, values, plan.planes, strict=True):
        np.testing.assert_array_equal(found[0], oracle.reconstruct(own, plane, plan.shape))


def test_zero_steps_are_the_clipped_means():
    """The start, worked by hand: sums over counts, clipped, partial cells by their own count."""
    case = Case("start", (3, 5), "1", 1, {"cell": 2})
    values = np.array([[400, 4000, 120], [-90, 100, 77]])
    out = blank(case)
    run_from(reconstruct_cpu, 0, 1, *arguments(case, (values,), 0, out))
    expected = [[100, 100, 255, 255, 60], [100, 100, 255, 255, 60], [0, 0, 50, 50, 77]]
    assert abs(out[0][0] / 64 - expected).max() <= 1 / 64


def test_levels_round_halves_to_even_64ths():
    """A single pixel keeps its value: noise level 64 * 255 / 1024 divides it exactly."""
    case = Case("even", (1, 1), Fraction(255, 128), 1, {"cell": 16})
    plane = case.plan().planes[0]
    assert plane.level_scale * 2 == 1  # a unit is one grey level; one pixel is 1 / 256 of a cell
    for value in range(100, 110):
        found = reconstruct(case.plan(), (np.array([[value]]),))[0]
        assert found.tolist() == [[[64 * value]]]


# --- shares of the iterations ------------------------------------------------


def shares_arguments(case, values, shares, out):
    """Return the arguments of the kernel whose threads follow each other."""
    *front, _, steps, last = arguments(case, values, ITERATIONS, out)
    plan = case.plan()
    state = solver_state(solver_tables(plan.planes), island_tables(plan))
    return *front, steps, *state, np.zeros((len(values), shares + 1), np.int64), last


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("shares", [1, 2, 3, 4, 7])
@some_rows(
    "grey-one-pixel",
    "grey-row",
    "grey-cell-1",
    "grey-tiles",
    "ygo-cell-1",
    "ygo-tiles",
    "rgb-tiles",
)
def test_threads_that_follow_each_other_change_nothing(case, shares, threads):
    """However the iterations are dealt out, and to however many threads, the bits are the same.

    Fewer threads than shares must not wait for each other for ever.  Oracle: the reference.
    """
    values, expected = worked(case.id)
    out = blank(case)
    run_together(
        reconstruct_shares_cpu,
        len(values) * shares,
        *shares_arguments(case, values, shares, out),
        threads=threads,
    )
    for found, grid in zip(out, expected.grids, strict=True):
        np.testing.assert_array_equal(found, grid)


# --- what the compiler made of it --------------------------------------------


# In a process of its own: kernels that were loaded from a cache have no code to read.
SCRIPT = """
import json
import sys
import numpy
from numbadp import Pixelizer
from numbadp.postprocess.kernels.reconstruct_cpu import reconstruct_cpu
from numbadp.postprocess.reconstruct import reconstruct
for shape in ((9, 9), (9, 9, 3)):
    plan = Pixelizer(shape, epsilon=1, m=1).plan
    reconstruct(plan, tuple(numpy.zeros(plane.grid, numpy.int64) for plane in plan.planes))
listings = reconstruct_cpu.inspect_llvm(), reconstruct_cpu.inspect_asm()
json.dump([(listings[0][key], listings[1][key]) for key in listings[0]], open(sys.argv[1], "w"))
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Return (LLVM IR, assembly) of every compiled variant."""
    path = tmp_path_factory.mktemp("code") / "listings.json"
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        check=True, timeout=1200, env={**os.environ, "NUMBADP_CACHE": "0"},
    )  # fmt: skip
    found = json.loads(path.read_text())
    assert len(found) == 1  # one for grey and colour
    return found


DEFINED = re.compile(r"(%\S+) = (\w+) (.*)")
OPERANDS = re.compile(r"((?:\w+ )*)(<\d+ x \w+>|float|double) (.+), ([^,]+|<.+>|splat .+)$")
FUSED_CALL = re.compile(r"llvm\.(?:fma|fmuladd)")
FUSED_CODE = re.compile(r"\bv?fn?m(?:add|sub|addsub|subadd)\d*[sp][sd]\b")


def operations(code):
    """Yield (line, name, operation, flags, operands) of float arithmetic, None between functions."""
    for line in code.splitlines():
        if line.startswith("define"):
            yield None
        match = DEFINED.match(line.split(", !")[0].strip())
        if match and match[2] in ("fmul", "fadd", "fsub"):
            flags, _, *operands = OPERANDS.match(match[3]).groups()
            yield line, match[1], match[2], set(flags.split()), set(operands)


def loose_flags(code):
    """Return arithmetic in LLVM IR that allows contraction."""
    rows = filter(None, operations(code))
    return [line for line, _, _, flags, _ in rows if flags & {"fast", "contract", "reassoc"}]


def test_nothing_is_marked_for_contraction(compiled):
    """Optimised IR has no loose flag and no fused call, so LLVM may not contract."""
    for code, _ in compiled:
        assert code.count("fmul <16 x float>") > 50
        assert not FUSED_CALL.search(code)
        assert loose_flags(code) == []


def test_the_search_for_fused_code_notices_it():
    """Power: a loose flag, a fused call and a fused instruction are found."""
    total = "  %4 = fsub <16 x float> %5, %3\n"
    assert loose_flags(total) == []
    assert len(loose_flags(total.replace("fsub", "fadd nsz contract"))) == 1
    assert FUSED_CALL.search("call <16 x float> @llvm.fmuladd.v16f32(")
    assert all(map(FUSED_CODE.search, ("vfmadd213ps %zmm1", "vfnmadd231ss %xmm0", "fmsub132pd x")))
    assert not any(map(FUSED_CODE.search, ("vmulps %zmm1", "vaddps", "fmulp", "vpmaddwd")))


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="x86 names")
def test_the_machine_code_is_packed_and_not_fused(compiled):
    """The loops multiply, add and compare whole vectors, and no instruction fuses."""
    for _, code in compiled:
        assert not FUSED_CODE.search(code)
        for name in ("mulps", "addps", "subps", "minps", "maxps"):
            packed = re.findall(rf"\bv?{name}\b.*%[xyz]mm", code)
            assert len(packed) >= 8, name
