"""What follows when an operator corrects a story or takes it back: the revision that says so. Pure."""

from __future__ import annotations

from dataclasses import replace

from services.notify.advance import edited
from services.notify.edit import MAX_EDITS, Edit
from services.notify.fold import Decision
from services.notify.phrases import day, words
from services.notify.story import Story
from shared.errors import PermanentError
from shared.events.alert import Change, Reason


def mend(story: Story, edit: Edit) -> Decision:
    """The story with the edit made, and why.

    Raises:
        PermanentError: `retracted_already`, `too_many_edits`, or `bad_value` when a field cannot be set so.
    """
    if edit.retracts and story.retracted:
        raise PermanentError("retracted_already", "the story has been taken back already")
    if len(story.edits) >= MAX_EDITS:
        raise PermanentError("too_many_edits", f"a story takes {MAX_EDITS} edits")
    try:
        after = edited(story, edit)
    except ValueError as error:
        raise PermanentError("bad_value", str(error)) from None
    after = replace(after, edits=(*story.edits, edit), revision=story.revision + 1)
    reason = Reason.RETRACTED if edit.retracts else Reason.CORRECTED
    return Decision(reason, after, _changes(story, after), note=f"{reason.capitalize()}: {edit.why}")


def _changes(before: Story, after: Story) -> tuple[Change, ...]:
    old, new = before.claim.model_dump(), after.claim.model_dump()
    fields = [name for name in old if old[name] != new[name]]
    return tuple(Change(field=name, before=_shown(old[name]), after=_shown(new[name])) for name in fields)


def _shown(value: object) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return ", ".join(words(str(item)) for item in value)
    return day(value) if hasattr(value, "isoformat") else words(str(value))  # type: ignore[arg-type]
