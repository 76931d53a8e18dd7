"""`python large_bag.py DIR BYTES COUNT`: a valid sealed bag whose footage has COUNT synthetic segments a take.

Written by the archive's own writer around the small case that the archive's tests seal.
"""

import sys
from pathlib import Path

from tests.archive import bag_example


def main(folder: str, size: str, count: str) -> None:
    """Write bag and trust below the folder."""
    bag_example.write(Path(folder), [int(size)] * int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
