"""What follows from what: one file per flow that crosses packages, the scheduler and the outbox."""
