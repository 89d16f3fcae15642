"""The HTTP side of a service: problem documents, bounded bodies, access, health, metrics and AsyncAPI."""

from shared.web.app import Lifespan, make_app
from shared.web.body import read_body
from shared.web.health import Check, health_routes
from shared.web.problem import Problem, Refused, problem

__all__ = ["Check", "Lifespan", "Problem", "Refused", "health_routes", "make_app", "problem", "read_body"]
