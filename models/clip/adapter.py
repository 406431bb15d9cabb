"""The scorer: one pass of the picture tower over all pictures, one of the text tower over all distinct texts."""

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import open_clip
import torch
from PIL import Image
from safetensors.torch import load_file

from models.clip.numbers import ClipNumbers
from models.domain import Picture, Refusal, ScoreOrder
from models.engines.choice import Runtime
from models.engines.graphs.clip import clip_pictures, clip_texts
from models.engines.served import Served, engines
from models.lru import Lru
from models.questions import FITTED


class ClipScorer:
    """Any open_clip folder; texts beyond the context are cut by the tokenizer (count them with ClipTokenCounter)."""

    def __init__(self, folder: Path, numbers: ClipNumbers, runtime: Runtime) -> None:
        name = f"local-dir:{folder}"
        model, _, preprocess = open_clip.create_model_and_transforms(name)
        self._device, self._dtype, self._scale = runtime.device, runtime.dtype, numbers.scale
        model, self._preprocess = model.eval().to(self._device, self._dtype), preprocess
        self._pictures = Served(clip_pictures(model), folder, runtime.wanted)
        self._captions = Served(clip_texts(model), folder, runtime.wanted)
        self.engines = engines(self._pictures, self._captions)
        self._texts: Lru[torch.Tensor] = Lru("caption embeds", numbers.cached_texts)
        self._tokenizer = open_clip.get_tokenizer(name, context_length=numbers.context)
        fitted = folder / FITTED
        self._fitted = {text: row.float() for text, row in load_file(fitted).items()} if fitted.is_file() else {}

    @torch.inference_mode()
    def score(self, orders: Sequence[ScoreOrder]) -> list[tuple[float, ...] | Refusal]:
        """`scale` (100) times the cosine of an order's picture with each of its texts; a bad order is refused alone."""
        outcomes: list[tuple[float, ...] | Refusal] = [_refusal(order) or () for order in orders]
        good = [place for place, outcome in enumerate(outcomes) if not isinstance(outcome, Refusal)]
        if not good:
            return outcomes
        pictures = self._embed_pictures([orders[place].picture for place in good])
        texts = self._recalled(dict.fromkeys(text for place in good for text in orders[place].texts))
        for place, picture in zip(good, pictures, strict=True):
            rows = torch.stack([texts[text] for text in orders[place].texts])
            outcomes[place] = tuple((self._scale * (rows @ picture)).tolist())
        return outcomes

    def _embed_pictures(self, pictures: Sequence[Picture]) -> torch.Tensor:
        """Unit vectors, shape (pictures, embedding), float32 on the CPU."""
        inputs = torch.stack([self._preprocess(Image.fromarray(picture.pixels)) for picture in pictures])
        (features,) = self._pictures(image=inputs.to(self._device, self._dtype))
        return features.float().cpu()

    def _recalled(self, texts: Collection[str]) -> dict[str, torch.Tensor]:
        found = {text: self._fitted[text] for text in texts if text in self._fitted}
        others = [text for text in texts if text not in found]
        found |= {text: embeds for text in others if (embeds := self._texts.get(text)) is not None}
        if new := [text for text in texts if text not in found]:
            for text, embeds in zip(new, self._embed_texts(new), strict=True):
                found[text] = kept = embeds.clone()  # without it each would hold the whole batch
                self._texts.put(text, kept)
        return found

    def _embed_texts(self, texts: Sequence[str]) -> torch.Tensor:
        tokens = self._tokenizer(list(texts)).to(self._device)
        (features,) = self._captions(text=tokens)
        return features.float().cpu()


def _refusal(order: ScoreOrder) -> Refusal | None:
    pixels = order.picture.pixels
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        return Refusal("bad_picture", f"a picture is uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}")
    if not order.texts or not all(text.strip() for text in order.texts):
        return Refusal("bad_text", f"a score needs one or more texts, none of them empty; got {order.texts!r}")
    return None
