"""Personal data of a person in all apps: given out to them, and erased when they have left.

Every app contributes its own part (`registry.Contributor`); this one also speaks for the apps below it.
"""
