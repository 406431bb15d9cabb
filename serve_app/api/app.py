"""The FastAPI application over a conductor."""

from importlib.metadata import version

from fastapi import FastAPI

from serve_app.api import articles, errors, health, pictures
from serve_app.api.limits import Limits
from serve_app.conductor import Conductor


def create_app(conductor: Conductor) -> FastAPI:
    """Routes, limits and error documents; `/docs` and `/openapi.json` describe them."""
    app = FastAPI(title="Vitrine", version=version("vitrine"), redoc_url=None)
    app.state.conductor = conductor
    errors.install(app)
    app.add_middleware(Limits)
    for router in (articles.router, pictures.router, health.router):
        app.include_router(router)
    return app
