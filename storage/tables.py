"""The tables. Evidence (`statement`, `signature`, `authorisation`, `checkpoint`, `cosignature`, `timestamp`) is only
ever added to.

Tables whose names begin with `index_` can be dropped and rebuilt from the statements (`index.py`).
"""

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

SCHEMA = 5

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

log_head = Table(
    "log_head", metadata, Column("log", String(64), primary_key=True), Column("size", Integer, nullable=False)
)

statement = Table(
    "statement",
    metadata,
    Column("log", String(64), primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("entry", LargeBinary(32), nullable=False, unique=True),
    Column("kind", String(64), nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Index("statement_by_kind", "log", "kind", "idx"),
)

signature = Table(
    "signature",
    metadata,
    Column("log", String(64), primary_key=True),
    Column("idx", Integer, primary_key=True),
    Column("cms", LargeBinary, nullable=False),
    Column("authorisation", String(64), nullable=False),
    Column("twin", LargeBinary),
)

authorisation = Table(
    "authorisation",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("log", String(64), primary_key=True),
    Column("size", Integer, primary_key=True),
    Column("note", Text, nullable=False),
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("log", String(64), primary_key=True),
    Column("size", Integer, primary_key=True),
    Column("line", String(4096), primary_key=True),
)

timestamp = Table(
    "timestamp",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("response", LargeBinary, nullable=False),
)

private_value = Table(
    "private_value",
    metadata,
    Column("case", String(64), primary_key=True),
    Column("shelf", String(32), primary_key=True),
    Column("key", String(160), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("value", LargeBinary, nullable=False),
)

pool_row = Table(
    "pool_row",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("expert", String(32), primary_key=True),
    Column("since", Integer, primary_key=True),
    Column("until", Integer, nullable=False),
    Column("person", LargeBinary(32), nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("pool_row_by_person", "person", "owner"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(32), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("due", String(32), nullable=False),
    Column("tries", Integer, nullable=False, default=0),
)

index_case = Table(
    "index_case",
    metadata,
    Column("case", String(64), primary_key=True),
    Column("project", String(64), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("tenderer", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("venue", String(64), nullable=False, index=True),
    Column("state", String(32), nullable=False, index=True),
    Column("planned_start", String(24), nullable=False),
    Column("created_at", String(24), nullable=False),
    Column("closed_at", String(24), nullable=False),
)

index_sheet = Table(
    "index_sheet",
    metadata,
    Column("case", String(64), primary_key=True),
    Column("member", String(16), primary_key=True),
    Column("bid", String(16), primary_key=True),
    Column("idx", Integer, nullable=False),
    Column("at", String(24), nullable=False),
)

index_segment = Table(
    "index_segment",
    metadata,
    Column("case", String(64), primary_key=True),
    Column("seat", String(64), primary_key=True),
    Column("track", String(16), primary_key=True),
    Column("take", Integer, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("idx", Integer, nullable=False),
    Column("off", Integer, nullable=False),
    Column("len", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("t0", String(24), nullable=False),
    Column("dur_ms", Integer, nullable=False),
    Column("sent", String(24), nullable=False, server_default=""),
)

INDEX_TABLES = (index_case, index_sheet, index_segment)
