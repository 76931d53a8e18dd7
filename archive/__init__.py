"""What can be shown later: the bag, its report, its verifier. Never changes what was sealed."""
