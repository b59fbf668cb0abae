"""Content-addressed files with owners: resumable upload, ranges, one copy of equal content. See README.md."""

from tongqu.kernel.documents.evidence import capture, derive, hold
from tongqu.kernel.documents.service import Document, file_of, get, most_bytes, put, remove
from tongqu.kernel.documents.vault import Content, Vault, vault

__all__ = [
    "Content",
    "Document",
    "Vault",
    "capture",
    "derive",
    "file_of",
    "get",
    "hold",
    "most_bytes",
    "put",
    "remove",
    "vault",
]
