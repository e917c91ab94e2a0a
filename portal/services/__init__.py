"""The acts of people: one function is one act, and `uow.access` is the only door to a document."""
