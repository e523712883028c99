"""From a season's spreadsheet or its JSON form to plain records; nothing here knows the database.

`sheet.read_season` and `payload.read_payload` give the same `records.Season`: events and people as they were
written, rows that were left out, and doubts. `names.NameBook` then finds a written name among known people.
"""
