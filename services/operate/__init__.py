"""Verbs that concern the whole installation and no single service: up, run, check, tail, replay, dead, db."""
