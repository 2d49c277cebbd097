"""A release file read from its specification alone, with the standard library.  Test-only.

Trusts the file: it is for files of ours, and asserts where the specification says "must".
"""

import zlib
from dataclasses import dataclass
from fractions import Fraction

MAGIC = bytes([0x89, 0x44, 0x50, 0x5A, 0x0D, 0x0A, 0x1A, 0x0A])
NAMES = (("grey",), ("Y", "g", "o"), ("R", "G", "B"))
TILE = 32


@dataclass
class Plane:
    """A plane's entry in HEAD."""

    name: str
    cell: int
    sensitivity: int
    scale: object
    tau: object


class Stream:
    """Reads the elementary types."""

    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, n):
        """Return the next n bytes."""
        assert self.at + n <= len(self.body)
        self.at += n
        return self.body[self.at - n : self.at]

    def count(self):
        """Return an integer."""
        return int.from_bytes(self.take(int.from_bytes(self.take(2), "little")), "little")

    def ratio(self):
        """Return a rational number or infinity."""
        above, below = self.count(), self.count()
        return Fraction(above, below) if below else float("inf")

    def text(self):
        """Return a string."""
        return self.take(self.count()).decode()

    def plane(self, size):
        """Return `size` bytes, unpacked."""
        coding = self.take(1)[0]
        packed = self.take(self.count())
        plain = packed if coding == 0 else zlib.decompress(packed, -15)
        assert len(plain) == size
        return plain

    def done(self):
        """Assert that nothing is left."""
        assert self.at == len(self.body)


def sections(content):
    """Return [(tag, contents)], END included; checks every checksum."""
    assert content[:8] == MAGIC and content[8] == 1
    found, at, covered = [], 9, content[:9]
    while not found or found[-1][0] != b"END ":
        tag, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 12], "little")
        body = content[at + 12 : at + 12 + length]
        covered += content[at : at + 12 + length]
        at += 12 + length
        assert zlib.crc32(covered).to_bytes(4, "little") == content[at : at + 4]
        at += 4
        found.append((tag, body))
    assert at == len(content)
    return found


def joined(parts):
    """Return a file of these [(tag, contents)], END left out, with right checksums."""
    covered = out = MAGIC + b"\1"
    for tag, body in [*parts, (b"END ", b"")]:
        piece = tag + len(body).to_bytes(8, "little") + body
        covered += piece
        out += piece + zlib.crc32(covered).to_bytes(4, "little")
    return out


def count(number):
    """Return an integer as the file writes it."""
    length = (number.bit_length() + 7) // 8
    return length.to_bytes(2, "little") + number.to_bytes(length, "little")


def stored(plain):
    """Return a plane as the file writes it, not packed."""
    return b"\0" + count(len(plain)) + plain


