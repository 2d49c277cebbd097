"""Slow references, written from the numeric specification alone; never imported by the package."""
