"""The published contract, generated from `shared.events`: JSON Schemas, AsyncAPI, and what may change in them."""

from shared.contracts.compat import breaking_changes
from shared.contracts.document import asyncapi
from shared.contracts.roles import ROLES, Role
from shared.contracts.schemas import schema, schemas

__all__ = ["ROLES", "Role", "asyncapi", "breaking_changes", "schema", "schemas"]
