"""Ingest: collects articles from sources and from `POST /v1/articles`, and publishes each new one once.

Events in: none. Events out: `article.collected`. Tables: `ingest_articles`, `ingest_sources`.
"""
