"""`SteadyPlane.denoised` on the GPU: the same numbers, with nothing asked of the device."""

import numpy as np

from numbadp.compute.device import clear, empty, table
from numbadp.compute.gpu import configured
from numbadp.compute.lanes import LANES
from numbadp.postprocess.kernels import steady_cuda as cells
from numbadp.postprocess.kernels import steady_denoise_cuda as kernels
from numbadp.postprocess.kernels.sweep_cuda import SHARED_PLANES
from numbadp.postprocess.steady_plane import COLD, Pace, SteadyPlane


class DeviceDenoiser:
    """Draws one plane of a filter, every frame from the one before.

    Parameters
    ----------
    like : SteadyPlane
        A new plane: its grids, range, variances and pace are taken.
    stream : object
        Where to queue.

    Attributes
    ----------
    turns : device array of uint8, shape (rows, blocks)
        Iterations of the last frame, by blocks of sixteen cells of a row.
    """

    def __init__(self, like: SteadyPlane, stream):
        (rows, columns), self._stream = like.grid, stream
        self._grid, self._visible, self._single = like.grid, like.visible, like.cell == 1
        self._limits = table(np.array([like.low, like.high], np.float32))
        self._out = _zeros(like.visible[0] * like.visible[1], np.int16, stream)
        if self._single:
            return
        self._frames, self._anew, self._v = 0, True, table(like.v)
        self._paces, self._shares = map(table, _pace_rows(like.pace))
        self._states = [
            _zeros(kernels.STATE_PLANES * rows * columns, np.float32, stream) for _ in "ab"
        ]
        self._fixed = _zeros(kernels.FIXED_PLANES * rows * columns, np.float32, stream)
        self._marks, self._busy, self.turns = (
            _zeros((rows, -(-columns // LANES)), np.uint8, stream) for _ in range(3)
        )
        most = max(pace.iterations + pace.more for pace in (COLD, like.pace))
        self._launches = -(-most // kernels.HALO)

    def draw(self, shown, noise, told):
        """Denoise what is shown.

        Parameters
        ----------
        shown, noise : device array of float32, shape (rows, columns)
            Means of cells in grey levels, and their variances.
        told : device array of float64, shape (5,)
            What the plane's filter says of the frame.

        Returns
        -------
        device array of int16, flat
            Visible sub-cells in 1/64 grey level; the next frame is drawn over them.
        """
        size, columns = self._grid[0] * self._grid[1], self._grid[1]
        if self._single:
            self._by(size, kernels.single_pixels_cuda, shown, self._limits, self._out)
            return self._out
        anew, blocks = int(self._anew), self.turns.size
        self._by(
            blocks, kernels.block_marks_cuda, noise, self._v, self._shares, anew, told, self._marks
        )
        self._by(
            blocks, kernels.turns_cuda, self._marks, self._paces, self._frames, anew, told,
            self._busy, self.turns,
        )  # fmt: skip
        self._by(
            size, kernels.fresh_cuda, shown, noise, self._v, self._shares, self._limits, anew,
            told, self.turns, self._fixed, *self._states,
        )  # fmt: skip
        self._sweep()
        self._by(
            size, kernels.steady_finish_cuda, self._states[0], self._limits, self.turns, columns,
            *self._visible, self._out,
        )  # fmt: skip
        self._frames += 1
        self._anew = False
        return self._out

    def _sweep(self) -> None:
        across, down, halo = kernels.ACROSS_BLOCK, kernels.DOWN_BLOCK, kernels.HALO
        rows, columns = self._grid
        tiles = -(-columns // (across - 2 * halo)), -(-rows // (down - 2 * halo))
        shared = 4 * SHARED_PLANES * across * down
        launch = configured(kernels.steady_sweep_cuda, tiles, (across, down), self._stream, shared)
        for number in range(self._launches):
            launch(
                self._states[0], self._fixed, self.turns, columns, number * halo, halo, halo,
                self._states[1],
            )  # fmt: skip
            self._states.reverse()

    def _by(self, items: int, kernel, *arguments) -> None:
        configured(kernel, -(-items // cells.THREADS), cells.THREADS, self._stream)(*arguments)


def _pace_rows(pace: Pace) -> tuple[np.ndarray, np.ndarray]:
    """Paces of what goes on and of what begins anew, as the kernels take them."""
    both = pace, COLD
    rows = [[p.iterations, p.more, p.phases, int(p.unit == "rows")] for p in both]
    shares = [[p.fresh, p.young] for p in both]
    return np.array(rows, np.int64), np.array(shares, np.float32)


def _zeros(shape, dtype, stream):
    found = empty(shape, dtype, stream)
    clear(found, stream)
    return found
