"""The tables that notify owns. JSON columns hold what the event contract or a story dumps."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from shared.db import UtcDateTime, new_metadata
from shared.outbox import outbox_table

metadata: Final = new_metadata()

stories: Final = Table(
    "notify_stories",
    metadata,
    Column("story_id", String(64), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("last_moved_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Index(None, "updated_at", "story_id"),
)
"""The current state of each story. `updated_at` is when people were last told; `severity` is the rank."""

story_keys: Final = Table(
    "notify_story_keys",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("story_id", String(64), ForeignKey("notify_stories.story_id"), primary_key=True),
)
"""The words under which a story is found again."""

signals: Final = Table(
    "notify_signals",
    metadata,
    Column("signal_id", String(128), primary_key=True),
    Column("story_id", String(64)),
    Column("reason", String(40), nullable=False),
    Column("handled_at", UtcDateTime, nullable=False),
    Column("action", String(16)),
    Column("revision", Integer),
    Column("article_id", String(128)),
    Column("told_at", UtcDateTime),
    Column("body", Text),
    Index(None, "story_id"),
    Index(None, "article_id"),
)
"""Every signal once, and what came of it. The primary key makes a redelivered signal harmless.

`revision` is the one it led to, `body` the signal where it is part of a story: late reports need the earlier ones."""

reminders: Final = Table(
    "notify_reminders",
    metadata,
    Column("story_id", String(64), ForeignKey("notify_stories.story_id"), primary_key=True),
    Column("field", String(16), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("days", Integer, primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("revision", Integer),
    Column("settled_at", UtcDateTime),
    Index(None, "status", "due_at"),
)
"""Each reminder once. It is planned, then sent as a `revision`, or passed over: too late, or the date was edited."""

revisions: Final = Table(
    "notify_revisions",
    metadata,
    Column("story_id", String(64), ForeignKey("notify_stories.story_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("type", String(80), nullable=False),
    Column("alert", Text, nullable=False),
    Column("envelope", Text, nullable=False),
)
"""What was told, word for word."""

subscribers: Final = Table(
    "notify_subscribers",
    metadata,
    Column("subscriber_id", String(64), primary_key=True),
    Column("hold_until", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("disabled_reason", String(200), nullable=False),
    Column("fingerprint", String(64), nullable=False),
)
"""What was learnt about receivers: throttled until, or disabled. Configuration stays in subscribers.yaml."""

deliveries: Final = Table(
    "notify_deliveries",
    metadata,
    Column("delivery_id", String(64), primary_key=True),
    Column("story_id", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("subscriber_id", String(64), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("schedule_base", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    Column("lease_until", UtcDateTime),
    Column("owner", String(64)),
    Column("outcome", String(24)),
    Column("detail", Text, nullable=False),
    Column("finished_at", UtcDateTime),
    UniqueConstraint("story_id", "revision", "subscriber_id"),
    Index(None, "status", "next_attempt_at"),
    Index(None, "subscriber_id", "status"),
    Index(None, "created_at", "delivery_id"),
    Index(None, "subscriber_id", "created_at"),
)
"""One alert revision for one subscriber. The unique key makes a second delivery of it impossible.

`attempts` ever made or begun; the schedule counts from `schedule_base`. `sent` messages of it have arrived."""

attempts: Final = Table(
    "notify_attempts",
    metadata,
    Column("delivery_id", String(64), ForeignKey("notify_deliveries.delivery_id"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("status_code", Integer),
    Column("detail", Text, nullable=False),
    Column("duration_ms", Float, nullable=False),
)
"""Every try of a delivery."""

held: Final = Table(
    "notify_held",
    metadata,
    Column("story_id", String(64), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("subscriber_id", String(64), primary_key=True),
    Column("course", String(16), nullable=False),
    Column("detail", String(80), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("held_at", UtcDateTime, nullable=False),
    Index(None, "due_at"),
    Index(None, "subscriber_id", "due_at"),
)
"""Alert revisions that wait for their time: to be grouped, for a digest, for the end of quiet hours or a silence. They
become a delivery, or part of a bundle, in the transaction that takes them away."""

bundles: Final = Table(
    "notify_bundles",
    metadata,
    Column("bundle_id", String(64), primary_key=True),
    Column("subscriber_id", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Messages that tell several alerts, or a notice. Their delivery has the bundle's id as its story, revision 1."""

bundle_members: Final = Table(
    "notify_bundle_members",
    metadata,
    Column("bundle_id", String(64), ForeignKey("notify_bundles.bundle_id"), primary_key=True),
    Column("story_id", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
    Index(None, "story_id"),
)
"""The alerts of a bundle."""

groups: Final = Table(
    "notify_groups",
    metadata,
    Column("subscriber_id", String(64), primary_key=True),
    Column("told_at", UtcDateTime, nullable=False),
)
"""When each subscriber was last told a group."""

routes: Final = Table(
    "notify_routes",
    metadata,
    Column("story_id", String(64), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("routes", Text, nullable=False),
)
"""What each revision meant for each subscriber when it came, and why: JSON."""

silences: Final = Table(
    "notify_silences",
    metadata,
    Column("silence_id", String(64), primary_key=True),
    Column("entry", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
"""Silences made by command or HTTP, as they would stand in subscribers.yaml. Ending one sets `until`."""

silence_notices: Final = Table(
    "notify_silence_notices",
    metadata,
    Column("silence_id", String(64), primary_key=True),
    Column("subscriber_id", String(64), primary_key=True),
    Column("began_at", UtcDateTime, nullable=False),
    Column("author", String(300), nullable=False),
    Column("ended_at", UtcDateTime),
)
"""Who was told that a silence has begun, and that it has ended."""

outbox: Final = outbox_table(metadata, "notify_outbox")
