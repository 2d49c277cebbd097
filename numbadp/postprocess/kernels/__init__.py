"""Kernels of the public side: bodies, and the CPU loops around them."""
