"""The one error of pictures that users send."""

from typing import Literal

from models.errors import VitrineError

Code = Literal["too_large", "not_a_picture", "too_many_pixels", "animated", "broken", "too_slow"]


class PictureError(VitrineError):
    """A file that cannot be used as a picture; `code` is stable, the message says what to send instead."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
