"""The manifest of identity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tongqu.kernel.identity import schemas
from tongqu.kernel.identity.service.grants import sync_roles
from tongqu.kernel.identity.tables import METADATA
from tongqu.kernel.module import Demo, Module, Role
from tongqu.kernel.store import Room, system_actor
from tongqu.kernel.web import Resource

if TYPE_CHECKING:
    from fastapi import APIRouter

    from tongqu.kernel.platform import Platform


def router() -> APIRouter:
    from tongqu.kernel.identity import api

    return api.router()


def start(platform: Platform) -> None:
    """Roles as the manifests have them now, and who finds out who calls."""
    from tongqu.kernel.identity.service.access import Access
    from tongqu.kernel.web.caller import Authenticate

    prepare_roles(platform)
    access = Access(platform)
    platform.provide(access)
    platform.provide(access.authenticate, cast(Any, Authenticate))


def prepare_roles(platform: Platform, _: object = None) -> None:
    """Roles must be there before people can be given them."""
    with platform.store.write(system_actor("identity")) as work:
        sync_roles(work, platform.modules)


MODULE = Module(
    id="identity",
    package="tongqu.kernel.identity",
    field="platform",
    needs=("audit",),
    permissions=(
        "identity.read",
        "identity.edit",
        "identity.grant",
        "identity.reveal",
        "identity.regions",
        "identity.tokens",
    ),
    roles=(
        Role(
            "administrator",
            (
                "identity.read",
                "identity.edit",
                "identity.grant",
                "identity.reveal",
                "identity.regions",
                "identity.tokens",
            ),
        ),
        Role("monitor", ()),
        Role("duty_officer", ("identity.read",)),
        Role("analyst", ("identity.tokens",)),
        Role("integrator", ("identity.read", "identity.edit", "identity.tokens")),
    ),
    room=Room("identity", "tongqu.kernel.identity", METADATA),
    routers=(router,),
    resources=(
        Resource(
            "identity.people",
            "identity/people",
            schemas.PersonRow,
            "identity.read",
            create=schemas.PersonForm,
            edit=schemas.PersonEdit,
            edit_permission="identity.edit",
            importer="people",
        ),
        Resource(
            "identity.grants",
            "identity/grants",
            schemas.GrantRow,
            "identity.read",
            create=schemas.GrantForm,
            edit_permission="identity.grant",
        ),
        Resource(
            "identity.organisations",
            "identity/organisations",
            schemas.OrganisationRow,
            "identity.read",
            create=schemas.OrganisationForm,
            edit=schemas.OrganisationEdit,
            edit_permission="identity.edit",
        ),
        Resource("identity.roles", "identity/roles", schemas.RoleRow, "identity.read", key="code"),
        Resource(
            "identity.tokens",
            "identity/tokens",
            schemas.TokenRow,
            "identity.tokens",
            create=schemas.TokenForm,
            edit_permission="identity.tokens",
        ),
    ),
    start=start,
    demo=Demo(order=0, fill=prepare_roles),
)
