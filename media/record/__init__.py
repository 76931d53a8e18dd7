"""The recorder, a member of the room: masters as append-only WebM, one sidecar line for each closed segment."""
