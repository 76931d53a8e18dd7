"""Formats and words of the pool's owners, as data: the Chinese of their exports stands here and nowhere else."""
