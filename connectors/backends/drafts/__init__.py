"""Drafts: every write of the shop is prepared, shown, confirmed and then done once."""
