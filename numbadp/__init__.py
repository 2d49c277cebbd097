"""Region-adaptive mosaics with a differential privacy guarantee.

>>> import numpy, numbadp
>>> picture = numpy.zeros((48, 64, 3), numpy.uint8)
>>> numbadp.pixelize(picture, epsilon=1, m=16).render().shape
(48, 64, 3)

Names are imported on first use, so that ``import numbadp`` stays light.
"""

from importlib import import_module

from numbadp._version import __version__
from numbadp.compute import forks as _forks  # noqa: F401  before a thread can be in the middle of more

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
    "Quadtree": "numbadp.postprocess.quadtree",
    "MosaicRelease": "numbadp.release.mosaic",
    "load": "numbadp.release.loading",
    "backends": "numbadp.compute.backend",
    "NumbadpError": "numbadp.errors",
    "ArrayTypeError": "numbadp.errors",
    "ShapeError": "numbadp.errors",
    "PictureError": "numbadp.errors",
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
    "LedgerError": "numbadp.errors",
    "AuditError": "numbadp.errors",
    "DetectorError": "numbadp.errors",
    "NotPrivateWarning": "numbadp.errors",
    "AlphaDroppedWarning": "numbadp.errors",
    "PictureWarning": "numbadp.errors",
}

_ROOMS = (
    "albumentations",
    "detect",
    "torch",
)  # what takes an extra is a name of its own: numbadp.detect.faces

__all__ = ["__version__"]
__all__ += list(_HOMES)


def __getattr__(name: str):
    if name in _ROOMS:
        return import_module(f"numbadp.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'numbadp' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
