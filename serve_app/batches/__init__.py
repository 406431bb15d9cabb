"""Whole sheets and feeds as jobs: taken row by row, resumable at any moment, one result file."""