def deflated(plain):
    """Return a plane as the file writes it, packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(plain) + packer.flush()
    return b"\1" + count(len(packed)) + packed


def read(content):
    """Return everything in a file as plain Python values."""
    parts = dict(sections(content))
    out = {"head": _head(Stream(parts[b"HEAD"])), "guarantee": _guarantee(Stream(parts[b"GUAR"]))}
    if b"VALS" in parts:
        out["values"] = _values(Stream(parts[b"VALS"]), out["head"])
    else:
        out["levels"] = _levels(Stream(parts[b"TREE"]), out["head"])
        out["planes"] = _leaves(Stream(parts[b"LEAF"]), out["head"], out["levels"])
        out["pictures"] = _pictures(out["head"], out["planes"])
    return out


def _head(s):
    shape = [s.count() for _ in range(s.count())]
    head = {"shape": tuple(shape), "epsilon": s.ratio(), "m": s.count(), "layout": s.text()}
    names = NAMES[s.count()]
    head["planes"] = [Plane(n, s.count(), s.count(), s.ratio(), s.ratio()) for n in names]
    s.done()
    batch, height, width = (1, *shape[:2]) if len(shape) < 4 else shape[:3]
    return head | {"batch": batch, "height": height, "width": width}


def _guarantee(s):
    out = {"claim": s.text(), "epsilon": s.ratio(), "tau": s.ratio()}
    out |= {name: s.count() for name in ("m", "channels", "releases", "batch")}
    out["stages"] = [
        (s.text(), s.ratio(), s.count(), s.ratio(), s.count()) for _ in range(s.count())
    ]
    s.done()
    return out


def _values(s, head):
    planes = []
    for plane in head["planes"]:
        rows, columns = -(-head["height"] // plane.cell), -(-head["width"] // plane.cell)
        size = head["batch"] * rows * columns
        way, width = s.count(), s.count()
        by_byte = [s.plane(size) for _ in range(width)]
        before, found = 0, []
        for i in range(size):
            folded = sum(by_byte[k][i] << (8 * k) for k in range(width))
            number = folded // 2 if folded % 2 == 0 else -(folded + 1) // 2
            if way == 1:
                number = (number + before + 2**63) % 2**64 - 2**63
                before = number
            found.append(number)
        planes.append(found)
    s.done()
    return planes


def _fine(head):
    side = max(head["planes"][0].cell // 2, 1)
    return -(-head["height"] // side), -(-head["width"] // side)


def _levels(s, head):
    """Return the level of the leaf of every finest sub-cell, [picture][row][column]."""
    packed = s.plane(s.count())
    s.done()
    bits = iter([byte >> k & 1 for byte in packed for k in range(7, -1, -1)])
    rows, columns = _fine(head)
    levels = [[[0] * columns for _ in range(rows)] for _ in range(head["batch"])]
    side = TILE
    while side > 1:
        for picture in levels:
            for i in range(0, rows, side):
                for j in range(0, columns, side):
                    level = 5 - side.bit_length() + 1
                    if picture[i][j] == level and next(bits):  # there, and split
                        for y in range(i, min(i + side, rows)):
                            for x in range(j, min(j + side, columns)):
                                picture[y][x] = level + 1
        side //= 2
    assert not any(bits)
    return levels


def _leaves(s, head, levels):
    first = max(head["planes"][0].cell // 2, 1)
    rows, columns = _fine(head)
    planes = []
    for plane in head["planes"]:
        least = max(plane.cell // 2, 1) // first

        def starts(picture, least=least):
            for i in range(rows):
                for j in range(columns):
                    side = max(2 ** (5 - picture[i][j]), least)
                    if i % side == 0 and j % side == 0:
                        yield i, j, side

        blocks = [list(starts(picture)) for picture in levels]
        residuals = iter(s.plane(sum(map(len, blocks))))
        pictures = []
        for own in blocks:
            picture = [[None] * columns for _ in range(rows)]
            for i, j, side in own:
                byte = (_prediction(picture, i, j) + next(residuals)) % 256
                for y in range(i, min(i + side, rows)):
                    for x in range(j, min(j + side, columns)):
                        picture[y][x] = byte
            pictures.append(picture)
        planes.append(pictures)
    s.done()
    return planes


def _prediction(picture, i, j):
    if i == 0 and j == 0:
        return 128
    if i == 0:
        return picture[i][j - 1]
    if j == 0:
        return picture[i - 1][j]
    a, b = picture[i][j - 1], picture[i - 1][j]
    return sorted((a, b, a + b - picture[i - 1][j - 1]))[1]


def _pictures(head, planes):
    """Return the pixels, [picture][row][column], tuples of channels."""
    side = max(head["planes"][0].cell // 2, 1)
    out = []
    for parts in zip(*planes, strict=True):
        picture = []
        for y in range(head["height"]):
            row = []
            for x in range(head["width"]):
                v = [part[y // side][x // side] for part in parts]
                if [p.name for p in head["planes"]] == ["Y", "g", "o"]:
                    c, d = v[1] - 128, v[2] - 128
                    v = [v[0] - c + d, v[0] + c, v[0] - c - d]
                row.append(tuple(min(max(n, 0), 255) for n in v))
            picture.append(row)
        out.append(picture)
    return out
