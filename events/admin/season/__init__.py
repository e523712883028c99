"""Import of events in the browser: a file or its JSON form is read, looked through, corrected and carried out."""

from events.admin.season.pages import SeasonImportAdmin

__all__ = ["SeasonImportAdmin"]
