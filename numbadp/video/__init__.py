"""Video: one release a frame, made steady by released numbers alone, in files and streams.

Names are imported on first use: `pixelize_video`, `releases`, `VideoOptions`, `Report`.
"""

from importlib import import_module

_HOMES = {
    "pixelize_video": "numbadp.video.files",
    "Report": "numbadp.video.files",
    "releases": "numbadp.video.frames",
    "VideoFrame": "numbadp.video.frames",
    "render_video": "numbadp.video.painting",
    "Clip": "numbadp.release.clips",
    "ClipWriter": "numbadp.release.clips",
    "VideoOptions": "numbadp.video.options",
    "TimeWindow": "numbadp.accounting.ledger.windows",
}

__all__ = list(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'numbadp.video' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
