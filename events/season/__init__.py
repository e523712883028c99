"""Import of a season: a planning sheet or its JSON form becomes events, people and assignments.

Three steps: `reading` (workbook, JSON → plain records), `matching` (whom and what they mean here), `importing` (the one
transaction, its report, and before it a forecast that can be corrected). `manage.py import_sheet` and the pages of the
backoffice (`events/admin/season`) are two callers of the same steps. Nothing outside imports from inside.
"""

from events.season.importing import drafts
from events.season.importing.corrections import (
    Candidate,
    Candidates,
    EventCorrection,
    Leader,
    PersonCorrection,
    correct_event,
    correct_person,
)
from events.season.importing.drafts import forecast_of, season_in
from events.season.importing.forecast import EventLine, Forecast, PersonLine
from events.season.importing.report import Part, Remark, SeasonReport
from events.season.importing.run import import_season
from events.season.matching.staffing import MANAGED, MEDIC, NOVICE, Choice, foreseen_qualifications
from events.season.reading.cells import time_of
from events.season.reading.payload import read_payload
from events.season.reading.records import (
    ADDRESS_LENGTH,
    EMAIL_LENGTH,
    NAME_LENGTH,
    Doubt,
    DoubtKind,
    InvalidRows,
    Season,
    SheetEvent,
    SheetPerson,
)
from events.season.reading.sheet import read_season

__all__ = [
    "ADDRESS_LENGTH",
    "EMAIL_LENGTH",
    "MANAGED",
    "MEDIC",
    "NAME_LENGTH",
    "NOVICE",
    "Candidate",
    "Candidates",
    "Choice",
    "Doubt",
    "DoubtKind",
    "EventCorrection",
    "EventLine",
    "Forecast",
    "InvalidRows",
    "Leader",
    "Part",
    "PersonCorrection",
    "PersonLine",
    "Remark",
    "Season",
    "SeasonReport",
    "SheetEvent",
    "SheetPerson",
    "correct_event",
    "correct_person",
    "drafts",
    "forecast_of",
    "foreseen_qualifications",
    "import_season",
    "read_payload",
    "read_season",
    "season_in",
    "time_of",
]
