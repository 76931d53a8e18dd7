"""What we ask of others over the network or of the system's own tools: messages, outside signatures."""
