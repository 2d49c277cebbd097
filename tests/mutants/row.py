"""One seeded fault."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One fault, and the tests of which one must notice it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    kernels: str = "python"
