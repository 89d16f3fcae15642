"""Everything on one machine: an embedded NATS server and a supervisor of child processes."""
