"""Member pages about events: read, ask a service, answer."""
