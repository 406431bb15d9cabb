"""The capacity twin against the service."""
