"""清标: what a computer can point at in bids before the committee reads them. Hints only, nothing decides (R-38)."""
