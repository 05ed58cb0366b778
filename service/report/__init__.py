"""The report of a scored archive."""
