"""Source types: one file each, its stem is the `type` in sources.yaml. Nothing else has to be edited."""
