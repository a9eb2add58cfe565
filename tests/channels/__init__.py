"""The channels, asked over real HTTP and real sockets."""
