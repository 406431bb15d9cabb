"""A service on loopback that answers like Vitrine's: one flat colour per article, and a count of what it is asked."""

import hashlib
import io
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

from serve_app.catalogue.listing import Listing, seed_for
from serve_app.catalogue.record import Fault, Finding, Question, Record

COLUMNS = ("name", "description", "model_name", "model_descr")
KEY = "vk_right"


@dataclass
class Service:
    """`asked` counts requests per article, `broken` names listings that it fails on; `pause` seconds per article.

    `declines`: method -> the status of its answer to who has not the key `KEY`.
    """

    url: str = ""
    pause: float = 0.0
    asked: Counter[str] = field(default_factory=Counter)
    broken: set[str] = field(default_factory=set)
    declines: dict[str, int] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    most_at_once: int = 0
    at_once: int = 0

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        options = body.pop("options")
        listing = Listing(**body)
        self.asked[listing.name] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.pause)
        self.at_once -= 1
        if options.get("candidates") == 8:
            return 422, {"detail": "options.candidates: too many", "error": {"param": "options.candidates"}}
        if listing.name in self.broken:
            return 500, {"detail": "the renderer failed", "error": {"code": "internal"}}
        record = _record(listing, options)
        if "?" in listing.name:
            record.status = "needs_answer"
            text = {"de": "Welche Farbe?", "en": "Which colour?"}
            record.question = Question(attribute="colours", text=text, suggestions=["blue"])
            return 200, _document(record)
        if not listing.description:
            record.status, record.rejection = "rejected", Fault(code="empty", reason="no description")
            return 422, {"detail": "no description", "error": {"code": "empty"}, "record": _document(record)}
        ways = ["", "-navy", "-ecru"][: 3 if options.get("policy") == "colourways=3" else 1]
        first, *others = [self._drawn(record, suffix) for suffix in ways]
        return 200, first | {"colourways": others}

    def _drawn(self, record: Record, suffix: str) -> dict[str, Any]:
        name = record.article_id + suffix
        content = io.BytesIO()
        Image.new("RGB", (64, 64), f"#{hashlib.sha256(name.encode()).hexdigest()[:6]}").save(content, "PNG")
        digest = hashlib.sha256(content.getvalue()).hexdigest()
        self.pictures[digest] = content.getvalue()
        return _document(record.model_copy(update={"article_id": name, "sha256": digest}))


def _record(listing: Listing, options: dict[str, Any]) -> Record:
    score = 10.0 - int(listing.article_id[0], 16) / 8
    return Record(
        article_id=listing.article_id,
        source=dict(listing.columns()),
        original_description=listing.description,
        attributes={"audience": "men", "product_type": "t-shirt"},
        seed=seed_for(options.get("seed", 0), listing.article_id),
        run_seed=options.get("seed", 0),
        clip_score=30.0 + score,
        score_10=score,
        verdict={"colours": Finding(state="pass" if score > 9 else "fail", reason="by hash")},
        status="succeeded",
        timings={"render": 0.5, "score": 0.1},
    )


def _document(record: Record) -> dict[str, Any]:
    url = f"/v1/pictures/{record.sha256}.png" if record.sha256 else None
    return record.model_dump(mode="json") | {"picture_url": url}


@contextmanager
def serving(**settings: Any) -> Iterator[Service]:
    """The service on a free port until the block ends."""
    service = Service(**settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self._declined():
                status, document = service.answer(body)
                self._send(status, json.dumps(document).encode())

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            if name != "healthz" and self._declined():
                return
            known = {"healthz": b'{"status": "ok"}', "models": b'{"data": [{"adapters": ["sketch"]}]}'}
            found = known.get(name) or service.pictures.get(name.removesuffix(".png"))
            self._send(200 if found else 404, found or b'{"detail": "not there"}')

        def _declined(self) -> bool:
            status = service.declines.get(self.command)
            if status is None or self.headers["Authorization"] == f"Bearer {KEY}":
                return False
            self._send(status, b'{"detail": "not with this key"}')
            return True

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            if status >= 400:
                self.send_header("Content-Type", "application/problem+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield service
        server.shutdown()
