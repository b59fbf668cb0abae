"""Messages to a person, a role or a webhook: sent once, provably."""

from tongqu.kernel.notify.service import said, send
from tongqu.kernel.notify.values import Addressee, Template, ToEndpoint, ToPerson, ToRole

__all__ = ["Addressee", "Template", "ToEndpoint", "ToPerson", "ToRole", "said", "send"]
