"""What pyproject.toml cannot say: on a package index the README's links lead to the repository."""

import re
import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
RELATIVE = re.compile(r"(!?)(\[[^\]]*\]\()(?![a-z]+:|#)")


def readme() -> str:
    """The README with addresses that work anywhere."""
    bases = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["numbadp"]["readme"]
    base = {"!": bases["pictures"], "": bases["links"]}
    text = (ROOT / "README.md").read_text("utf-8")
    return RELATIVE.sub(lambda found: found[0] + base[found[1]], text)


setup(long_description=readme(), long_description_content_type="text/markdown")
