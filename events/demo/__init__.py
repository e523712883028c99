"""An invented organisation around today, for trying things out: who there is, what happens, and its building.

`organisation.py` holds people and what they are qualified for, `past.py` and `coming.py` the events, each told
relative to the moment of building (`relative_times.py`); `build.py` makes all of it through the services.
"""
