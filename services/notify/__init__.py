"""notify: turns signals into stories, and tells the right people once.

Events in: `signal.detected`. Events out: `alert.raised`, `alert.updated`, `delivery.succeeded|failed|exhausted`.
Tables: `notify_*` (stories, revisions, signals, subscribers, deliveries, attempts, outbox).
Reading path: `usecases` → `story`, `fold`, `notice` (what is told and why) → `dispatcher`, `retry` (how it gets there).
"""
