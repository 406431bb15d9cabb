"""What can go wrong below HTTP and Ray; every message says what was wrong, with the value, and what to do."""


class VitrineError(Exception):
    """Root of the errors that this project raises."""


class PackError(VitrineError):
    """A pack, manifest or checkpoint is missing, damaged or does not fit its recipe."""


class LicenceError(PackError):
    """A checkpoint's licence is not on the allow list of the active profile."""
