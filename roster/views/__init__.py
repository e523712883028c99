"""Pages about oneself: getting in and out, colours, the own profile."""
