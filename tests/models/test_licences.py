"""The licence gate."""

import pytest

from models.errors import LicenceError
from models.licences import LicencePolicy, admit, refusal, ruling
from models.manifest import AdapterEntry, Licence, Manifest, Part


def manifest(part: str, adapter: str = "MIT") -> Manifest:
    entry = AdapterEntry(path="a", licence=Licence(spdx=adapter), base_model="b")
    return Manifest(
        pack="p",
        version=1,
        parts={"renderer": Part(kind="flux", path="r", licence=Licence(spdx=part), adapters={"fashion": entry})},
    )


@pytest.mark.parametrize("spdx", ["Apache-2.0", "MIT", "BSD-3-Clause", "ISC", "CC-BY-4.0"])
def test_permissive_licences_pass(spdx: str) -> None:
    assert ruling(spdx) == "allowed", spdx


@pytest.mark.parametrize(
    "spdx", ["CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "AGPL-3.0-only", "LicenseRef-flux-1-dev-non-commercial"]
)
def test_non_commercial_weights_are_refused_in_the_marketplace_even_when_named(spdx: str) -> None:
    assert refusal("renderer", Licence(spdx=spdx), LicencePolicy(accepted=("renderer",))) is not None, spdx


def test_non_commercial_weights_may_be_named_for_research() -> None:
    policy = LicencePolicy(profile="research", accepted=("renderer",))
    assert refusal("renderer", Licence(spdx="CC-BY-NC-4.0"), policy) is None
    assert refusal("renderer", Licence(spdx="CC-BY-NC-4.0"), LicencePolicy(profile="research")) is not None


@pytest.mark.parametrize("spdx", ["CreativeML-OpenRAIL-M", "LicenseRef-unverified", ""])
def test_every_other_licence_asks_the_operator(spdx: str) -> None:
    assert ruling(spdx) == "ask"
    reason = refusal("renderer", Licence(spdx=spdx), LicencePolicy())
    assert reason is not None
    assert "licences.accepted" in reason
    assert refusal("renderer", Licence(spdx=spdx), LicencePolicy(accepted=("renderer",))) is None


def test_an_adapter_is_gated_like_its_base_model() -> None:
    with pytest.raises(LicenceError, match="renderer/fashion"):
        admit(manifest("MIT", adapter="LicenseRef-unverified"), "renderer", LicencePolicy())
    admit(manifest("MIT", adapter="LicenseRef-unverified"), "renderer", LicencePolicy(accepted=("renderer/fashion",)))
