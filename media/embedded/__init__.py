"""The embedded media plane: one process, one UDP port, ICE-lite; encoded packets are forwarded, never re-encoded."""
