"""Company does not change a picture, nor does the scheduler: a small version of `python -m loadtests.parity`."""

from loadtests.parity import TOLERANCE, compared
from models.flux.recipe import FluxRecipe


async def test_pictures_of_random_mixes_are_those_of_the_pipeline_and_of_each_order_alone() -> None:
    figures = await compared(FluxRecipe(device="cpu").load(), mixes=8, families=2, seed=1)
    print(figures)
    assert figures["against_pipeline"] <= TOLERANCE, figures
    assert figures["against_alone"] <= TOLERANCE, figures
    assert figures["per_step"] > 1.1, "the mixes were not mixed"
