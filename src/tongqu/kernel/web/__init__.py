"""The HTTP edge that all rooms share: who calls, lists, entity tags, problem+json, resources of the page."""

from tongqu.kernel.web.body import body_of
from tongqu.kernel.web.caller import Caller, anyone, authenticator, needs, signed_in
from tongqu.kernel.web.etag import etag_of, require_match, tagged
from tongqu.kernel.web.listing import ListQuery, as_list, list_query, listed
from tongqu.kernel.web.problem import install_problems, json_response
from tongqu.kernel.web.resource import Resource, described
from tongqu.kernel.web.routes import RouteRule, route_rules
from tongqu.kernel.web.stream import resume_from, streamed

__all__ = [
    "Caller",
    "ListQuery",
    "Resource",
    "RouteRule",
    "anyone",
    "as_list",
    "authenticator",
    "body_of",
    "described",
    "etag_of",
    "install_problems",
    "json_response",
    "list_query",
    "listed",
    "needs",
    "require_match",
    "resume_from",
    "route_rules",
    "signed_in",
    "streamed",
    "tagged",
]
