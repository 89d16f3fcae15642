"""The words of the rule language: one file is one condition, its name is the key in YAML."""
