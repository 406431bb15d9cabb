"""BentoML: as many workers as cores, each with models of its own, and its adaptive batching."""

import asyncio
from typing import Any

import bentoml  # type: ignore[import-not-found,unused-ignore]

from loadtests.peers.arrangements import TOGETHER, all_cores, in_batches
from loadtests.peers.door import port_of
from loadtests.peers.stages import answered, loaded

WAITS_S = 600  # longer than any backlog here: a request that waits is late, and not refused


@bentoml.service(workers=all_cores(), traffic={"timeout": WAITS_S})
class Articles:
    def __init__(self) -> None:
        self._models = loaded(1)

    @bentoml.api(route="/draw", batchable=True, max_batch_size=TOGETHER, max_latency_ms=1000 * WAITS_S)  # type: ignore[untyped-decorator]
    async def draw(self, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        steps = in_batches(self._models.batched)
        return await asyncio.gather(*(answered(body, steps, self._models.facts) for body in bodies))


def main() -> None:
    port = port_of(__doc__)
    with bentoml.serve("loadtests.peers.bentoml:Articles", host="127.0.0.1", port=port, blocking=True):
        pass


if __name__ == "__main__":
    main()
