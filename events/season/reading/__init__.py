"""Reading: a season's spreadsheet or its JSON form becomes plain records; nothing here knows the database."""
