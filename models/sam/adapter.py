"""The segmenter: a prompted mask per order, the best of SAM's three proposals by its own IoU estimate."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from transformers import SamModel, SamProcessor

from models.asked import fingerprint
from models.domain import Mask, Picture, Refusal, SegmentOrder
from models.engines.choice import Runtime
from models.engines.graphs.sam import sam_masks, sam_vision
from models.engines.served import Served, engines
from models.lru import Lru
from models.sam.numbers import SamNumbers

FAINT = 0.05  # coverage below this is background, above 1 - FAINT is inside: keeps white exactly white


class SamSegmenter:
    """Any SamModel folder; an order without box and points is prompted by the whole frame and its centre."""

    def __init__(self, folder: Path, numbers: SamNumbers, runtime: Runtime) -> None:
        model = SamModel.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype=runtime.dtype)
        self._device, self._dtype, self._batch = runtime.device, runtime.dtype, numbers.batch
        model = model.eval().to(self._device)
        self._encoder = Served(sam_vision(model, numbers.batch), folder, runtime.wanted)
        self._decoder = Served(sam_masks(model, numbers.batch), folder, runtime.wanted)
        self.engines = engines(self._encoder, self._decoder)
        self._known: Lru[torch.Tensor] = Lru("image embeddings", numbers.cached_bytes, lambda one: one.nbytes)
        self._processor = SamProcessor.from_pretrained(folder, local_files_only=True)

    @torch.inference_mode()
    def segment(self, orders: Sequence[SegmentOrder]) -> list[Mask | Refusal]:
        """A mask of each picture's size with soft edges; a bad order is refused alone."""
        outcomes: list[Mask | Refusal | None] = [_refusal(order) for order in orders]
        prompted = {place: _prompted(orders[place]) for place, outcome in enumerate(outcomes) if outcome is None}
        for places in _alike(prompted, self._batch):
            masks = self._together([prompted[place] for place in places])
            for place, mask in zip(places, masks, strict=True):
                outcomes[place] = mask
        return [outcome for outcome in outcomes if outcome is not None]

    def _together(self, orders: Sequence[SegmentOrder]) -> Iterator[Mask]:
        sizes = [order.picture.pixels.shape[:2] for order in orders]
        shapes = [self._shape(size) for size in sizes]
        prompts = self._prompts([_scaled(*one) for one in zip(orders, sizes, shapes, strict=True)])
        scores, proposals = self._decoder(image_embeddings=self._encoded(orders), **prompts)
        best = scores[:, 0].argmax(dim=-1)
        rows = torch.arange(len(orders), device=best.device)
        logits = proposals[rows, 0, best].float().cpu()[:, None, None]
        quality = scores[rows, 0, best].float().clamp(0.0, 1.0).tolist()
        fitted = self._processor.post_process_masks(list(logits), sizes, shapes, binarize=False)
        return (Mask(_alpha(logit[0, 0]), estimate) for logit, estimate in zip(fitted, quality, strict=True))

    def _encoded(self, orders: Sequence[SegmentOrder]) -> torch.Tensor:
        """Image embeddings (orders, channels, height, width); a picture that is asked again is not encoded again."""
        keys = [fingerprint(order.picture.pixels) for order in orders]
        pictures = {key: order.picture.pixels for key, order in zip(keys, orders, strict=True)}
        found = {key: embeds for key in pictures if (embeds := self._known.get(key)) is not None}
        if new := [key for key in pictures if key not in found]:
            pixels = self._processor([pictures[key] for key in new], return_tensors="pt").pixel_values
            (encoded,) = self._encoder(pixel_values=self._ready(pixels))
            for key, embeds in zip(new, encoded, strict=True):
                found[key] = kept = embeds.clone()  # without it each would hold the whole batch
                self._known.put(key, kept)
        return torch.stack([found[key] for key in keys])

    def _prompts(self, scaled: Sequence[SegmentOrder]) -> dict[str, torch.Tensor]:
        prompts: dict[str, torch.Tensor] = {}
        if scaled[0].box is not None:
            prompts["input_boxes"] = self._ready(torch.tensor([[order.box] for order in scaled]))
        if scaled[0].points:
            points = torch.tensor([[order.points] for order in scaled])
            prompts["input_points"] = self._ready(points)
            prompts["input_labels"] = torch.ones(points.shape[:-1], dtype=torch.int64, device=self._device)
        return prompts

    def _shape(self, size: tuple[int, int]) -> tuple[int, int]:
        """(height, width) at which the encoder sees a picture of this one."""
        scale = self._processor.target_size / max(size)
        return int(size[0] * scale + 0.5), int(size[1] * scale + 0.5)

    def _ready(self, tensor: torch.Tensor) -> torch.Tensor:
        return tensor.to(self._device, self._dtype if tensor.is_floating_point() else tensor.dtype)


def _alpha(logits: torch.Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Logits (height, width) to coverage 0-255 with both ends clean."""
    coverage = (torch.sigmoid(logits) - FAINT) / (1.0 - 2.0 * FAINT)
    return (coverage.clamp(0.0, 1.0) * 255.0).round().to(torch.uint8).numpy()


def _prompted(order: SegmentOrder) -> SegmentOrder:
    return order if order.box is not None or order.points else SegmentOrder.whole(order.picture)


def _scaled(order: SegmentOrder, size: tuple[int, int], shape: tuple[int, int]) -> SegmentOrder:
    """The order's box and points where they lie in a picture of (height, width) `shape` instead of `size`."""
    across, down = shape[1] / size[1], shape[0] / size[0]
    x0, y0, x1, y1 = order.box or (0.0, 0.0, 0.0, 0.0)
    box = None if order.box is None else (x0 * across, y0 * down, x1 * across, y1 * down)
    return replace(order, box=box, points=tuple((x * across, y * down) for x, y in order.points))


def _alike(orders: dict[int, SegmentOrder], batch: int) -> Iterator[list[int]]:
    """Places whose orders have the same kinds of prompts: padding one to another's would change what SAM reads."""
    groups: dict[tuple[bool, int], list[int]] = {}
    for place, order in orders.items():
        groups.setdefault((order.box is None, len(order.points)), []).append(place)
    for places in groups.values():
        for start in range(0, len(places), batch):
            yield places[start : start + batch]


def _refusal(order: SegmentOrder) -> Refusal | None:
    pixels = order.picture.pixels
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        return Refusal("bad_picture", f"a picture is uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}")
    corners = [*([order.box[:2], order.box[2:]] if order.box else []), *order.points]
    outside = [corner for corner in corners if not _within(order.picture, corner)]
    if outside:
        return Refusal("bad_prompt", f"box and points lie within the picture of {order.picture.size}, not {outside!r}")
    if order.box and (order.box[0] >= order.box[2] or order.box[1] >= order.box[3]):
        return Refusal("bad_prompt", f"a box is (x0, y0, x1, y1) with x0 < x1 and y0 < y1, not {order.box!r}")
    return None


def _within(picture: Picture, corner: Sequence[float]) -> bool:
    width, height = picture.size
    return 0.0 <= corner[0] <= width and 0.0 <= corner[1] <= height
