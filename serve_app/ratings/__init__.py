"""What people say of pictures without knowing where they come from, and how scores and verdict go along with it."""

from typing import Final

GENERATED: Final = "generated"
PHOTO: Final = "photo"
