"""What all rows of one import share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from events.models import MasterEvent
from events.services.season.directory import Directory
from events.services.season.qualifications import Managed
from events.services.season.report import SeasonReport


@dataclass(frozen=True)
class Setting:
    """Where rows go, whom names mean, where notes are kept, and who imports when."""

    master: MasterEvent
    managed: Managed
    directory: Directory
    report: SeasonReport
    zone: tzinfo
    by: Any
    at: datetime
