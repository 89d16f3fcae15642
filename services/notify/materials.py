"""Commodities: display names, and which group each belongs to. Pure data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

GENERIC: Final = frozenset({"critical_minerals", "raw_minerals"})
"""Words for the whole field: they name no commodity in particular."""

_LANTHANIDES: Final = """
scandium yttrium lanthanum cerium praseodymium neodymium promethium samarium europium gadolinium terbium dysprosium
holmium erbium thulium ytterbium lutetium light_rare_earths heavy_rare_earths
""".split()
_PLATINUM_GROUP: Final = "platinum palladium rhodium ruthenium iridium osmium".split()
_GROUP_OF: Final = {
    **dict.fromkeys(_LANTHANIDES, "rare_earths"),
    **dict.fromkeys(_PLATINUM_GROUP, "pgms"),
}

_NAMES: Final = {
    "rare_earths": "rare earths",
    "permanent_magnets": "rare earth magnets",
    "pgms": "platinum group metals",
    "neon_noble_gases": "neon and noble gases",
    "magnet_and_metal_scrap": "magnet and metal scrap",
    "aluminum": "aluminium",
}
COMMODITIES: Final = frozenset(
    """
rare_earths permanent_magnets critical_minerals gallium germanium antimony bismuth indium tellurium selenium arsenic
rhenium hafnium zirconium beryllium niobium tantalum vanadium tungsten molybdenum chromium manganese cobalt nickel
lithium lithium_batteries graphite copper aluminum zinc lead tin titanium magnesium silicon pgms silver gold helium
neon_noble_gases fluorspar barite boron feldspar strontium phosphate phosphorus potash metallurgical_coal uranium
thorium cesium rubidium mercury cadmium iron_ore superhard_materials sulphuric_acid magnet_and_metal_scrap
semiconductor_materials raw_minerals diamonds steel
""".split()
) | frozenset(_GROUP_OF)
"""Ids notify knows by name. Operators may have more."""


def material(commodity: str) -> str:
    """Name of a commodity: `rare earths`."""
    return _NAMES.get(commodity, commodity.replace("_", " "))


def group_of(commodity: str) -> str:
    """The group a commodity is counted under, itself when it has none: `dysprosium` → `rare_earths`."""
    return _GROUP_OF.get(commodity, commodity)


def groups(commodities: Iterable[str]) -> frozenset[str]:
    """The groups of the commodities that are named in particular; generic words do not count."""
    return frozenset(group_of(item) for item in commodities if item not in GENERIC)


def covers(wanted: str, told: str) -> bool:
    """Whether someone who asked for `wanted` wants to hear of `told`: the same, its group, or a member of it."""
    return wanted in (told, group_of(told)) or group_of(wanted) == told
