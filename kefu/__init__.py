"""The program: settings, assembly of the parts, command line, HTTP server."""
