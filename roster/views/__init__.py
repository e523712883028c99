"""Pages about people: login and logout, registration, profile, colours, the list of people."""
