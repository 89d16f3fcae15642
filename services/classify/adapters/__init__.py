"""What touches the world: rule files and documents on disk."""
