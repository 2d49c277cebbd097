"""Kernels of the mechanism: scalar bodies, and the CPU loops around them."""
