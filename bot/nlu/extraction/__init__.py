"""Reading values out of a message by rule, one module a kind of value."""
