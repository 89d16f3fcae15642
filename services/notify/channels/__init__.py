"""Ways to tell a subscriber: one file each, its stem is the word in `channel:`. See `ports.Channel`."""
