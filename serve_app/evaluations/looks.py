"""A picture through scorer and segmenter to the evidence that the verdict is given on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.clip.recipe import ClipRecipe
from models.domain import Attributes, Mask, Picture, Refusal, ScoreOrder, SegmentOrder
from models.manifest import Manifest
from models.questions import answers, captions
from models.sam.recipe import SamRecipe
from serve_app.catalogue.finishing import on_white
from serve_app.catalogue.verdict import Evidence, Thresholds

BATCH = 16  # pictures per forward pass


@dataclass(frozen=True)
class Look:
    """What is to be judged: the picture, what the listing states, the caption that a plain CLIP score compares."""

    picture: Picture
    stated: Attributes
    caption: str
    finished: bool = True


@dataclass(frozen=True)
class Seen:
    """The evidence of a look, and its plain caption score."""

    evidence: Evidence
    clip: float


class Eyes:
    """Scorer, segmenter and thresholds of one pack."""

    def __init__(self, pack: Path, threads: int) -> None:
        self.thresholds = Thresholds.model_validate(Manifest.read(pack / "manifest.toml").thresholds)
        self._scorer = ClipRecipe(pack=pack, threads=threads).load()
        self._segmenter = SamRecipe(pack=pack, threads=threads).load()

    def see(self, looks: Sequence[Look]) -> Iterator[Seen]:
        """The evidence of each look, in order."""
        for start in range(0, len(looks), BATCH):
            some = looks[start : start + BATCH]
            scores = self._scorer.score([ScoreOrder(look.picture, (look.caption, *captions())) for look in some])
            masks = self._segmenter.segment([SegmentOrder.whole(look.picture) for look in some])
            for look, said, mask in zip(some, scores, masks, strict=True):
                yield self._seen(look, said, mask)

    def _seen(self, look: Look, said: Any, mask: Any) -> Seen:
        if isinstance(said, Refusal) or not isinstance(mask, Mask):
            raise TypeError(f"a picture of an evaluation was refused: {said!r}, {mask!r}")
        by_text = dict(zip((look.caption, *captions()), said, strict=True))
        delivered = on_white(look.picture, mask) if look.finished else look.picture
        evidence = Evidence(look.picture, delivered, mask, look.stated, self.thresholds, answers(by_text))
        return Seen(evidence, said[0])
