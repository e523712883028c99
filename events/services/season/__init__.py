"""Writing an imported season into the database: people first, then events, all or nothing."""

from events.services.season.report import SeasonReport
from events.services.season.run import import_season

__all__ = ["SeasonReport", "import_season"]
