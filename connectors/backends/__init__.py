"""What the shop knows: one package a port, and the embedded shop that implements them all."""
