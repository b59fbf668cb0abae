"""The demo province's regions: the tree goes to identity, the shapes stay here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tongqu.kernel import identity
from tongqu.kernel.geo.geometry import check
from tongqu.kernel.geo.service import put_region_shape
from tongqu.kernel.store import system_actor

if TYPE_CHECKING:
    from tongqu.kernel.platform import Platform
    from tongqu.kit.world import values


def fill(platform: Platform, world: values.World) -> None:
    """Regions of the province and of its neighbour, parents first."""
    with platform.store.write(system_actor("demo")) as work:
        identity.add_regions(work, [_region(region) for region in world.regions])
        for region in world.regions:
            put_region_shape(work, region.code, check(region.geometry))


def _region(region: values.Region) -> identity.Region:
    return identity.Region(
        code=region.code,
        name=region.name.zh,
        name_en=region.name.en,
        level=region.level,
        parent=region.parent,
        bbox=region.bbox,
        centre=region.centre,
    )
