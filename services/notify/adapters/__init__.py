"""Everything of notify that touches the world: tables, stores, configuration files, the way out."""
