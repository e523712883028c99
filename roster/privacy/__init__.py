"""What the installation knows of a person: given out to them, and erased when they have left.

Every app contributes from its own room (`registry.Contributor`); this one also speaks for the floors below it.
"""
