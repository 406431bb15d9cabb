"""Vitrine's renderer alone: its deployment as the application has it, behind a door like that of the naive one."""

from typing import Any

from fastapi import FastAPI
from ray import serve

from deployments.renderer import deployment
from loadtests.peers import stages
from loadtests.peers.door import port_of, serve_until_told
from loadtests.peers.stages import answered
from models.domain import Picture, Refusal, RenderOrder, Watch
from serve_app.stories.steps import Steps

app = FastAPI()


@serve.deployment(max_ongoing_requests=1000, ray_actor_options={"num_cpus": 0.2})
@serve.ingress(app)
class Door:
    def __init__(self, renderer: Any) -> None:
        self._renderer = renderer

        async def nothing(_order: Any) -> Any:
            raise NotImplementedError("this door draws pictures only")

        self._steps = Steps(nothing, nothing, self._render, nothing, nothing)

    async def _render(self, order: RenderOrder, watch: Watch | None = None) -> Picture | Refusal:
        names = "+".join(one.name for one in order.adapters)  # as the conductor does it
        renderer = self._renderer.options(multiplexed_model_id=names) if names else self._renderer
        answer: Picture | Refusal = await renderer.render.remote(order)
        return answer

    @app.get("/health")
    async def health(self) -> dict[str, int]:
        work: dict[str, int] = await self._renderer.work.remote()
        return {"changed": work["swaps"], "orders": work["pictures"]}

    @app.post("/draw")
    async def draw(self, body: dict[str, Any]) -> dict[str, Any]:
        return await answered(body, self._steps, {})


def application() -> Any:
    own = {"decoders": 2, "nice": 10}  # as laptop.yaml has it
    recipe, cpus = stages.recipes(1)["renderer"] | own, {"num_cpus": 0.6}
    renderer = deployment.options(user_config=recipe, ray_actor_options=cpus)
    return Door.bind(renderer.bind())  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve_until_told(application(), port_of(__doc__))
