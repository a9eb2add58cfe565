"""What other systems push: believed or refused, kept, done once, told to who asked."""
