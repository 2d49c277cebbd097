"""Batches and jobs: many pictures and videos, many workers, one visible release an input.

Engines run a task again when a worker dies, when a result is asked for twice, when a machine is
slow; and a second release of a picture spends epsilon a second time.  So a release counts when it
can be *seen*: every try looks into a `Store` first, measures only if nothing is there, and
publishes what it made only if nothing is there yet.

>>> import numbadp
>>> store = numbadp.Store("releases")
>>> pixelize = numbadp.batch.Pixelize(epsilon=1, m=16, store=store)

``pixelize`` is a plain callable that can be pickled: hand it to Ray Data's ``map_batches``, Dask's
``map_partitions``, ``datasets.map``, a pool of processes or a DataLoader's workers.
"""

from numbadp.batch.pixelize import Pixelize

__all__ = ["Pixelize"]
