"""A text recogniser and a text detector of PP-OCR's real classes with seeded random weights, on disk as they come."""

from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    PPOCRV5ServerDetImageProcessor,
    PPOCRV6SmallDetConfig,
    PPOCRV6SmallDetForObjectDetection,
    PPOCRV6SmallRecConfig,
    PPOCRV6SmallRecForTextRecognition,
    PPOCRV6SmallRecImageProcessor,
)

CHARACTERS = ["blank", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", " "]
STAGES = [[[3, 8, 8, 1, True]], [[3, 8, 8, 1, False]], [[3, 8, 16, [2, 1], True]], [[3, 16, 16, [2, 1], False]]]
MAPS = [[[3, 8, 8, 1, True]], [[3, 8, 12, 2, False]], [[3, 12, 16, 2, True]], [[3, 16, 24, 2, False]]]
MANIFEST = """
pack = "small"
version = 1
[parts.reader]
kind = "ppocr"
path = "reader"
licence = { spdx = "Apache-2.0" }
options = { pixel_score = 0.3, line_score = 0.3 }
"""
DETECTOR = """
[parts.reader.adapters.detector]
path = "reader-detector"
licence = { spdx = "Apache-2.0" }
base_model = "small"
"""


def write(pack: Path, detector: bool = True) -> None:
    """A pack of a reader alone, with or without a detector."""
    torch.manual_seed(0)
    recogniser().save_pretrained(pack / "reader")
    PPOCRV6SmallRecImageProcessor(character_list=CHARACTERS).save_pretrained(pack / "reader")
    if detector:
        finder().save_pretrained(pack / "reader-detector")
        PPOCRV5ServerDetImageProcessor().save_pretrained(pack / "reader-detector")
    (pack / "manifest.toml").write_text(MANIFEST + (DETECTOR if detector else ""))


def recogniser() -> Any:
    backbone = {
        "model_type": "pp_lcnet_v4", "stem_channels": [3, 4, 8], "block_configs": STAGES, "out_features": ["stage4"],
    }  # fmt: skip
    config = PPOCRV6SmallRecConfig(
        backbone_config=backbone, hidden_size=16, num_attention_heads=2, head_out_channels=len(CHARACTERS)
    )
    return _lively(PPOCRV6SmallRecForTextRecognition(config))


def finder() -> Any:
    backbone = {
        "model_type": "pp_lcnet_v4", "stem_channels": [3, 4, 8], "block_configs": MAPS,
        "out_features": ["stage1", "stage2", "stage3", "stage4"],
    }  # fmt: skip
    config = PPOCRV6SmallDetConfig(
        backbone_config=backbone, neck_out_channels=16, layer_list_out_channels=[8, 12, 16, 24]
    )
    return _lively(PPOCRV6SmallDetForObjectDetection(config))


def _lively(model: Any) -> Any:
    """Fresh weights of these classes answer everything alike; larger ones tell pictures apart."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear):
            nn.init.normal_(layer.weight, std=0.4)
    return model.eval()
