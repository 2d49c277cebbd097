"""Releases over many pictures: what they promise, what they hold, how they are drawn.

Exact sums live in `numbadp.mechanism.pool` alone; everything here is public.
"""
