"""The SAM adapter on the shipped segmenter."""

from functools import cache

import numpy as np
import pytest
import torch

from models.domain import Mask, Picture, Refusal, SegmentOrder
from models.sam.adapter import SamSegmenter, _scaled
from models.sam.recipe import SamRecipe
from models.starter.drawing import Drawing, Garment, draw

DRESS = Garment(audience="women", type="dress", base="dark green", sleeve="short", neckline="crew")
BAD = Picture(np.zeros((8, 8), np.uint8))


@cache
def segmenter() -> SamSegmenter:
    return SamRecipe(threads=1).load()


@cache
def drawing() -> Drawing:
    return draw(DRESS, np.random.default_rng(3))


def other(seed: int) -> Picture:
    return draw(DRESS, np.random.default_rng(seed)).picture


def one(outcome: Mask | Refusal) -> Mask:
    assert isinstance(outcome, Mask), outcome
    return outcome


def iou(mask: Mask) -> float:
    found, right = mask.alpha > 127, drawing().mask.alpha > 127
    return float((found & right).sum() / (found | right).sum())


def box() -> tuple[float, float, float, float]:
    rows, columns = np.nonzero(drawing().mask.alpha > 127)
    return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


@pytest.mark.parametrize("prompt", ["frame", "box", "point", "both"])
def test_every_kind_of_prompt_finds_the_garment(prompt: str) -> None:
    picture = drawing().picture
    order = {
        "frame": SegmentOrder(picture),
        "box": SegmentOrder(picture, box=box()),
        "point": SegmentOrder(picture, points=((128.0, 128.0),)),
        "both": SegmentOrder(picture, box=box(), points=((128.0, 128.0), (120.0, 140.0))),
    }[prompt]
    mask = one(segmenter().segment([order])[0])
    assert iou(mask) > 0.9, (prompt, iou(mask))
    assert 0.0 <= mask.quality <= 1.0


def test_a_mask_has_its_pictures_size_and_leaves_the_corners_clear() -> None:
    tall = Picture(np.ascontiguousarray(drawing().picture.pixels[:, 48:208]))
    mask = one(segmenter().segment([SegmentOrder(tall)])[0])
    assert mask.alpha.shape == (256, 160)
    assert mask.alpha.dtype == np.uint8
    assert [int(mask.alpha[y, x]) for y in (0, -1) for x in (0, -1)] == [0, 0, 0, 0]


def test_bad_orders_are_refused_alone() -> None:
    picture = drawing().picture
    good = SegmentOrder(picture)
    outcomes = segmenter().segment(
        [
            good,
            SegmentOrder(BAD),
            SegmentOrder(picture, box=(0.0, 0.0, 999.0, 10.0)),
            SegmentOrder(picture, box=(9.0, 0.0, 3.0, 10.0)),
            SegmentOrder(picture, points=((-4.0, 2.0),)),
            good,
        ]
    )
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)]
    assert codes == ["bad_picture", "bad_prompt", "bad_prompt", "bad_prompt"]
    alone = one(segmenter().segment([good])[0])
    for place in (0, -1):
        assert np.abs(one(outcomes[place]).alpha.astype(int) - alone.alpha).max() <= 1


def test_mixed_prompts_and_sizes_keep_their_places() -> None:
    picture = drawing().picture
    small = Picture(np.ascontiguousarray(picture.pixels[::2, ::2]))
    masks = segmenter().segment([SegmentOrder(small), SegmentOrder(picture, box=box()), SegmentOrder(picture)])
    assert [one(mask).alpha.shape for mask in masks] == [(128, 128), (256, 256), (256, 256)]


def test_a_mask_is_the_same_alone_and_in_a_batch() -> None:
    orders = [SegmentOrder(other(seed)) for seed in range(10, 16)]
    together = SamRecipe(threads=1).load().segment(orders)
    for order, mask in zip(orders, together, strict=True):
        alone = one(SamRecipe(threads=1).load().segment([order])[0])
        assert np.abs(one(mask).alpha.astype(int) - alone.alpha).max() <= 1
        assert one(mask).quality == pytest.approx(alone.quality, abs=1e-4)


def test_a_picture_that_is_asked_again_is_not_encoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, picture, encoded = SamRecipe(threads=1).load(), other(20), list[int]()
    encode = fresh._encoder

    def counted(pixel_values: torch.Tensor) -> tuple[torch.Tensor, ...]:
        encoded.append(len(pixel_values))
        return encode(pixel_values=pixel_values)

    monkeypatch.setattr(fresh, "_encoder", counted)
    first, same = fresh.segment([SegmentOrder(picture), SegmentOrder(Picture(picture.pixels.copy()))])
    (elsewhere,) = fresh.segment([SegmentOrder(picture, points=((128.0, 128.0),))])
    (unlike,) = fresh.segment([SegmentOrder(other(21))])
    assert encoded == [1, 1]
    assert np.array_equal(one(first).alpha, one(same).alpha)
    assert one(elsewhere).quality != one(first).quality
    assert not np.array_equal(one(unlike).alpha, one(first).alpha)


def test_boxes_and_points_lie_where_the_models_own_processor_puts_them() -> None:
    adapter, picture = segmenter(), Picture(np.ascontiguousarray(drawing().picture.pixels[:200, 30:170]))
    box, point = (10.0, 20.0, 130.0, 190.0), (70.0, 99.0)
    wanted = adapter._processor(
        picture.pixels, input_boxes=[[list(box)]], input_points=[[list(point)]], input_labels=[[1]], return_tensors="pt"
    )
    shape = adapter._shape((200, 140))
    found = adapter._prompts([_scaled(SegmentOrder(picture, box, (point,)), (200, 140), shape)])
    assert list(shape) == wanted["reshaped_input_sizes"][0].tolist()
    for name in ("input_boxes", "input_points", "input_labels"):
        assert found[name].shape == wanted[name].shape, name
        assert torch.allclose(found[name].double(), wanted[name].double()), name
