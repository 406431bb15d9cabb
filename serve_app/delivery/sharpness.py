"""Is the product sharp? The blur effect of Crété-Roffet et al. (2007) on the product, at one size for all files."""

import numpy as np
from PIL import Image
from skimage.measure import blur_effect

from serve_app.delivery.profile import Rules
from serve_app.delivery.ruling import Ruling, said
from serve_app.delivery.subject import Subject

SIDE = 384  # pixels of the product's longer side when it is measured: about what a page of results shows
BLUR_MOST = 0.5  # 0 sharp, 1 gone


def blur_of(subject: Subject) -> float:
    """0-1, of the product or, where it is not known, of the whole picture."""
    x0, y0, x1, y1 = subject.box or (0, 0, *subject.size)
    crop = Image.fromarray(subject.pixels[y0:y1, x0:x1]).convert("L")
    # Always brought to the same size, so that enlarging a picture does not make it sharper.
    scale = SIDE / max(crop.size)
    small = crop.resize(
        (max(8, round(crop.width * scale)), max(8, round(crop.height * scale))), Image.Resampling.BICUBIC
    )
    return float(blur_effect(np.asarray(small, dtype=np.float64) / 255))


def sharp(subject: Subject, rules: Rules) -> Ruling | None:
    """Not more blurred than the limit."""
    if not rules.sharp:
        return None
    blur = round(blur_of(subject), 3)
    reason = said(f"Unschärfe {blur:g}, höchstens {BLUR_MOST:g}", f"blur {blur:g}, at most {BLUR_MOST:g}")
    return Ruling(
        rule="sharp", state="pass" if blur <= BLUR_MOST else "fail", value=blur, most=BLUR_MOST, reason=reason
    )
