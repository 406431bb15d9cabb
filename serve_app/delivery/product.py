"""Where the product of a picture is that somebody sent: as they say, as the file says, or what a flood leaves."""

import numpy as np

from models.domain import Mask, Pixels
from serve_app.delivery.finish import FinishError
from serve_app.delivery.flooding import flooded, ground_of


def product_of(pixels: Pixels, alpha: Pixels | None, given: Mask | None, option: str = "mask") -> Mask:
    """`alpha`: of the file; `given`: by the sender, who knows it as `option`. Raises FinishError."""
    if given is not None:
        if given.alpha.shape != pixels.shape[:2]:
            sizes = [f"{shape[1]} x {shape[0]}" for shape in (given.alpha.shape, pixels.shape)]
            raise FinishError(f"{option}: {sizes[0]}, but the picture is {sizes[1]}; give one alike")
        return given
    if alpha is not None:
        return Mask(alpha, 1.0)
    ground = ground_of(pixels)
    if ground is None:
        raise FinishError(f"the picture has no plain background to cut the product off; give {option}")
    return Mask(np.where(flooded(ground), np.uint8(255), np.uint8(0)), 1.0)
