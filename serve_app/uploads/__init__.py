"""What users send as files."""
