"""Printouts: events as a workbook to print, sign and file."""

from reports.printouts.workbook import MOST_EVENTS, build, file_name, problem, subtitle

__all__ = ["MOST_EVENTS", "build", "file_name", "problem", "subtitle"]
