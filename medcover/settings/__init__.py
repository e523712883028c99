"""Settings: `base` is common, `dev`, `test` and `prod` say only what they change."""
