"""What follows when an operator corrects a story or takes it back: the revision that says so. Pure."""

from __future__ import annotations

from dataclasses import replace

from services.notify.advance import edited
from services.notify.edit import MAX_EDITS, Edit
from services.notify.fold import Decision
from services.notify.materials import material
from services.notify.phrases import day, words
from services.notify.places import PLACES, place
from services.notify.story import Story
from shared.errors import PermanentError
from shared.events.alert import Change, Reason


def mend(story: Story, edit: Edit) -> Decision:
    """The story with the edit made, and why.

    Raises:
        PermanentError: `never_told`, `retracted_already`, `corrected_already` (sent twice), `too_many_edits`, or
            `bad_value` when a field cannot be set so.
    """
    _check(story, edit)
    try:
        after = edited(story, edit)
    except ValueError as error:
        raise PermanentError("bad_value", str(error)) from None
    after = replace(after, edits=(*story.edits, edit), revision=story.revision + 1)
    reason = Reason.RETRACTED if edit.retracts else Reason.CORRECTED
    return Decision(reason, after, _changes(story, after), note=f"{reason.capitalize()}: {edit.why}")


def _check(story: Story, edit: Edit) -> None:
    if not story.told:
        raise PermanentError("never_told", "nobody was told of the story, it is known from a backfill")
    if edit.retracts and story.retracted:
        raise PermanentError("retracted_already", "the story has been taken back already")
    if len(story.edits) >= MAX_EDITS:
        raise PermanentError("too_many_edits", f"a story takes {MAX_EDITS} edits")
    last = story.edits[-1] if story.edits else None
    if last is not None and replace(last, at=edit.at, by=edit.by) == edit:
        raise PermanentError("corrected_already", "the last edit of the story says just that")


def _changes(before: Story, after: Story) -> tuple[Change, ...]:
    old, new = before.claim.model_dump(), after.claim.model_dump()
    fields = [name for name in old if old[name] != new[name]]
    return tuple(Change(field=name, before=_shown(old[name]), after=_shown(new[name])) for name in fields)


def _shown(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return ", ".join(place(item) if item in PLACES or item == "all" else material(item) for item in value)
    return day(value) if hasattr(value, "isoformat") else words(str(value))  # type: ignore[arg-type]
