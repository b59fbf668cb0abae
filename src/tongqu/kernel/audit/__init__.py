"""The audit log: append-only, chained in batches by one sealer, so that a flipped byte is found and named."""

from tongqu.kernel.audit.service import record, record_many

__all__ = ["record", "record_many"]
