"""The work report („výkaz práce“): one sheet with what a person served in a month, to be signed."""

from reports.work_report.workbook import build, file_name

__all__ = ["build", "file_name"]
