"""Severity of each notice this package can give, by the code names of the canonical GTFS validator."""

from __future__ import annotations

from tongqu.protocols.gtfs.notices import Severity

_ERRORS = """
invalid_character empty_file empty_column_name duplicated_column invalid_row_length invalid_url invalid_email
invalid_color invalid_date invalid_time invalid_integer invalid_float number_out_of_range invalid_currency
invalid_currency_amount invalid_language_code invalid_timezone
foreign_key_violation missing_trip_edge stop_time_with_arrival_before_previous_departure_time duplicate_key
"""
_WARNINGS = "empty_row leading_or_trailing_whitespaces unexpected_enum_value unusable_trip"
_INFOS = ""

SEVERITIES: dict[str, Severity] = {
    **dict.fromkeys(_ERRORS.split(), "error"),
    **dict.fromkeys(_WARNINGS.split(), "warning"),
    **dict.fromkeys(_INFOS.split(), "info"),
}
