"""Pure rules and small parts."""
