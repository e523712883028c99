"""Demo data around today, an invented organisation for trying things out: what it consists of, and its building.

`organisation.py` holds people and what they are qualified for, `past.py` and `coming.py` the events, each told
relative to the moment of building (`relative_times.py`); `build.py` makes all of it through the services.
"""
