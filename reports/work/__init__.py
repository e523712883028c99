"""The work report („výkaz práce“): one sheet with what a person served in a month, to be signed."""

from reports.work.workbook import build, file_name

__all__ = ["build", "file_name"]
