"""The release: the only object that crosses the border, and everything a user does with it."""

from numbadp.release.release import Release, build_release, placed
from numbadp.release.untouched import Untouched

__all__ = ["Release", "Untouched", "build_release", "placed"]
