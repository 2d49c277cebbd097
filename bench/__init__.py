"""Benchmarks of numbadp: speed, memory, utility, start-up; ``python -m bench --help``.

Nothing here is part of the package.  Every figure that the README shows is rendered from a JSON
file that these commands write; none is typed by hand.
"""
