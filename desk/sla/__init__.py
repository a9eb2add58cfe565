"""Service levels: business calendars, promises, clocks. Plain arithmetic, no database."""
