"""Routes of fleets, below `/fleets`: enterprises, vehicles, drivers, and the categories."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.responses import Response

from tongqu.domains.fleets import categories, schemas, store
from tongqu.domains.fleets.plates import Plate, PlateRules, plate_rules
from tongqu.domains.fleets.service import areas, drivers, enterprises, vehicles
from tongqu.domains.fleets.store import Row
from tongqu.domains.fleets.tables import AREA, DRIVER, ENTERPRISE, VEHICLE
from tongqu.domains.fleets.values import NewArea, NewDriver, NewEnterprise, NewVehicle
from tongqu.kernel.geo import Geometry
from tongqu.kernel.identity.schemas import given
from tongqu.kernel.store import Work
from tongqu.kernel.web import Caller, ListQuery, as_list, json_response, needs, require_match, tagged
from tongqu.kit.text import text

IfMatch = Annotated[str | None, Header(alias="If-Match")]
READ, EDIT = "fleets.read", "fleets.edit"


def router() -> APIRouter:
    """All routes of the domain."""
    routes = APIRouter(prefix="/fleets", tags=["fleets"])
    _categories(routes)
    _enterprises(routes)
    _vehicles(routes)
    _drivers(routes)
    _areas(routes)
    return routes


def _categories(routes: APIRouter) -> None:
    @routes.get("/categories")
    def list_categories(caller: Caller = needs(READ)) -> Response:
        """The categories of vehicles with their colours; `key` marks 两客一危一重."""
        shown = [
            {
                "code": one.code,
                "label": text(f"fleets.options.category.{one.code}"),
                "color": one.colour,
                "key": one.key,
            }
            for one in categories.CATEGORIES
        ]
        return json_response(shown)


def _enterprises(routes: APIRouter) -> None:
    @routes.get("/enterprises")
    def list_enterprises(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            page = store.listed(work, ENTERPRISE, query)
        return json_response(as_list(page) | {"items": [_enterprise(row) for row in page.items]})

    @routes.post("/enterprises", status_code=201)
    def register_enterprise(form: schemas.EnterpriseForm, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            row = enterprises.register(work, NewEnterprise(**_plain(form)))
        return tagged(_enterprise(row), 201)

    @routes.get("/enterprises/{enterprise_id}")
    def get_enterprise(enterprise_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return tagged(_enterprise(enterprises.get(work, enterprise_id)))

    @routes.patch("/enterprises/{enterprise_id}")
    def amend_enterprise(
        enterprise_id: str, form: schemas.EnterpriseEdit, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        with caller.write() as work:
            require_match(if_match, _enterprise(enterprises.get(work, enterprise_id)))
            row = enterprises.amend(work, enterprise_id, **given(form, "name", "region", "category"))
        return tagged(_enterprise(row))

    @routes.post("/enterprises/{enterprise_id}/retire")
    def retire_enterprise(enterprise_id: str, if_match: IfMatch = None, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            require_match(if_match, _enterprise(enterprises.get(work, enterprise_id)))
            return tagged(_enterprise(enterprises.retire(work, enterprise_id)))


def _vehicles(routes: APIRouter) -> None:
    @routes.get("/vehicles")
    def list_vehicles(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Vehicles; `q` finds part of a plate however it is written, or of a VIN."""
        with caller.read() as work:
            page = store.listed(work, VEHICLE, query)
        return json_response(as_list(page) | {"items": [_vehicle(row) for row in page.items]})

    @routes.post("/vehicles", status_code=201)
    def register_vehicle(form: schemas.VehicleForm, caller: Caller = needs(EDIT)) -> Response:
        sent = _plain(form)
        plate = plate_rules(caller.platform).read(sent.pop("plate"), sent.pop("plate_colour"))
        with caller.write() as work:
            row = vehicles.register(work, NewVehicle(plate=plate, **_owned(work, sent)))
            return tagged(_named_vehicle(work, row), 201)

    @routes.get("/vehicles/{vehicle_id}")
    def get_vehicle(vehicle_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return tagged(_named_vehicle(work, vehicles.get(work, vehicle_id)))

    @routes.patch("/vehicles/{vehicle_id}")
    def amend_vehicle(
        vehicle_id: str, form: schemas.VehicleEdit, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        sent = given(form, "plate", "plate_colour", "category")
        with caller.write() as work:
            old = vehicles.get(work, vehicle_id)
            require_match(if_match, _named_vehicle(work, old))
            plate = _new_plate(plate_rules(caller.platform), old, sent)
            row = vehicles.amend(work, vehicle_id, plate=plate, **_owned(work, sent))
            return tagged(_named_vehicle(work, row))

    @routes.post("/vehicles/{vehicle_id}/retire")
    def retire_vehicle(vehicle_id: str, if_match: IfMatch = None, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            require_match(if_match, _named_vehicle(work, vehicles.get(work, vehicle_id)))
            return tagged(_named_vehicle(work, vehicles.retire(work, vehicle_id)))


def _drivers(routes: APIRouter) -> None:
    @routes.get("/drivers")
    def list_drivers(query: ListQuery, reveal: bool = False, caller: Caller = needs(READ)) -> Response:
        """Drivers; their numbers are masked unless `reveal`, which needs `fleets.reveal` and is written down."""
        with caller.write() if reveal else caller.read() as work:
            page = store.listed(work, DRIVER, query)
            rows = drivers.shown(work, page.items, reveal)
        return json_response(as_list(page) | {"items": [_driver(row) for row in rows]})

    @routes.post("/drivers", status_code=201)
    def register_driver(form: schemas.DriverForm, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            row = drivers.register(work, NewDriver(**_owned(work, _plain(form))))
            return tagged(_named_driver(work, row), 201)

    @routes.get("/drivers/{driver_id}")
    def get_driver(driver_id: str, reveal: bool = False, caller: Caller = needs(READ)) -> Response:
        with caller.write() if reveal else caller.read() as work:
            return tagged(_named_driver(work, drivers.get(work, driver_id), reveal))

    @routes.patch("/drivers/{driver_id}")
    def amend_driver(
        driver_id: str, form: schemas.DriverEdit, if_match: IfMatch = None, caller: Caller = needs(EDIT)
    ) -> Response:
        """Numbers may be sent back as they were shown: masked ones change nothing."""
        with caller.write() as work:
            require_match(if_match, _named_driver(work, drivers.get(work, driver_id)))
            sent = _owned(work, given(form, "name", "driving_licence", "enterprise", "region"))
            row = drivers.amend(work, driver_id, **sent)
            return tagged(_named_driver(work, row))

    @routes.post("/drivers/{driver_id}/retire")
    def retire_driver(driver_id: str, if_match: IfMatch = None, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            require_match(if_match, _named_driver(work, drivers.get(work, driver_id)))
            return tagged(_named_driver(work, drivers.retire(work, driver_id)))


def _areas(routes: APIRouter) -> None:
    @routes.get("/areas")
    def list_areas(query: ListQuery, caller: Caller = needs(READ)) -> Response:
        """Areas for supervision, ended ones included."""
        with caller.read() as work:
            page = store.listed(work, AREA, query)
        return json_response(as_list(page) | {"items": [_area(row) for row in page.items]})

    @routes.post("/areas", status_code=201)
    def make_area(form: schemas.AreaForm, caller: Caller = needs(EDIT)) -> Response:
        """An area holds from a few seconds after it was made; it is never changed, only ended."""
        with caller.write() as work:
            sent = _owned(work, form.model_dump(mode="json"))
            sent["organisation"] = sent.pop("enterprise")
            for name in ("categories", "vehicles"):
                sent[name] = tuple(sent[name])
            return tagged(_whole_area(areas.make(work, NewArea(**sent))), 201)

    @routes.get("/areas/{area_id}")
    def get_area(area_id: str, caller: Caller = needs(READ)) -> Response:
        with caller.read() as work:
            return tagged(_whole_area(areas.get(work, area_id)))

    @routes.post("/areas/{area_id}/end")
    def end_area(area_id: str, if_match: IfMatch = None, caller: Caller = needs(EDIT)) -> Response:
        with caller.write() as work:
            require_match(if_match, _whole_area(areas.get(work, area_id)))
            return tagged(_whole_area(areas.end(work, area_id)))


def _area(row: Row) -> Row:
    return {name: row[name] for name in schemas.AreaRow.model_fields}


def _whole_area(row: Row) -> Row:
    """An area with its ground and whom it concerns."""
    shape = Geometry.of_columns(row).as_geojson()
    return _area(row) | {"geometry": shape, "categories": row["categories"], "vehicles": row["vehicles"]}


def _plain(form: Any) -> dict[str, Any]:
    sent: dict[str, Any] = form.model_dump(mode="json")
    if "business" in sent:
        sent["business"] = tuple(sent["business"] or ())
    return sent


def _owned(work: Work, sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent, with the id of the enterprise in place of its name or licence."""
    if sent.get("enterprise"):
        sent["enterprise"] = enterprises.named(work, sent["enterprise"])
    return sent


def _new_plate(rules: PlateRules, old: Row, sent: dict[str, Any]) -> Plate | None:
    """The plate after a change of plate or colour, taken out of what was sent; None where neither was."""
    if not sent.keys() & {"plate", "plate_colour"}:
        return None
    return rules.read(sent.pop("plate", old["plate"]), sent.pop("plate_colour", old["plate_colour"]))


def _enterprise(row: Row) -> Row:
    return {name: row[name] for name in schemas.EnterpriseRow.model_fields}


def _vehicle(row: Row) -> Row:
    return {name: row[name] for name in schemas.VehicleRow.model_fields}


def _driver(row: Row) -> Row:
    return {name: row[name] for name in schemas.DriverRow.model_fields}


def _named_vehicle(work: Work, row: Row) -> Row:
    return _vehicle(row | _enterprise_name(work, row))


def _named_driver(work: Work, row: Row, reveal: bool = False) -> Row:
    (shown,) = drivers.shown(work, [row | _enterprise_name(work, row)], reveal)
    return _driver(shown)


def _enterprise_name(work: Work, row: Row) -> Row:
    owner = row["enterprise"]
    known = store.enterprises(work.as_system("fleets.names"), [owner]) if owner else {}
    return {"enterprise_name": known[owner]["name"] if owner in known else None}
