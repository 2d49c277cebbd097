"""The release: the only object that crosses the border, and everything a user does with it."""

from numbadp.release.release import Release, build_release

__all__ = ["Release", "build_release"]
