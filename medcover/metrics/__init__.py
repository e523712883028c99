"""`/metrics`: figures of the installation for Prometheus.

`access` says who may read them · `http` counts requests · `gauges` asks the database · `views` is the page.
"""
