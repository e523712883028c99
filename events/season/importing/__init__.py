"""Writing a season into the database; before it forecast and corrections, after it the report of what was done."""
