"""Deterministic identifiers: the same fact has the same id in every process, today and after a restart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

ID_HEX_LENGTH = 24  # 96 bits: no collision to be expected below some 10^13 facts


def stable_id(prefix: str, *parts: str | int | float | Sequence[str] | None) -> str:
    """`<prefix>_<24 hex>` of the parts. Order matters; sort sequences that are sets before the call."""
    canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{prefix}_{digest[:ID_HEX_LENGTH]}"
