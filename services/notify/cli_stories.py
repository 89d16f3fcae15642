"""`orewire alerts why|correct|retract`: what was decided about a story, and putting it right."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from services.notify.asking import DEFAULT_URL, UrlOption, get, plain, post, segment
from shared.errors import ConfigError
from shared.terminal import JsonFlag, exits, out, print_json

StoryArgument = Annotated[str, typer.Argument(metavar="STORY", help="Story id from `alerts list`.")]
WhyOption = Annotated[str, typer.Option("--why", help="What people read as the reason.")]
ByOption = Annotated[str, typer.Option("--by", help="Who does it, for the record.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field with its right value; repeat it.")
]
_LISTS: Final = frozenset({"actors", "targets", "parties", "commodities", "hs_codes"})


def add(alerts: typer.Typer) -> None:
    """Add the verbs."""
    alerts.command("why")(why)
    alerts.command("correct")(correct)
    alerts.command("retract")(retract)


def why(
    story_id: Annotated[str, typer.Argument(metavar="STORY", help="Id of a story, a signal or an article.")],
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """Show every decision about a story, sent or not, and its reason.

    Example: orewire alerts why story_4f0c2a9be01d77aa10c3e5f2
    """
    with exits():
        decisions = get(url, f"/v1/alerts/{segment(story_id)}/why")["decisions"]
    for decision in decisions:
        print_json(decision) if json else out.print(plain(_line(decision)), soft_wrap=True)


def correct(
    story_id: StoryArgument,
    why: WhyOption,
    values: SetOption = None,
    by: ByOption = "",
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """Correct a story. Exactly those who got it are told; who still waits for it gets it corrected.

    Example: orewire alerts correct story_4f0c2a9be01d77aa10c3e5f2 --why "from October" --set effective_at=2026-10-01
    """
    with exits():
        body = {"why": why, "by": by, "set": dict(map(field_and_value, values or ()))}
        done = post(url, f"/v1/alerts/{segment(story_id)}/correct", body)
    _tell(done, json=json)


def retract(
    story_id: StoryArgument,
    why: WhyOption,
    by: ByOption = "",
    url: UrlOption = DEFAULT_URL,
    json: JsonFlag = False,
) -> None:
    """Take a story back. Exactly those who got it are told; who still waits for it never hears of it.

    Example: orewire alerts retract story_4f0c2a9be01d77aa10c3e5f2 --why "the article was about imports"
    """
    with exits():
        done = post(url, f"/v1/alerts/{segment(story_id)}/retract", {"why": why, "by": by})
    _tell(done, json=json)


def field_and_value(text: str) -> tuple[str, Any]:
    """`stage=suspended`; lists are `targets=US,JP`; nothing behind the sign empties the field."""
    field, sign, value = text.partition("=")
    if not sign:
        raise ConfigError.one("--set", f"expected FIELD=VALUE, found `{text[:60]}`")
    if field in _LISTS:
        return field, [item.strip() for item in value.split(",") if item.strip()]
    return field, value or None


def _tell(done: dict[str, Any], *, json: bool) -> None:
    if json:
        print_json(done)
        return
    alert = done["alert"]
    out.print(plain(f"revision {alert['revision']}: {alert['headline']}"))
    out.print(f"{done['recipients']} subscribers are told")


def _line(decision: dict[str, Any]) -> str:
    changes = "; ".join(f"{it['field']}: {it['before']} → {it['after']}" for it in decision["changes"])
    sent = f"revision {decision['revision']} to {decision['recipients']}" if decision["sent"] else "not sent"
    tier = f" (tier {decision['source_tier']})" if decision.get("source_tier") else ""
    source = f"{decision.get('source_id') or decision.get('article_id') or ''}{tier}"
    title = decision.get("title") or decision["note"]
    parts = [decision["at"], f"{decision['action']}: {decision['reason']}", sent, source, changes, title]
    return "  ".join(part for part in parts if part)
