"""Spreadsheets to fill in: a form as an xlsx file, and the record that comes back in one. The edge to xlsx of forms."""

from qmanual.office_forms.reading import Sheet, Unreadable, read_sheet
from qmanual.office_forms.writing import template

__all__ = ["Sheet", "Unreadable", "read_sheet", "template"]
