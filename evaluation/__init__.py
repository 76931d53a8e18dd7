"""What the committee decides: the life of a case, rule profiles, criteria, review, price, tally, report content."""
