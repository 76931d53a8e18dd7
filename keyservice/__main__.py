"""`./run keyservice FOLDER`: serve one party's draws, unattended. docs/key-service.md says what the folder holds."""

import argparse
import logging
import os
import sys
from pathlib import Path

from keyservice.folder import BadFolder, Folder
from keyservice.service import Service


def main() -> int:
    """Serve until stopped; 1 and a plain sentence where the folder is not in order."""
    parser = argparse.ArgumentParser(prog="./run keyservice", description=__doc__)
    parser.add_argument("folder", type=Path, help="settings and secrets of this party")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    os.umask(0o077)
    try:
        service = Service(Folder(arguments.folder))
    except (BadFolder, OSError) as refused:
        print(f"cannot start: {refused}", file=sys.stderr)
        return 1
    try:
        service.run()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
