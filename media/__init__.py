"""Who is seen and heard: rooms, forwarding, recording, quality. Knows members and grants, never experts or scores."""
