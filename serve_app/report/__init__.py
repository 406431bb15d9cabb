"""The report of a run: one file that stands by itself, pictures beside the words they were made from."""
