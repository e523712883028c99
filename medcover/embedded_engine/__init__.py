"""Django's PostgreSQL engine over the server that the project brings along."""
