"""Date and time formats for Django's `FORMAT_MODULE_PATH`: day first, 24 hours, always."""
