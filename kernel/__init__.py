"""What every part may rely on: errors, money, time, content, settings, database, log."""
