"""The reader: lines of text, found by a detector or known beforehand, each read by a recogniser."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoImageProcessor, AutoModelForObjectDetection, AutoModelForTextRecognition

from models.domain import Box, Picture, Pixels, ReadOrder, Refusal, TextLine
from models.ppocr.crops import crop
from models.ppocr.found import found
from models.ppocr.numbers import PpocrNumbers


class PpocrReader:
    """Any text recogniser of transformers with a detector of lines; without one only lines that are known are read."""

    def __init__(
        self, folder: Path, detector: Path | None, numbers: PpocrNumbers, device: torch.device, dtype: torch.dtype
    ) -> None:
        self._device, self._dtype, self._numbers = device, dtype, numbers
        self._recogniser, self._line = self._loaded(AutoModelForTextRecognition, folder)
        self._detector, self._page = (None, None)
        if detector is not None:
            self._detector, self._page = self._loaded(AutoModelForObjectDetection, detector)

    def _loaded(self, kind: Any, folder: Path) -> tuple[Any, Any]:
        model = kind.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype=self._dtype)
        return model.eval().to(self._device), AutoImageProcessor.from_pretrained(folder, local_files_only=True)

    @torch.inference_mode()
    def read(self, orders: Sequence[ReadOrder]) -> list[tuple[TextLine, ...] | Refusal]:
        """The lines of each picture in the order of reading; a bad order is refused alone."""
        refused = [self._refusal(order) for order in orders]
        boxes = [() if wrong else self._lines(order) for order, wrong in zip(orders, refused, strict=True)]
        crops = [crop(order.picture, box) for order, own in zip(orders, boxes, strict=True) for box in own]
        said = iter(self._said(crops))
        read = [tuple(TextLine(*next(said), box) for box in own) for own in boxes]
        return [wrong or lines for wrong, lines in zip(refused, read, strict=True)]

    def _lines(self, order: ReadOrder) -> Sequence[Box]:
        if self._detector is None:
            return order.lines
        seen = self._prepared(self._page, order.picture.pixels)
        chances = self._detector(pixel_values=seen[None].to(self._device, self._dtype)).last_hidden_state
        return found(chances[0, 0].float().cpu().numpy(), order.picture.size, self._numbers)

    def _said(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Text and confidence of each line; lines of one width share forward passes."""
        seen = [self._prepared(self._line, pixels) for pixels in crops]
        said: dict[int, tuple[str, float]] = {}
        for places in _alike(seen, self._numbers.batch):
            together = torch.stack([seen[place] for place in places]).to(self._device, self._dtype)
            read = self._line.post_process_text_recognition(self._recogniser(pixel_values=together))
            for place, one in zip(places, read, strict=True):
                # The mean over the characters of a line that has none is not a number.
                said[place] = one["text"], one["score"] if one["text"] else 0.0
        return [said[place] for place in range(len(crops))]

    def _prepared(self, processor: Any, pixels: Pixels) -> Tensor:
        """One at a time: the processor brings what comes together to the width of the widest."""
        seen: Tensor = processor(pixels, return_tensors="pt", input_data_format="channels_last").pixel_values[0]
        return seen

    def _refusal(self, order: ReadOrder) -> Refusal | None:
        pixels = order.picture.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
            return Refusal("bad_picture", f"a picture is uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}")
        if outside := [box for box in order.lines if not _within(order.picture, box)]:
            return Refusal("bad_lines", f"lines lie within the picture of {order.picture.size}, not {outside!r}")
        if self._detector is None and not order.lines:
            return Refusal("no_lines", "this reader does not find lines; say where they stand")
        return None


def _within(picture: Picture, box: Box) -> bool:
    width, height = picture.size
    return 0 <= box[0] < box[2] <= width and 0 <= box[1] < box[3] <= height


def _alike(seen: Sequence[Tensor], batch: int) -> Iterator[list[int]]:
    """Places of lines that have one width, at most `batch` at a time."""
    widths: dict[int, list[int]] = {}
    for place, pixels in enumerate(seen):
        widths.setdefault(pixels.shape[-1], []).append(place)
    for places in widths.values():
        for start in range(0, len(places), batch):
            yield places[start : start + batch]
