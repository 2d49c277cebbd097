"""Noisy sums in a file: exact whatever they are, as specified, and close to what noise allows."""

import math

import numpy as np
import pytest
from cases import assert_same
from hypothesis import given
from oracles import dpz
from postprocess.releases import BY_ID, Case, cases_with_values, noisy_values, values_of

from numbadp.errors import FileFormatError
from numbadp.storage.stored_values import decode_values, encode_values

EXTREMES = (-(2**63), 2**63 - 1, 0, -1, 1, 2**62, -(2**62))


def there_and_back(case, values):
    """Return what comes back from bytes."""
    return decode_values(memoryview(encode_values(tuple(values))), case.plan())


@given(cases_with_values())
def test_any_values_come_back(given_case):
    case, values = given_case
    assert_same(there_and_back(case, values), values)


@pytest.mark.parametrize("name", ["grey-ragged", "batch-ygo-coarse"])
def test_extremes_come_back(name):
    """Every 64-bit integer, although differences of neighbours leave the range."""
    case = BY_ID[name]
    values = values_of(case, lambda k, plane, counts: np.resize(np.array(EXTREMES), counts.shape))
    assert_same(there_and_back(case, values), values)


@pytest.mark.parametrize("name", ["grey-ragged", "ygo-tiles-noisy", "batch-rgb"])
def test_bytes_are_as_specified(name):
    """Oracle: tests/oracles/dpz.py."""
    case = BY_ID[name]
    values = noisy_values(case, 5)
    plan = case.plan()
    head = {"batch": plan.batch, "height": plan.height, "width": plan.width, "planes": plan.planes}
    found = dpz._values(dpz.Stream(encode_values(tuple(values))), head)
    assert found == [value.ravel().tolist() for value in values]


def test_values_take_little_more_than_their_noise():
    """A plain picture's file is within a tenth of the entropy of its Laplace noise."""
    case = Case("plain", (1080, 1920), "1", 16)
    plane = case.plan().planes[0]
    values = np.random.default_rng(3).laplace(0, float(plane.scale), plane.grid).astype(np.int64)
    entropy = values.size * math.log2(2 * math.e * float(plane.scale)) / 8
    assert len(encode_values((values,))) < 1.1 * entropy


def test_plain_values_without_noise_pack():
    ramp = np.arange(10**5, dtype=np.int64).reshape(100, 1000) * 100
    assert len(encode_values((ramp,))) < ramp.size / 50


def bodies():
    """Return contents of VALS for one plane of two sums, and what is wrong with them."""
    good = dpz.stored(b"\1\2")
    yield "no planes", b""
    yield "unknown way", dpz.count(2) + dpz.count(1) + good
    yield "no width", dpz.count(0) + dpz.count(0)
    yield "nine bytes", dpz.count(0) + dpz.count(9) + good * 9
    yield "too few sums", dpz.count(0) + dpz.count(1) + dpz.stored(b"\1")
    yield "too many sums", dpz.count(0) + dpz.count(1) + dpz.stored(b"\1\2\3")
    yield "a byte is missing", dpz.count(0) + dpz.count(2) + good
    yield "something follows", dpz.count(0) + dpz.count(1) + good + b"x"


@pytest.mark.parametrize("body", [b for _, b in bodies()], ids=[n for n, _ in bodies()])
def test_refuses_contents(body):
    plan = Case("two", (2, 4), "1", 1, {"cell": 2}).plan()
    with pytest.raises(FileFormatError):
        decode_values(memoryview(body), plan)
