"""One cache of engines for all tests here, filled as they ask: an export takes seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import small_inpainting

from models.checkpoint import STARTER_PACK
from models.engines.workshop import Workshop


@pytest.fixture(scope="session")
def engines_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("engines", numbered=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VITRINE_ENGINES", str(folder))
        yield folder


@pytest.fixture(scope="session")
def workshop(engines_folder: Path) -> Workshop:
    return Workshop(STARTER_PACK, "cpu")


@pytest.fixture(scope="session")
def retouching_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retouching")
    small_inpainting.write(small_inpainting.pipeline(), folder)
    return folder


@pytest.fixture(scope="session")
def retouching(engines_folder: Path, retouching_pack: Path) -> Workshop:
    """Small modules of Stable Diffusion's architecture, their weights drawn from a seed."""
    return Workshop(retouching_pack, "cpu")
