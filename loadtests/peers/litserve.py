"""LitServe: as many workers as cores, each with models of its own and batches of what waits for it."""

import asyncio
from typing import Any

import litserve  # type: ignore[import-not-found,unused-ignore]

from loadtests.peers.arrangements import TOGETHER, all_cores, in_batches
from loadtests.peers.door import port_of
from loadtests.peers.stages import answered, loaded


class Articles(litserve.LitAPI):  # type: ignore[misc,unused-ignore]
    def setup(self, device: str) -> None:
        self._models = loaded(1)

    def predict(self, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return asyncio.run(self._together(bodies))

    async def _together(self, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        steps = in_batches(self._models.batched)
        return await asyncio.gather(*(answered(body, steps, self._models.facts) for body in bodies))

    def unbatch(self, output: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return output


def main() -> None:
    port = port_of(__doc__)
    api = Articles(max_batch_size=TOGETHER, batch_timeout=0.01, api_path="/draw")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=all_cores(), timeout=False)
    server.run(host="127.0.0.1", port=port, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
