"""The Chinese words that conduct puts onto papers and into bags; pages have theirs in the catalogues of `web`.

They become part of signed bytes, so no catalogue may change them. Nothing here chooses a word.
"""

import json
from pathlib import Path
from typing import Any, Final

WORDS: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
"""`notice` of a demo case, `report` and `opinion`: names by code and sentences for `str.format`."""
