"""The case table under pytest-benchmark: ``pytest bench --benchmark-enable``.

Ratios and bounds come from ``python -m bench speed``, whose rounds are interleaved; this suite is
for comparing runs with each other (``--benchmark-save``, ``--benchmark-compare``).
"""

from contextlib import nullcontext

import pytest

from bench.cases import CASES
from bench.machine import describe_machine
from bench.pictures import SIZES
from bench.scene import scenes
from numbadp.compute.workers import threads

pytest.importorskip("pytest_benchmark")

_MATRIX = [(size, case) for size in SIZES for case in CASES if size in case.sizes]


@pytest.mark.parametrize(
    ("size", "case"), _MATRIX, ids=[f"{size}-{case.id}" for size, case in _MATRIX]
)
def test_speed(benchmark, size, case):
    """Time one case on one picture."""
    if not case.available:
        pytest.skip(f"{case.needs} is not installed")
    benchmark.group = f"{size} RGB: {case.group}"
    benchmark.extra_info.update(describe_machine(), size=size, case=case.id)
    call = case.build(scenes(size)[0])
    slow = case.every > 1
    with nullcontext() if case.threads is None else threads(case.threads):
        benchmark.pedantic(call, rounds=3 if slow else 20, warmup_rounds=0 if slow else 3)
