"""The tables of traces as queries see them; the migrations make them, and a test compares the two."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

# SQLite numbers rows by INTEGER alone; PostgreSQL sorts text as bytes only when it is told to.
SEQ = BigInteger().with_variant(Integer(), "sqlite")
TEXT = Text().with_variant(Text(collation="C"), "postgresql")

metadata = MetaData()

# One row per decision, in commit order, never changed. `header` is the text that was hashed; the
# columns from `id` to `outcome` repeat what it says so that it can be searched.
trace_header = Table(
    "trace_header",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("decided_at", TEXT, nullable=False),
    Column("hook", TEXT, nullable=False),
    Column("hook_instance", TEXT, nullable=False),
    Column("rulebook", TEXT, nullable=False),
    Column("patient_key", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("prev_hash", TEXT, nullable=False),
    Column("leaf_hash", TEXT, nullable=False),
    Column("header", TEXT, nullable=False),
    Index("trace_header_id", "id", unique=True),
    # With the outcome inside, SQLite never prefers the index of outcomes, which finds half the table.
    Index("trace_header_patient", "patient_key", "outcome", "seq"),
    Index("trace_header_decided_at", "decided_at"),
    Index("trace_header_outcome", "outcome", "seq"),
)

# The clinical part, erased by deleting its row: with the salt gone, the commitment tells nothing.
trace_body = Table(
    "trace_body",
    metadata,
    Column("seq", SEQ, ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("packed", LargeBinary, nullable=False),  # canonical JSON, then zlib
)

# Which rules said what, for searching; bound to the header by a commitment of its own.
trace_rule = Table(
    "trace_rule",
    metadata,
    Column("seq", SEQ, ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
    Column("rule_id", TEXT, primary_key=True),
    Column("outcome", TEXT, primary_key=True),
    Index("trace_rule_outcome", "rule_id", "outcome", "seq"),
    sqlite_with_rowid=False,
)

# The columns of trace_header that repeat the header's text.
REPEATED = (
    "seq",
    "id",
    "kind",
    "decided_at",
    "hook",
    "hook_instance",
    "rulebook",
    "patient_key",
    "outcome",
    "prev_hash",
)
