"""What other systems tell the shop by themselves: formats, signatures, vocabularies."""
