"""The one error of provenance."""

from models.errors import VitrineError


class ProvenanceError(VitrineError):
    """A key or certificate that cannot be used, or a file that cannot be signed; says which and what to do."""
