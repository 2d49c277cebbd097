"""The temporal filter of one plane in plain NumPy, double precision, written from its recipe."""

import numpy as np

CHI = 40.0


def box(a, k):
    """Sums over k x k windows, cropped at the rim."""
    h = k // 2
    padded = np.pad(a.astype(np.float64), h)
    return sum(padded[i : i + a.shape[0], j : j + a.shape[1]] for i in range(k) for j in range(k))


def grown(a):
    """True where one of the 3 x 3 neighbours is."""
    return box(a.astype(np.float64), 3) > 0


def beyond(d, s, factor=1.0):
    """Deviations beyond the thresholds of a cell and of windows of 3 and 5."""
    single = np.abs(d) > factor * 7 * np.sqrt(s)
    three = np.abs(box(d, 3)) > factor * 3.5 * np.sqrt(box(s, 3))
    five = np.abs(box(d, 5)) > factor * 3.5 * np.sqrt(box(s, 5))
    return single | three | grown(five)


class Steady:
    """State of a plane; `step` takes means of cells."""

    def __init__(self, v):
        self.v, self.x, self.energy = v, None, 1.0

    def restart(self, y, moving):
        self.x, self.f = y.copy(), y.copy()
        self.p, self.pf = self.v.copy(), self.v.copy()
        self.count = np.zeros(y.shape, int)
        self.mv = np.full(y.shape, moving)
        self.shown, self.noise, self.restarted = y.copy(), self.v.copy(), True

    def step(self, y):
        y = y.astype(np.float64)
        if self.x is None:
            self.restart(y, False)
            return
        self.restarted = False
        e = np.minimum((y - self.x) ** 2 / (self.p + self.v), 25).mean()
        if e > 1.4 * self.energy + 6 * np.sqrt(5 / y.size):
            self.energy = 1.0
            self.restart(y, True)
            return
        self.energy = 0.9 * self.energy + 0.1 * max(1.0, e)
        jump = beyond(y - self.f, 2 * self.v)
        self.f = np.where(jump, y, self.f + (y - self.f) / 2)
        self.pf = np.where(jump, self.v, self.v / 2)
        s = np.maximum(self.pf - self.p, 0.3 * self.pf) + 0.5 * self.p
        near = grown(self.mv)
        hot = self.flags(s, near)
        if min(y.shape) >= 8:
            camera, light, theta, a = self.whole(s, hot)
            if camera > CHI or (~hot).sum() < 0.1 * y.size:
                self.restart(y, True)
                return
            if light > CHI:
                self.x = self.x + theta[0] + theta[1] * (a - 128)
                hot = self.flags(s, near)
        d = self.f - self.x
        hot = hot | self.tiles(np.minimum(d * d / s, 9), hot)
        self.slow(y, hot)

    def flags(self, s, near):
        d = self.f - self.x
        return beyond(d, s) | (beyond(d, s, 0.7) & near)

    def whole(self, s, hot):
        a = self.x.copy()
        a[1:-1, 1:-1] = box(self.x, 3)[1:-1, 1:-1] / 9
        down, across = np.gradient(a)
        basis = np.stack([np.ones_like(a), a - 128, down, across])[:, 2:-2, 2:-2].reshape(4, -1)
        w = ((~hot) / s)[2:-2, 2:-2].ravel()
        d = (self.f - self.x)[2:-2, 2:-2].ravel()
        matrix, right = (basis * w) @ basis.T, (basis * w) @ d
        matrix += np.eye(4) * (1e-9 * np.trace(matrix) + 1e-12)

        def gain(part):
            return right[part] @ np.linalg.solve(matrix[np.ix_(part, part)], right[part])

        both = gain([0, 1, 2, 3])
        theta = np.linalg.solve(matrix, right)
        return both - gain([0, 1]), both - gain([2, 3]), theta, a

    def tiles(self, e, hot):
        found = np.zeros_like(hot)
        sizes = ((16, 16), e.shape)
        for side in sizes:
            for i in range(0, e.shape[0], side[0]):
                for j in range(0, e.shape[1], side[1]):
                    part = (slice(i, i + side[0]), slice(j, j + side[1]))
                    calm = ~hot[part]
                    n = calm.sum()
                    if n and n >= 0.25 * side[0] * side[1]:
                        found[part] |= e[part][calm].sum() / n > 1 + 5 * np.sqrt(3 / n)
        return found

    def slow(self, y, hot):
        before = np.maximum(self.p, self.v / 40)
        part = before / (before + self.v)
        self.count = np.where(hot, self.count + 1, 0)
        tired = hot & (self.count >= 10)
        self.x = np.where(tired, self.f, np.where(hot, self.x, self.x + part * (y - self.x)))
        self.p = np.where(tired, self.pf, np.where(hot, self.p, before * (1 - part)))
        self.count[tired] = 0
        self.mv = hot & ~tired
        self.shown = np.where(self.mv, self.f, self.x)
        self.noise = np.where(self.mv, self.pf, self.p)


def denoised(y, variance, low, high, iterations):
    """Total variation with each cell's own noise: sub-cells, two a side, of every cell."""
    k = np.kron(np.sqrt(variance / 2), np.ones((2, 2)))
    right = np.concatenate([k[:, 1:], k[:, -1:]], 1)
    below = np.concatenate([k[1:], k[-1:]], 0)
    edge = np.maximum(np.maximum(k, right), below)
    w = 0.5 / edge
    u = np.kron(np.clip(y, low, high), np.ones((2, 2)))
    bar, p, q = u.copy(), np.zeros_like(u), np.zeros_like(u)
    rows, columns = u.shape
    for _ in range(iterations):
        dx, dy = np.zeros_like(u), np.zeros_like(u)
        dx[:, :-1], dy[:-1] = np.diff(bar, axis=1), np.diff(bar, axis=0)
        p, q = p + w * dx, q + w * dy
        length = np.maximum(1, np.hypot(p, q))
        p, q = p / length, q / length
        fx, fy = w * p, w * q
        divergence = fx + fy
        divergence[:, 1:] -= fx[:, :-1]
        divergence[1:] -= fy[:-1]
        moved = u + 0.5 * k * k * divergence
        mean = moved.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))
        cap = np.sqrt(variance / 2) / 4
        step = np.clip((mean - y) * 0.2, -cap, cap)
        new = moved - np.kron(step, np.ones((2, 2)))
        u, bar = new, 2 * new - u
    return np.clip(u, low, high)
