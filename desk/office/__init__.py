"""What agents work with besides the conversation itself: notes, tags, canned replies, search."""
