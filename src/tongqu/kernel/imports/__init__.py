"""Spreadsheets in: templates, checks row by row, a report. See README.md."""

from tongqu.kernel.imports.loader import Loader
from tongqu.kernel.imports.values import Apply, Column, Importer, Outcome, Row, code, date, phone, region

__all__ = ["Apply", "Column", "Importer", "Loader", "Outcome", "Row", "code", "date", "phone", "region"]
