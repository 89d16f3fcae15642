"""The report on a score: one HTML page that needs nothing else, neither network nor script."""
