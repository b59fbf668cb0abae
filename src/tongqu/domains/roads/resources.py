"""Lists and forms that the page derives from the wire models."""

from __future__ import annotations

from tongqu.domains.roads import schemas
from tongqu.kernel.web import Resource

READ, EDIT = "roads.read", "roads.edit"

RESOURCES = (
    Resource("roads.routes", "roads/routes", schemas.RouteRow, READ),
    Resource(
        "roads.facilities",
        "roads/facilities",
        schemas.FacilityRow,
        READ,
        create=schemas.FacilityForm,
        edit=schemas.FacilityEdit,
        edit_permission=EDIT,
        importer="facilities",
    ),
    Resource("roads.sources", "roads/sources", schemas.SourceRow, READ),
)
