"""What the services have in common: contracts, runtime, configuration. Knows no service."""
