"""Writing an imported season into the database: people first, then events, in one transaction.

`run.py` tells the story; `directory.py` says whom a written name means, `recognition.py` who the people are,
`crew.py` who stands where, `times.py` what the clocks mean, and `report.py` keeps what became of each row.

Before that somebody may look through it: `drafts.py` keeps a season between reading and writing, `foresee.py` says
what would be done with each row, `corrections.py` changes one, `leaders.py` finds whom somebody types.
"""

from events.services.season.report import Part, Remark, SeasonReport
from events.services.season.run import import_season

__all__ = ["Part", "Remark", "SeasonReport", "import_season"]
