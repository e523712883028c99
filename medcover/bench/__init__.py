"""Measuring the system as it runs in production; `script/bench` is its one way in.

The settings `medcover.settings.bench` add to production what only measuring needs: two floors and a count of
statements (`middleware.py`).
`database.py` and `processes.py` bring a database and the server up and take them down again; `pages.py`, `claims.py`,
`background.py` and `resources.py` measure; `profiling.py` looks into one request; `figures.py` counts, `report.py`
tells. What a figure means is in `docs/performance.md`.
"""
