"""Interleaved rounds: every case once, then every case again, so that drift hits all alike.

A turn is one call that is not timed, which fills the caches as a loop over frames would, and then
a few that are; its time is their median.  A ratio is the median over the rounds of the quotient of
two turns of the same round.
"""

import gc
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from statistics import median, quantiles

from numbadp.compute.workers import threads

_TURN_CALLS = 5
_TURN_NS = 10_000_000


@dataclass(frozen=True)
class Turn:
    """What one case does in a round; slow ones take part in every `every`-th round, unwarmed."""

    name: object
    call: Callable[[], object]
    threads: int | None = None
    every: int = 1


Samples = dict[object, dict[int, float]]  # name -> round -> ns


def run_rounds(turns: list[Turn], rounds: int) -> Samples:
    """Time every turn in every round."""
    samples: Samples = {turn.name: {} for turn in turns}
    for turn in turns:
        if turn.every == 1:
            _call_once(turn)  # compile
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for n in range(rounds):
            for turn in turns:
                if n % turn.every == 0:
                    samples[turn.name][n] = _take(turn)
            gc.collect()
    finally:
        if was_enabled:
            gc.enable()
    return samples


def ratio_to(samples: Samples, name: object, base: object) -> float:
    """Median over the common rounds of the quotient of two cases."""
    own, other = samples[name], samples[base]
    return median(own[n] / other[n] for n in own if n in other)


def summary_ms(samples: Samples, name: object) -> dict[str, float]:
    """Median and quartiles in ms, and the number of rounds."""
    values = [value / 1e6 for value in samples[name].values()]
    low, _, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return {"median_ms": median(values), "p25_ms": low, "p75_ms": high, "rounds": len(values)}


def _limited(turn: Turn):
    return nullcontext() if turn.threads is None else threads(turn.threads)


def _call_once(turn: Turn) -> None:
    with _limited(turn):
        turn.call()


def _take(turn: Turn) -> float:
    """Median time of the calls of one turn, in ns."""
    with _limited(turn):
        if turn.every == 1:
            turn.call()
        times: list[int] = []
        while len(times) < _TURN_CALLS and sum(times) < _TURN_NS:
            start = time.perf_counter_ns()
            turn.call()
            times.append(time.perf_counter_ns() - start)
    return median(times)
