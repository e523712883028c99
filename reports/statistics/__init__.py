"""Statistics of a year, for the board: counted by the database, whatever the number of events."""
