"""Where a picture came from, so that what is painted goes back there."""

import sys
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Home:
    """Library, layout and device of a picture.

    Attributes
    ----------
    first : bool
        Whether the channels stand before rows and columns.
    torch : bool
        Whether it was a tensor of PyTorch.
    device : str
        Name of a tensor's device.
    kind : type or None
        A tensor's own class, where it is one of torchvision's.
    inner : bool
        Whether channels that stand first lie last in memory, as with PyTorch's ``channels_last``.
    """

    first: bool
    torch: bool = False
    device: str = ""
    kind: type | None = None
    inner: bool = False

    def put(self, painted):
        """Hand out a painted picture as its original was given.

        Parameters
        ----------
        painted : ndarray or device array of uint8
            With its channels last; nobody else has it.

        Returns
        -------
        ndarray or torch.Tensor
            Contiguous, or laid out in memory as the tensor was.
        """
        if not self.torch:
            return np.ascontiguousarray(_channels_first(painted, np.moveaxis))
        torch = sys.modules["torch"]
        tensor = torch.as_tensor(painted, device=self.device)
        if self.first:
            tensor = _channels_first(tensor, torch.movedim)
            tensor = tensor if self.inner else tensor.contiguous()
        return tensor if self.kind is None else tensor.as_subclass(self.kind)


def _channels_first(painted, move):
    return painted if painted.ndim == 2 else move(painted, -1, -3)
