"""Configuration files: strict YAML, every mistake in every file at once, with file and line."""
