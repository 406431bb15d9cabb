"""FastAPI with a thread pool: a request at a time per model, other requests in the other models meanwhile."""

from typing import Any

import uvicorn
from fastapi import FastAPI

from loadtests.peers.arrangements import in_threads
from loadtests.peers.door import port_of
from loadtests.peers.stages import Swaps, answered, loaded


def main() -> None:
    port = port_of(__doc__)
    models = loaded(1)  # two models at a time fill two cores
    steps, app = in_threads(models.batched), FastAPI()

    @app.get("/health")
    async def health() -> Swaps:
        return models.renderer.swaps

    @app.post("/draw")
    async def draw(body: dict[str, Any]) -> dict[str, Any]:
        return await answered(body, steps, models.facts)

    uvicorn.run(app, port=port, log_level="warning")


if __name__ == "__main__":
    main()
