"""One plane of the temporal filter on the GPU: `SteadyPlane` and its twins.

The state stays on the device, and nothing is asked of it between launches.
"""

import numpy as np

from numbadp.compute.device import table
from numbadp.compute.gpu import configured
from numbadp.compute.streams import let_go
from numbadp.postprocess.kernels import steady_cuda as kernels
from numbadp.postprocess.kernels import steady_fit_cuda as fits
from numbadp.postprocess.kernels import steady_frame_cuda as frames
from numbadp.postprocess.kernels.steady_cpu import SIDE
from numbadp.postprocess.kernels.steady_fit_cpu import SUMS
from numbadp.postprocess.steady_denoise_cuda import DeviceDenoiser
from numbadp.postprocess.steady_plane import SteadyPlane, terms_over

_LEAST = 8  # cells down and across of a grid that says something as a whole


class DevicePlane:
    """State of one plane on the current device.

    Parameters
    ----------
    like : SteadyPlane
        A new plane: its grid, variances, thresholds and pace are taken.
    stream : object
        Where to queue.

    Attributes
    ----------
    shown, noise : device array of float32, shape (rows, columns)
        Filtered means of cells in grey levels, and their variances.
    moving : device array of uint8, shape (rows + 2, columns + 2)
        1 where a cell moves, in a margin of one.
    told : device array of float64, shape (5,)
        Whether it began anew, gains of camera and light, share of cells that move, energy.
    """

    def __init__(self, like: SteadyPlane, stream):
        rows, columns = self._grid = like.grid
        self.cell, self._stream = like.cell, stream
        single, byte = np.float32, np.uint8
        self._v, self._gains, self._limits = map(table, (like.v, like._gains, like._limits))
        self._y, self._x, self._p, self._f, self._pf, self._a, self.shown, self.noise = (
            table(np.zeros(like.grid, single)) for _ in range(8)
        )
        self._apart, self._spreads = (
            table(np.zeros((rows + 4, columns + 4), single)) for _ in range(2)
        )
        self.moving, self._own, self._wide = (
            table(np.zeros((rows + 2, columns + 2), byte)) for _ in range(3)
        )
        self._count, self._hot, self._forced = (table(np.zeros(like.grid, byte)) for _ in range(3))
        tiles = -(-rows // SIDE), -(-columns // SIDE)
        self._tiles = table(np.zeros(tiles, byte))
        self._energies, self._counts = (table(np.zeros((tiles[0], columns))) for _ in range(2))
        self._columns, self._fits = table(np.zeros(columns)), table(np.zeros((SUMS, columns)))
        self._quiet, self._work = table(np.zeros(columns, np.int64)), table(np.zeros((3, 5, 4)))
        self.told, self._denoiser = table(like.told), DeviceDenoiser(like, stream)

    @property
    def turns(self):
        """Iterations of the last frame; see `SteadyPlane`."""
        return self._denoiser.turns

    def start(self, sums) -> None:
        """Take the first frame.

        Parameters
        ----------
        sums : device array of int64, shape (cells,)
            Noisy sums.
        """
        self._read(sums)
        self._alone(kernels.begin_cuda, self.told)
        self._restart(0)

    def lead(self, sums) -> None:
        """Take a frame of the plane that the others follow.

        Parameters
        ----------
        sums : device array of int64, shape (cells,)
            Noisy sums.
        """
        self._read(sums)
        size = self._grid[0] * self._grid[1]
        self._by_column(kernels.energy_cuda, self._y, self._x, self._p, self._v, self._columns)
        self._alone(kernels.cut_cuda, self._columns, size, self.told)
        self._compare()
        if min(self._grid) >= _LEAST:
            self._look_at_all(size)
        self._settle(size)
        self._restart(1)

    def follow(self, sums, leader: "DevicePlane") -> None:
        """Take a frame; what moves in the leading plane moves here.

        Parameters
        ----------
        sums : device array of int64, shape (cells,)
            Noisy sums.
        leader : DevicePlane
            After this frame; its cells are as large, or smaller by a power of two.
        """
        self._read(sums)
        self._alone(kernels.as_told_cuda, leader.told, self.told)
        side = self.cell // leader.cell
        self._by_cell(kernels.pooled_cuda, leader.moving, side, self._forced)
        self._compare()
        self._settle(self._grid[0] * self._grid[1])
        self._restart(0)

    def denoised(self):
        """Denoise what is shown.

        Returns
        -------
        device array of int16, flat
            Visible sub-cells in 1/64 grey level; the next frame is drawn over them.
        """
        return self._denoiser.draw(self.shown, self.noise, self.told)

    def take_over(self, before: "DevicePlane") -> bool:
        """Continue the state of another grid.

        Parameters
        ----------
        before : DevicePlane
            Of the same plane, with cells twice or half as wide, or as wide.

        Returns
        -------
        bool
            False where that cannot be.
        """
        finer, coarser = before.cell == 2 * self.cell, self.cell == 2 * before.cell
        if not (finer or coarser or self.cell == before.cell):
            return False
        terms = table(np.array(terms_over(before.cell, self.cell)))
        self._by_cell(
            frames.take_over_cuda, before._x, before._p, before._f, before._pf, before._count,
            before.moving, int(finer), int(coarser), terms, self._v, self._x, self._p, self._f,
            self._pf, self._count, self.moving,
        )  # fmt: skip
        let_go(self._stream, terms)
        return True

    def _read(self, sums) -> None:
        self._by_cell(kernels.read_cuda, sums, self._gains, self._y)

    def _compare(self) -> None:
        """Steps 2 and 3."""
        self._by_cell(kernels.apart_cuda, self._y, self._f, self._apart)
        self._by_cell(kernels.jumps_cuda, self._apart, self._limits, self._own, self._wide)
        self._by_cell(
            kernels.fast_cuda, self._y, self._v, self._f, self._pf, self._x, self._p, self._own,
            self._wide, self._forced, self._apart, self._spreads, self.told,
        )  # fmt: skip
        self._decide()

    def _decide(self) -> None:
        self._by_cell(kernels.moving_cuda, self._apart, self._spreads, self._own, self._wide)
        marks = self._own, self._wide, self.moving, self._forced, self._hot
        self._by_cell(kernels.decide_cuda, *marks)

    def _look_at_all(self, size: int) -> None:
        """Step 4; where the light did not change, step 3 comes to the same again."""
        self._by_cell(fits.background_cuda, self._x, self._a)
        self._by_column(
            fits.fit_cuda, self._apart, self._spreads, self._hot, self._a, self._fits,
            self._quiet, self.told,
        )  # fmt: skip
        self._alone(fits.whole_cuda, self._fits, self._quiet, size, self._work, self.told)
        self._by_cell(fits.light_cuda, self._x, self._a, self._work, self.told)
        self._by_cell(kernels.apart_cuda, self._f, self._x, self._apart)
        self._decide()

    def _settle(self, size: int) -> None:
        """Steps 5 to 7."""
        self._by(
            self._energies.size, kernels.tile_columns_cuda, self._apart, self._spreads, self._hot,
            self._energies, self._counts, self.told,
        )  # fmt: skip
        self._alone(
            kernels.tiles_cuda, self._energies, self._counts, self._grid[0], self._tiles, self.told
        )
        self._by_cell(
            kernels.slow_cuda, self._y, self._v, self._x, self._p, self._f, self._pf, self._count,
            self._hot, self._tiles, self.moving, self.shown, self.noise, self.told,
        )  # fmt: skip
        self._by_column(kernels.busy_cuda, self.moving, self._quiet)
        self._alone(kernels.share_cuda, self._quiet, size, self.told)

    def _restart(self, all_moving: int) -> None:
        self._by_cell(
            kernels.restart_cuda, self._y, self._v, self._x, self._p, self._f, self._pf,
            self._count, self.moving, self.shown, self.noise, all_moving, self.told,
        )  # fmt: skip

    def _by_cell(self, kernel, *arguments) -> None:
        self._by(self._grid[0] * self._grid[1], kernel, *arguments)

    def _by_column(self, kernel, *arguments) -> None:
        self._by(self._grid[1], kernel, *arguments)

    def _by(self, items: int, kernel, *arguments) -> None:
        configured(kernel, -(-items // kernels.THREADS), kernels.THREADS, self._stream)(*arguments)

    def _alone(self, kernel, *arguments) -> None:
        configured(kernel, 1, 1, self._stream)(*arguments)
