"""The script, with the simplest door in front of it: one request after the other, every core for each of them."""

import asyncio
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from loadtests.peers.arrangements import all_cores, one_by_one
from loadtests.peers.door import port_of
from loadtests.peers.stages import answered, loaded


class Waiting(HTTPServer):
    request_queue_size = 1024  # who waits does so here; the default of 5 would turn the others away


def main() -> None:
    port = port_of(__doc__)
    models = loaded(all_cores())
    steps = one_by_one(models.batched)

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._said(vars(models.renderer.swaps))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            self._said(asyncio.run(answered(body, steps, models.facts)))

        def _said(self, answer: dict[str, Any]) -> None:
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    Waiting(("127.0.0.1", port), Door).serve_forever()


if __name__ == "__main__":
    main()
