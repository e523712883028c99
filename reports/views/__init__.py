"""Report pages, on screen and as files."""
