"""What an edit leaves alone."""

from models.domain import Picture, Pixels


def masked(drawn: Picture, original: Picture, mask: Pixels | None) -> Picture:
    """The drawn picture where `mask` (uint8, height x width) is 128 and more, elsewhere the original's pixels; all of
    it without a mask."""
    if mask is None:
        return drawn
    pixels, kept = drawn.pixels.copy(), mask < 128
    pixels[kept] = original.pixels[kept]
    return Picture(pixels)
