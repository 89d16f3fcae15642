"""Plugin discovery: one file is one plugin, its stem is its name. There is no registry to edit."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def discover(package: ModuleType, *, attribute: str) -> dict[str, object]:
    """Map each module's stem in `package` to its `attribute`.

    Raises:
        TypeError: a module lacks the attribute or a docstring, so a half-written plugin cannot start.
    """
    found: dict[str, object] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda i: i.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        if not hasattr(module, attribute):
            raise TypeError(f"{module.__name__} is no plugin: it has no `{attribute}`")
        if not (module.__doc__ or "").strip():
            raise TypeError(f"{module.__name__} is no plugin: it has no docstring to document it")
        found[info.name] = getattr(module, attribute)
    return found
