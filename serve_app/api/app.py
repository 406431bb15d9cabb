"""The FastAPI application over a service."""

from collections.abc import Callable
from importlib.metadata import version

from serve_app.access.keys import Keys
from serve_app.access.limits import Limiter
from serve_app.api import (
    articles,
    batches,
    decisions,
    errors,
    events,
    health,
    images,
    jobs,
    marketplaces,
    operations,
    pictures,
    publications,
    verify,
    webhooks,
)
from serve_app.api.access import Door
from serve_app.api.document import Api
from serve_app.api.limits import Limits
from serve_app.api.query import STRICT_QUERY
from serve_app.api.service import Service
from serve_app.api.watched import Watched
from serve_app.outbound import Outbound
from serve_app.provenance.seal import Seal
from serve_app.provenance.verify import Verifier
from serve_app.stories.steps import Enlarge

Decided = Callable[[str, str], None]
Happened = Callable[[str, int], None]
RATE_PER_S, BURST = 50.0, 400  # requests of one key; jobs are limited by the queue


def create_app(
    service: Service,
    outbound: Outbound | None = None,
    limiter: Limiter | None = None,
    proxied: bool = False,
    verifier: Verifier | None = None,
    decided: Decided = lambda _decision, _verdict: None,
    seal: Seal | None = None,
    happened: Happened = lambda _kind, _count: None,
    enlarge: Enlarge | None = None,
) -> Api:
    """Routes, limits and error documents; `/docs` and `/openapi.json` describe them.

    `proxied`: only a proxy that names the client in X-Forwarded-For talks to the application; `decided` hears of every
    seller's decision and what the verdict had said; `seal` signs what is finished for a marketplace; `happened` hears
    of what shoppers did with published pictures; `enlarge` gives a picture more pixels, where there is an upscaler.
    """
    app = Api(title="Vitrine", version=version("vitrine"), redoc_url=None, dependencies=[STRICT_QUERY])
    app.state.service = service
    app.state.outbound = outbound or Outbound()
    app.state.verifier = verifier or Verifier(None)
    app.state.seal = seal
    app.state.decided = decided
    app.state.happened = happened
    app.state.enlarge = enlarge
    errors.install(app)
    limiter = Limiter(RATE_PER_S, BURST) if limiter is None else limiter
    app.add_middleware(Door, keys=Keys(service.store.database), limiter=limiter, proxied=proxied)
    app.add_middleware(Limits)
    app.add_middleware(Watched)
    for router in (
        articles.router,
        batches.router,
        jobs.router,
        decisions.router,
        events.router,
        webhooks.router,
        images.router,
        pictures.router,
        verify.router,
        marketplaces.router,
        publications.router,
        health.router,
        operations.router,
    ):
        app.include_router(router)
    return app
