"""The procedural garment renderer behind the training data: attributes in, a flat-laid garment and its mask out."""

from models.starter.drawing.draw import STRAIGHT, Drawing, draw
from models.starter.drawing.garment import Garment, held_out
from models.starter.drawing.sampling import sample

__all__ = ["STRAIGHT", "Drawing", "Garment", "draw", "held_out", "sample"]
