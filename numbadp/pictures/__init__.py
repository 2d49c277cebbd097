"""Files and PIL images to uint8 arrays: one rule book for the Python API and the command line.

Orientation, modes, depth, transparency, colour profiles, frames, damage, and how far a file's
coding carries what stands inside of a box.  Knows nothing of releases.  No message depends
on a pixel, except that a file cannot be decoded, which is public.
"""

# Larger pictures are refused before they are decoded.  Pillow's own limit: a quarter of a gigabyte
# of 24-bit pixels.
MAX_PIXELS = 1024 * 1024 * 1024 // 4 // 3
