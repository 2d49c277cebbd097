"""The denoiser's beginning: what is new begins anew and takes longer, the rest goes on or waits."""

import numpy as np

from numbadp.postprocess.kernels.reconstruct_row import BAR, VALUE
from numbadp.postprocess.kernels.steady_denoise_cpu import (
    FRESH,
    YOUNG,
    begin,
    deal_turns,
    deal_turns_cpu,
    denoise_cpu,
    next_run,
    weigh,
)
from numbadp.postprocess.kernels.steady_row import CAP, STATE_PLANES, STEP, WEIGHT

LIMITS = np.float32(0), np.float32(255)


def test_only_what_is_new_begins_anew():
    shown = np.array([[10, 300, 80]], np.float32)
    v, noise = np.ones_like(shown), np.array([[0.5, 1.0, 1.0]], np.float32)
    state = np.full((STATE_PLANES, 3, 16), 5, np.float32)
    begin(shown, noise, v, np.float32(0.9), *LIMITS, 0, 0, 2, state)
    assert (state[BAR : VALUE + 4, 1, 0] == 5).all()
    assert (state[BAR : VALUE + 4, 1, 1] == 255).all()
    assert (state[VALUE + 4 : WEIGHT, 1, 1] == 0).all()
    assert (state[:, 1, 2] == 5).all()  # beyond the cells that were asked for


def test_weights_follow_the_noisiest_neighbour():
    noise = np.array([[2, 8], [18, 2]], np.float32)  # scales 1, 2, 3, 1
    state = np.zeros((STATE_PLANES, 4, 16), np.float32)
    here, under = np.empty((2, 3), np.float32)
    for i in range(2):
        weigh(noise, i, 0, 2, here, under, state)
    np.testing.assert_allclose(state[WEIGHT : WEIGHT + 4, 1, 0], [1 / 2, 1 / 4, 1 / 6, 1 / 6])
    np.testing.assert_allclose(state[WEIGHT : WEIGHT + 4, 2, 1], 1 / 2)  # the rim repeats itself
    assert state[STEP, 1, 1] == 2
    assert state[CAP, 2, 0] == 0.75
    again = np.zeros_like(state)
    for i in (0, 1):
        for j in (0, 1):
            weigh(noise, i, j, j + 1, here, under, again)
    np.testing.assert_array_equal(again, state)


def deal(noise, by_rows, phase=1, phases=4, busy=None):
    """Turns of cells with these parts of a frame's variance: 8, and 14 more."""
    v, blocks = np.ones_like(noise), -(-noise.shape[1] // 16)
    marks, turns = np.zeros((2, len(noise), blocks), np.uint8)
    busy = np.zeros_like(marks) if busy is None else busy
    shares = np.float32(0.4), np.float32(1 / 24)
    deal_turns_cpu(noise, v, *shares, by_rows, 8, 14, phase, phases, marks, busy, turns)
    return turns


def test_blocks_have_turns_by_their_noisiest_cell():
    noise = np.full((40, 50), 0.02, np.float32)
    noise[4, 33] = 0.5  # new, and so are two rows beside
    noise[30, 49] = 0.1  # young
    wanted = np.zeros((40, 4), np.uint8)
    wanted[16:32] = 8  # what is due
    wanted[2:7, 2], wanted[30, 3] = 22, 8
    np.testing.assert_array_equal(deal(noise, False), wanted)
    wanted[16:30], wanted[31:32], wanted[30, :3] = 0, 0, 0
    wanted[:16][wanted[:16] == 0] = 8
    wanted[32:] = 0
    np.testing.assert_array_equal(deal(noise, False, phase=0), wanted)
    by_rows = np.full((40, 4), 8, np.uint8)
    by_rows[2:7] = 22
    np.testing.assert_array_equal(deal(noise, True), by_rows)


def test_what_has_settled_is_drawn_once_more():
    """A block that was young in the frame before may show another estimate now."""
    marks, turns = np.zeros((2, 1, 3), np.uint8)
    busy = np.array([[FRESH, YOUNG, 0]], np.uint8)
    deal_turns(marks, busy, 8, 14, 1, 4, turns)
    assert turns.tolist() == [[8, 8, 0]]
    assert not busy.any()


def test_runs_of_blocks():
    turns = np.array([0, 8, 22, 8, 0, 0, 22], np.uint8)
    assert [next_run(turns, 0, 0), next_run(turns, 0, 4), next_run(turns, 0, 7)] == [
        (1, 4), (6, 7), (7, 7)
    ]  # fmt: skip
    assert [next_run(turns, 8, 0), next_run(turns, 22, 0)] == [(2, 3), (7, 7)]


def run(turns, out=None):
    """Sub-cells after some iterations from a state of before; `turns` of 60 rows of 3 blocks."""
    rng = np.random.default_rng(5)
    v, shown = np.full((60, 37), 90, np.float32), np.full((60, 37), 100, np.float32)
    shown += rng.normal(0, 9, shown.shape).astype(np.float32)
    noise = np.full_like(v, 30)
    state = np.zeros((STATE_PLANES, 62, 48), np.float32)
    state[: VALUE + 4] = 100
    state[VALUE + 4 : WEIGHT] = 0
    out = np.zeros((120, 74), np.int16) if out is None else out
    turns = np.broadcast_to(np.asarray(turns, np.uint8), (60, 3)).copy()
    most = int(turns.max())
    denoise_cpu(shown, noise, v, np.float32(0.9), *LIMITS, turns, most, state, out)
    return out


def test_blocks_are_iterated_by_their_turns():
    """Rows that take longer: what changes is they and nothing else, and it comes nearer."""
    turns = np.full((60, 3), 8)
    turns[18:25] = 22
    found, before = run(turns), run(8)
    changed = np.flatnonzero((found != before).any(axis=1))
    assert (changed.min(), changed.max()) == (2 * 18, 2 * 25 - 1)
    last, early = (run(k)[38:48].astype(float) for k in (60, 8))
    assert abs(found[38:48] - last).mean() < 0.5 * abs(early - last).mean()


def test_blocks_one_by_one_are_rows_at_once():
    """A block begins with what flows from the one before, as if the row had not been cut."""
    turns = np.full((60, 3), 1)
    whole = run(turns)
    for column in (1, 2):  # a gap of no turns, and blocks beside it as they were
        some = turns.copy()
        some[:, column] = 0
        out = run(some, np.full((120, 74), -7, np.int16))
        first, last = 32 * column, min(32 * (column + 1), 74)
        assert (out[:, first:last] == -7).all()
        np.testing.assert_array_equal(out[:, : first - 2], whole[:, : first - 2])
