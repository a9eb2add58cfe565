"""Everything at the edge of Kefu: channels, console, and the back ends of the shop."""
