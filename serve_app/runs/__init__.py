"""A sheet becomes pictures, records, statistics and a report in a folder; what is done is never done again."""
