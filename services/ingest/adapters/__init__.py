"""Everything of ingest that touches the world."""
