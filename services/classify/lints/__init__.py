"""The lints: one file each, found by themselves."""
