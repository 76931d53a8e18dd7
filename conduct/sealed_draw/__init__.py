"""The sealed draw: a process that alone sees links and orders before their time, and what may be asked of it."""
