"""Who there is and what they may do where: organisations, people, roles, the region tree, sessions, tokens.

An actor sees a row if a grant covers its organisation or its home region; `store.scoped` turns that into SQL.
"""

from tongqu.kernel.identity.service.grants import actor_of, end_grant, grant, grants_of, holders, sync_roles
from tongqu.kernel.identity.service.organisations import (
    add_organisation,
    amend_organisation,
    organisation,
    organisation_names,
    organisations_below,
    region_code,
    retire_organisation,
)
from tongqu.kernel.identity.service.passwords import hash_password
from tongqu.kernel.identity.service.people import (
    add_person,
    amend_person,
    disable_person,
    enable_person,
    find_person,
    person,
    set_password,
)
from tongqu.kernel.identity.service.regions import (
    add_region,
    add_regions,
    current_region,
    region,
    regions,
    rename_region,
    replace_region,
)
from tongqu.kernel.identity.service.rights import require
from tongqu.kernel.identity.values import Organisation, OrganisationKind, Person, Region, RoleGrant, Token

__all__ = [
    "Organisation",
    "OrganisationKind",
    "Person",
    "Region",
    "RoleGrant",
    "Token",
    "actor_of",
    "add_organisation",
    "add_person",
    "add_region",
    "add_regions",
    "amend_organisation",
    "amend_person",
    "current_region",
    "disable_person",
    "enable_person",
    "end_grant",
    "find_person",
    "grant",
    "grants_of",
    "hash_password",
    "holders",
    "organisation",
    "organisation_names",
    "organisations_below",
    "person",
    "region",
    "region_code",
    "regions",
    "rename_region",
    "replace_region",
    "require",
    "retire_organisation",
    "set_password",
    "sync_roles",
]
