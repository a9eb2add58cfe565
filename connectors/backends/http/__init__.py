"""The shop's ports over HTTP: what a shop serves, and the adapter that asks it."""
