"""Models of the reports: their permissions, and files that somebody has made and not yet fetched."""

from reports.models.rights import ReportRights
from reports.models.work_report import WorkReport

__all__ = ["ReportRights", "WorkReport"]
