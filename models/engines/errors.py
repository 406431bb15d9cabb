"""Why an engine does not serve."""

from models.errors import VitrineError


class EngineError(VitrineError):
    """An engine cannot be built, found, trusted or used here; another one serves in its place."""
