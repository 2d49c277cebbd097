"""Region-adaptive mosaics with a differential privacy guarantee.

>>> import numpy, numbadp
>>> picture = numpy.zeros((48, 64, 3), numpy.uint8)
>>> numbadp.pixelize(picture, epsilon=1, m=16).render().shape
(48, 64, 3)

Names are imported on first use, so that ``import numbadp`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from numbadp._version import __version__
from numbadp.compute import forks as _forks  # noqa: F401  before a thread can be in the middle of more

if TYPE_CHECKING:  # what type checkers see; names are imported on first use
    from numbadp import albumentations as albumentations
    from numbadp import batch as batch
    from numbadp import detect as detect
    from numbadp import torch as torch
    from numbadp import video as video
    from numbadp.accounting.guarantee import Guarantee as Guarantee
    from numbadp.accounting.ledger import Ledger as Ledger
    from numbadp.accounting.pooled import PoolGuarantee as PoolGuarantee
    from numbadp.advice import advise as advise
    from numbadp.batch.store import Store as Store
    from numbadp.compute.backend import backends as backends
    from numbadp.errors import AlphaDroppedWarning as AlphaDroppedWarning
    from numbadp.errors import ArrayTypeError as ArrayTypeError
    from numbadp.errors import AuditError as AuditError
    from numbadp.errors import BackendError as BackendError
    from numbadp.errors import BatchError as BatchError
    from numbadp.errors import BudgetError as BudgetError
    from numbadp.errors import DetectorError as DetectorError
    from numbadp.errors import EntropyError as EntropyError
    from numbadp.errors import EpsilonError as EpsilonError
    from numbadp.errors import FileFormatError as FileFormatError
    from numbadp.errors import KeyUseError as KeyUseError
    from numbadp.errors import LayoutError as LayoutError
    from numbadp.errors import LedgerError as LedgerError
    from numbadp.errors import MissingReleaseError as MissingReleaseError
    from numbadp.errors import NotPrivateWarning as NotPrivateWarning
    from numbadp.errors import NumbadpError as NumbadpError
    from numbadp.errors import OptionError as OptionError
    from numbadp.errors import OptionTypeError as OptionTypeError
    from numbadp.errors import OutputError as OutputError
    from numbadp.errors import PayloadError as PayloadError
    from numbadp.errors import PictureError as PictureError
    from numbadp.errors import PictureWarning as PictureWarning
    from numbadp.errors import PoolError as PoolError
    from numbadp.errors import ShapeError as ShapeError
    from numbadp.errors import StoreError as StoreError
    from numbadp.errors import UpsamplerError as UpsamplerError
    from numbadp.errors import VideoError as VideoError
    from numbadp.mechanism import Pixelizer as Pixelizer
    from numbadp.mechanism import pixelize as pixelize
    from numbadp.mechanism.pool import Pool as Pool
    from numbadp.mechanism.pool import noisy_counts as noisy_counts
    from numbadp.plan import Plan as Plan
    from numbadp.plan.layout import Layout as Layout
    from numbadp.plan.rules import ExactLayout as ExactLayout
    from numbadp.plan.rules import PrivateLayout as PrivateLayout
    from numbadp.postprocess.quadtree import IslandTrees as IslandTrees
    from numbadp.postprocess.quadtree import Quadtree as Quadtree
    from numbadp.release import Release as Release
    from numbadp.release.loading import load as load
    from numbadp.release.mosaic import MosaicRelease as MosaicRelease
    from numbadp.release.pooled import PoolRelease as PoolRelease
    from numbadp.release.temporal import TemporalFilter as TemporalFilter

_HOMES = {
    "pixelize": "numbadp.mechanism",
    "Pixelizer": "numbadp.mechanism",
    "advise": "numbadp.advice",
    "Plan": "numbadp.plan",
    "Release": "numbadp.release",
    "Guarantee": "numbadp.accounting.guarantee",
    "Layout": "numbadp.plan.layout",
    "PrivateLayout": "numbadp.plan.rules",
    "ExactLayout": "numbadp.plan.rules",
    "Ledger": "numbadp.accounting.ledger",
    "Store": "numbadp.batch.store",
    "Quadtree": "numbadp.postprocess.quadtree",
    "IslandTrees": "numbadp.postprocess.quadtree",
    "TemporalFilter": "numbadp.release.temporal",
    "MosaicRelease": "numbadp.release.mosaic",
    "Pool": "numbadp.mechanism.pool",
    "PoolRelease": "numbadp.release.pooled",
    "PoolGuarantee": "numbadp.accounting.pooled",
    "noisy_counts": "numbadp.mechanism.pool",
    "load": "numbadp.release.loading",
    "backends": "numbadp.compute.backend",
    "NumbadpError": "numbadp.errors",
    "ArrayTypeError": "numbadp.errors",
    "ShapeError": "numbadp.errors",
    "PictureError": "numbadp.errors",
    "VideoError": "numbadp.errors",
    "EpsilonError": "numbadp.errors",
    "OptionTypeError": "numbadp.errors",
    "OptionError": "numbadp.errors",
    "LayoutError": "numbadp.errors",
    "OutputError": "numbadp.errors",
    "UpsamplerError": "numbadp.errors",
    "FileFormatError": "numbadp.errors",
    "PayloadError": "numbadp.errors",
    "BackendError": "numbadp.errors",
    "EntropyError": "numbadp.errors",
    "KeyUseError": "numbadp.errors",
    "BudgetError": "numbadp.errors",
    "PoolError": "numbadp.errors",
    "LedgerError": "numbadp.errors",
    "StoreError": "numbadp.errors",
    "MissingReleaseError": "numbadp.errors",
    "BatchError": "numbadp.errors",
    "AuditError": "numbadp.errors",
    "DetectorError": "numbadp.errors",
    "NotPrivateWarning": "numbadp.errors",
    "AlphaDroppedWarning": "numbadp.errors",
    "PictureWarning": "numbadp.errors",
}

# What takes an extra is a name of its own: numbadp.detect.faces.
_ROOMS = ("albumentations", "batch", "detect", "torch", "video")

__all__ = ["__version__"]
__all__ += list(_HOMES)


if not TYPE_CHECKING:  # to a type checker a name that is not listed is a mistake

    def __getattr__(name: str):
        if name in _ROOMS:
            return import_module(f"numbadp.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module 'numbadp' has no attribute {name!r}")
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__) | set(_ROOMS))
