"""The doors at which other systems push what has happened: believed, kept, acknowledged, done."""
