"""From a season's spreadsheet or its JSON form to plain records; nothing here knows the database."""
