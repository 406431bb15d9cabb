"""What users send as files."""

from serve_app.uploads.errors import PictureError
from serve_app.uploads.pictures import Upload, read

__all__ = ["PictureError", "Upload", "read"]
