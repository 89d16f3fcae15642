"""The three services of orewire and the command that runs them. They meet only in NATS subjects."""
