"""What became of conversations: cases, surveys, numbers by day, and the quality of replies."""
