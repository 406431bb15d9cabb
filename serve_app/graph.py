"""The application: who talks to whom.

                          HTTP
                           |
                       [ingress]    FastAPI: accepts jobs, answers from the store
                           |
                      (job store)   SQLite or Postgres; objects in a folder or a bucket
                           |
                      [conductor]   claims jobs, runs their stories
          ________________/ | \\___________________________________________
         /        ________/  |  \\________                  \\               \\
    [translator] [extractor] [renderer]   [scorer]      [segmenter]    [retoucher]
       text        text       prompt      picture,       picture        picture, mask,
       -> text     -> JSON    -> picture  texts -> scores  -> mask      prompt -> picture

Where `args.optional` names them, beside these: [upscaler] picture -> the same with more pixels,
[reader] picture -> lines of text.
Replicas, autoscaling and GPU shares stand in k8s/serve/*.yaml, recipes of the models in each deployment's user_config.
"""

from ray.serve import Application, Deployment

from deployments import extractor, reader, renderer, retoucher, scorer, segmenter, translator, upscaler
from serve_app import ingress
from serve_app.conductor import deployment as conductor
from serve_app.settings import OptionalRole, Settings

OPTIONAL: dict[OptionalRole, Deployment] = {"upscaler": upscaler.deployment, "reader": reader.deployment}


# No `from __future__ import annotations` here: Serve reads the annotation to validate `args:`.
def build(settings: Settings) -> Application:
    """The builder that the Serve config names (`import_path: serve_app.graph:build`)."""
    return wired(
        settings,
        ingress=ingress.deployment,
        conductor=conductor.deployment,
        translator=translator.deployment,
        extractor=extractor.deployment,
        renderer=renderer.deployment,
        scorer=scorer.deployment,
        segmenter=segmenter.deployment,
        retoucher=retoucher.deployment,
        **{role: OPTIONAL[role] for role in settings.optional},
    )


def wired(settings: Settings, ingress: Deployment, conductor: Deployment, **models: Deployment) -> Application:
    """The graph over given deployments, one per role; tests wire doubles here."""
    conducting = conductor.bind(settings, **{role: deployment.bind() for role, deployment in models.items()})
    return ingress.bind(settings, conducting)
