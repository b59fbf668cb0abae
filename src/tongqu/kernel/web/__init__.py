"""The HTTP edge that all rooms share: who calls, lists, entity tags, problem+json, resources of the page."""

from tongqu.kernel.web.caller import Caller, anyone, authenticator, needs, signed_in
from tongqu.kernel.web.etag import etag_of, require_match
from tongqu.kernel.web.listing import ListQuery, list_query
from tongqu.kernel.web.problem import install_problems
from tongqu.kernel.web.resource import Resource, described

__all__ = [
    "Caller",
    "ListQuery",
    "Resource",
    "anyone",
    "authenticator",
    "described",
    "etag_of",
    "install_problems",
    "list_query",
    "needs",
    "require_match",
    "signed_in",
]
