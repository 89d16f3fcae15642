"""classify: reads `article.collected`, publishes `signal.detected`. Owns no tables."""
