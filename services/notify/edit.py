"""What an operator puts right by hand: a correction of single fields, or the whole story taken back. Pure values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from shared.events import Claim

EDITABLE: Final = frozenset(Claim.model_fields) - {"kind", "score", "instrument"}
"""Fields a correction may set. Another kind is another story: retract this one instead."""
MAX_EDITS: Final = 50
"""Edits one story takes."""
MAX_WHY: Final = 500


@dataclass(frozen=True)
class Edit:
    """One act of an operator on a story. `values` are the fields it sets, as JSON has them."""

    at: datetime
    why: str
    by: str = ""
    retracts: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


def corrected(claim: Claim, values: Mapping[str, Any]) -> Claim:
    """The claim with the values set.

    Raises:
        ValueError: a field may not be set by hand, or a value is none of its closed list; says which.
    """
    unknown = sorted(set(values) - EDITABLE)
    if unknown:
        raise ValueError(f"cannot set {', '.join(unknown)[:100]}; can set {', '.join(sorted(EDITABLE))}")
    try:
        return Claim.model_validate({**claim.model_dump(mode="json"), **values})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{first['loc'][0]}: {first['msg']}") from None
