"""What the retoucher is trained on: a figure, what of it is masked, what controls it, and what is said of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import binary_dilation
from torch import Tensor

from models.domain import ControlKind
from models.pose_picture import JOINTS, Joint, pose_picture
from models.starter.drawing.figures import PARTS
from models.starter.recipes.figures import SIZE, Shard, prompt, read_shard

Pixels = NDArray[np.uint8]
Bits = NDArray[np.bool_]

MASKS = {"around the garment": 0.7, "areas": 0.23, "everything": 0.07}
CONTROLS: dict[ControlKind, float] = {"pose": 0.6, "edge": 0.2, "mask": 0.2}
EDGE = 18  # levels between neighbours that count as an edge
SAID = 0.95  # chance of each word of a prompt
SILENT = 0.1  # chance of no prompt at all, for guidance
WORDS = ("studio", "photo", "of", "a", "person", "skin", "hair", "leggings", "tank", "top", "backdrop")
SWAPPED = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Retouch:
    """`picture` and `control` uint8 (256, 256, 3); `mask` bool (256, 256), true where it is to be painted."""

    picture: Pixels
    mask: Bits
    control: Pixels
    prompt: str


@dataclass
class Retouches:
    """Endless retouches of the shards of a folder; those that are written meanwhile are taken in."""

    folder: Path
    rng: np.random.Generator
    shards: dict[str, Shard] = field(default_factory=dict)

    def refresh(self) -> None:
        for file in sorted(self.folder.glob("figures-*.npz")):
            if file.name not in self.shards:
                self.shards[file.name] = read_shard(file)

    def batches(self, size: int) -> Iterator[list[Retouch]]:
        step = 0
        while True:
            if step % 100 == 0:
                self.refresh()
            yield [self._one() for _ in range(size)]
            step += 1

    def _one(self) -> Retouch:
        rng = self.rng
        shard = list(self.shards.values())[rng.integers(len(self.shards))]
        row = int(rng.integers(len(shard.pictures)))
        picture, parts = shard.pictures[row], shard.parts[row]
        joints = {joint: (float(x), float(y)) for joint, (x, y) in zip(JOINTS, shard.joints[row], strict=True)}
        if rng.random() < 0.5:
            picture, parts, joints = picture[:, ::-1], parts[:, ::-1], mirrored(joints)
        kind: ControlKind = rng.choice(get_args(ControlKind), p=[CONTROLS[kind] for kind in get_args(ControlKind)])
        said = {what: word for what, word in shard.said[row].items() if rng.random() < SAID}
        text = "" if rng.random() < SILENT else prompt(said)
        return Retouch(picture, masked(parts, rng), control_picture(kind, picture, parts, joints), text)


def mirrored(joints: dict[Joint, tuple[float, float]]) -> dict[Joint, tuple[float, float]]:
    """The joints of the picture seen in a mirror: left is right."""
    turned: dict[Joint, tuple[float, float]] = {}
    for joint in JOINTS:
        side, _, rest = joint.partition(" ")
        x, y = joints[f"{SWAPPED[side]} {rest}" if rest else joint]  # type: ignore[index]
        turned[joint] = (SIZE - x, y)
    return turned


def masked(parts: Pixels, rng: np.random.Generator) -> Bits:
    """Where to paint: everything but the garment, a few areas or all but them, everything."""
    kind = rng.choice(list(MASKS), p=list(MASKS.values()))
    if kind == "everything":
        return np.ones(parts.shape, bool)
    if kind == "areas":
        return np.asarray(_areas(rng) != (rng.random() < 0.3))
    paint = parts != PARTS.index("garment")
    # A segmenter's outline is not exact: sometimes it leaves the garment's border to the painter.
    return np.asarray(binary_dilation(paint, iterations=int(rng.integers(1, 3))) if rng.random() < 0.5 else paint)


def _areas(rng: np.random.Generator) -> Bits:
    image = Image.new("1", (SIZE, SIZE))
    ink = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(0, SIZE, 2)
        width, height = rng.uniform(SIZE / 12, SIZE / 2.5, 2)
        shape = ink.ellipse if rng.random() < 0.5 else ink.rectangle
        shape([x - width / 2, y - height / 2, x + width / 2, y + height / 2], fill=1)
    return np.asarray(image)


def control_picture(
    kind: ControlKind, picture: Pixels, parts: Pixels, joints: dict[Joint, tuple[float, float]]
) -> Pixels:
    """What a control of a kind looks like for a drawn figure: bones, white edges, or the white figure, on black."""
    if kind == "pose":
        return pose_picture(joints, SIZE, SIZE).pixels
    shown = edges(picture) if kind == "edge" else parts != PARTS.index("backdrop")
    return np.repeat(shown[..., None].astype(np.uint8) * 255, 3, axis=2)


def edges(picture: Pixels) -> Bits:
    """Where the picture changes from one pixel to the next."""
    levels = picture.astype(np.int16)
    found = np.zeros(picture.shape[:2], bool)
    found[:, 1:] |= np.abs(levels[:, 1:] - levels[:, :-1]).max(-1) > EDGE
    found[1:] |= np.abs(levels[1:] - levels[:-1]).max(-1) > EDGE
    return found


def tensors(batch: list[Retouch]) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures (n, 3, 256, 256) in -1..1, masks (n, 1, 256, 256) and controls (n, 3, 256, 256) in 0..1."""
    pictures = torch.from_numpy(np.stack([one.picture for one in batch])).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    masks = torch.from_numpy(np.stack([one.mask for one in batch])).float()[:, None]
    controls = torch.from_numpy(np.stack([one.control for one in batch])).permute(0, 3, 1, 2).float().div(255)
    return pictures, masks, controls
