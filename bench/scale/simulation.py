"""A job on many workers that die: how many tries, how much epsilon, how long.

A worker takes chunks from one queue and does their pictures one after another, each in a time that
is the same for all.  It lives for a time with an exponential law, and another takes its place some
time later.  What it had published stays; the picture that it was at is tried again, and its chunk
is done again from the queue, where the store answers for what is there.  A share of all chunks is
done twice at once, as engines do with slow ones: then both tries of a picture measure, where the
second comes before the first has published.

Between two deaths nothing happens that chance decides, so only deaths are drawn: 10^9 pictures are
some thousand deaths.  `tests/bench/test_scale.py` holds it against a simulation of every picture.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cluster:
    """What a job runs on.

    Attributes
    ----------
    workers : int
        One core each.
    picture_s : float
        Seconds a picture, all stages.
    look_s : float
        Seconds that the store takes to answer.
    chunk : int
        Pictures that travel together.
    life_s : float
        Mean seconds until a worker dies.
    start_s : float
        Seconds until another one works in its place.
    twice : float
        Share of the chunks that two workers do at once.
    """

    workers: int
    picture_s: float
    look_s: float = 0.001
    chunk: int = 4
    life_s: float = 6 * 3600.0
    start_s: float = 60.0
    twice: float = 0.001


def simulate(pictures: int, cluster: Cluster, chance: np.random.Generator) -> dict:
    """Simulate a job by the deaths of its workers.

    Returns
    -------
    dict
        hours, deaths, tries (pictures measured), lost (tries that died), doubled (tries that lost a
        race), visible (releases).
    """
    chunks = -(-pictures // cluster.chunk)
    doubled_chunks = int(chance.binomial(chunks, cluster.twice))
    # Side by side from the first picture on, both measure every one of them.
    doubled = doubled_chunks * cluster.chunk
    work_s = (pictures + doubled) * (cluster.picture_s + cluster.look_s)
    deaths = lost = 0
    spent_s = 0.0  # by all workers together, deaths and starts included
    left = work_s
    while left > 0:
        # Deaths while all workers do what is left; each adds work, which is done as well.
        more = int(chance.poisson(left / cluster.life_s))
        within = chance.random(more)  # how far the picture was that each death met
        at = chance.integers(0, cluster.chunk, more)  # which picture of its chunk that was
        deaths, lost = deaths + more, lost + more
        spent_s += left + more * cluster.start_s
        left = float(np.sum(within * cluster.picture_s + at * cluster.look_s))
    return {
        "hours": spent_s / cluster.workers / 3600, "deaths": deaths, "lost": lost,
        "doubled": doubled, "tries": pictures + lost + doubled, "visible": pictures,
    }  # fmt: skip


def simulate_each(pictures: int, cluster: Cluster, chance: np.random.Generator) -> dict:
    """The same, picture by picture and second by second, with a store that is a set; slow."""
    queue = [
        list(range(first, min(first + cluster.chunk, pictures)))
        for first in range(0, pictures, cluster.chunk)
    ]
    queue += [chunk for chunk in queue if chance.random() < cluster.twice]
    store: set[int] = set()
    free = [(0.0, number) for number in range(cluster.workers)]
    dies = chance.exponential(cluster.life_s, cluster.workers)
    tries = lost = deaths = 0
    end = 0.0
    while queue:
        free.sort()
        now, worker = free.pop(0)
        chunk = queue.pop(0)
        for picture in chunk:
            took = cluster.look_s + (0 if picture in store else cluster.picture_s)
            measures = picture not in store
            if now + took > dies[worker]:
                deaths += 1
                if measures:
                    tries, lost = tries + 1, lost + 1
                queue.insert(0, chunk)
                now = dies[worker] + cluster.start_s
                dies[worker] = now + chance.exponential(cluster.life_s)
                break
            now += took
            tries += measures
            store.add(picture)
        end = max(end, now)
        free.append((now, worker))
    return {
        "hours": end / 3600, "deaths": deaths, "lost": lost, "tries": tries, "visible": len(store)
    }  # fmt: skip


def render_simulation(rows: list[tuple[int, Cluster, dict]]) -> str:
    """A table in Markdown."""
    lines = [
        "| pictures | workers | mean life | hours | deaths | tries | ε visible a picture "
        "| ε charged a picture: driver | a try |",
        "|---------:|--------:|----------:|------:|-------:|------:|--------------------:"
        "|----------------------------:|------:|",
    ]
    for pictures, cluster, found in rows:
        lines.append(
            f"| {pictures:,} | {cluster.workers:,} | {cluster.life_s / 3600:g} h "
            f"| {found['hours']:.2f} | {found['deaths']:,} | {found['tries']:,} "
            f"| {found['visible'] / pictures:g} | 1 | {found['tries'] / pictures:.6f} |"
        )
    return "\n".join(lines)
