"""The audit log: append-only, chained in batches by one sealer, so that a flipped byte is found and named."""

from tongqu.kernel.audit.service import record, record_many
from tongqu.kernel.audit.verify import Finding, verify

__all__ = ["Finding", "record", "record_many", "verify"]
