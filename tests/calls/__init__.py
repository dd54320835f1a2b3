"""Calls that a person would make, with what each party hears checked by content."""
