"""Our own widget on the shop's page: its protocol, its uploads, its files and a demo page."""
