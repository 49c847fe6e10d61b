"""The tables of traces as queries see them; the migrations make them, and a test compares the two."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

# SQLite numbers rows by INTEGER alone; PostgreSQL sorts text as bytes only when it is told to.
SEQ = BigInteger().with_variant(Integer(), "sqlite")
TEXT = Text().with_variant(Text(collation="C"), "postgresql")

metadata = MetaData()

# One row per decision or event, in commit order, never changed. `header` is the text that was hashed;
# the other columns repeat what it says so that it can be searched.
trace_header = Table(
    "trace_header",
    metadata,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("id", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("decided_at", TEXT, nullable=False),  # of an event: when it happened
    Column("hook", TEXT, nullable=False),
    Column("hook_instance", TEXT, nullable=False),
    Column("rulebook", TEXT, nullable=False),
    Column("patient_key", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("prev_hash", TEXT, nullable=False),
    Column("leaf_hash", TEXT, nullable=False),
    Column("header", TEXT, nullable=False),
    Column("subject", TEXT, nullable=False, server_default=""),  # of an event: the decision it is about
    Column("service", TEXT, nullable=False, server_default=""),
    Column("client", TEXT, nullable=False, server_default=""),
    Column("tenant", TEXT, nullable=False, server_default=""),
    Column("user_key", TEXT, nullable=False, server_default=""),
    Column("degraded", TEXT, nullable=False, server_default=""),  # codes, with a space between
    Column("duration_ns", SEQ),
    Index("trace_header_id", "id", unique=True),
    # With the outcome inside, SQLite never prefers the index of outcomes, which finds half the table.
    Index("trace_header_patient", "patient_key", "outcome", "seq"),
    Index("trace_header_decided_at", "decided_at"),
    Index("trace_header_outcome", "outcome", "seq"),
    Index("trace_header_kind", "kind", "seq"),
    Index("trace_header_rulebook", "rulebook", "seq"),
    Index("trace_header_client", "client", "tenant", "seq"),
    *(
        Index(f"trace_header_{name}", name, "seq", sqlite_where=text(said), postgresql_where=text(said))
        for name, said in ((name, f"{name} <> ''") for name in ("hook_instance", "subject"))
    ),
    Index("trace_header_degraded", "seq", sqlite_where=text("degraded <> ''"), postgresql_where=text("degraded <> ''")),
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

# Which cards were shown, so that feedback on one finds its decision and its rules.
trace_card = Table(
    "trace_card",
    metadata,
    Column("seq", SEQ, ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
    Column("place", SEQ, primary_key=True, autoincrement=False),
    Column("uuid", TEXT, nullable=False),
    Column("rules", TEXT, nullable=False),  # ids, with a space between
    Index("trace_card_uuid", "uuid"),
    sqlite_with_rowid=False,
)

# Which resources were used, by a keyed hash of their reference: one of them names the patient.
trace_resource = Table(
    "trace_resource",
    metadata,
    Column("seq", SEQ, ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
    Column("resource_key", TEXT, primary_key=True),
    Column("version", TEXT, primary_key=True),  # "" when the resource had none
    Index("trace_resource_key", "resource_key", "version", "seq"),
    sqlite_with_rowid=False,
)

# What became of a card; `seq` is the event that tells it. The card may be one nobody knows.
trace_feedback = Table(
    "trace_feedback",
    metadata,
    Column("seq", SEQ, ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
    Column("card", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    Column("reason", TEXT, nullable=False),  # system|code, "" when none was given
    Column("given_at", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),  # of all that was said, so that a repetition is known
    Index("trace_feedback_once", "card", "digest", unique=True),
)

# What must not be erased: the decisions about a patient (by key) or one decision (by id).
trace_hold = Table(
    "trace_hold",
    metadata,
    Column("about", TEXT, primary_key=True),  # patient or decision
    Column("name", TEXT, primary_key=True),
    Column("seq", SEQ, ForeignKey("trace_header.seq"), nullable=False),  # the event that placed it
)

# Documents by the SHA-256 of their bytes: the rules and thresholds of every rulebook that was in force.
trace_content = Table(
    "trace_content",
    metadata,
    Column("digest", TEXT, primary_key=True),
    Column("packed", LargeBinary, nullable=False),  # zlib
)

trace_rulebook = Table(
    "trace_rulebook",
    metadata,
    Column("digest", TEXT, primary_key=True),  # as headers name it
    Column("rules", TEXT, ForeignKey("trace_content.digest"), nullable=False),
    Column("thresholds", TEXT, ForeignKey("trace_content.digest"), nullable=False),
    Column("terminology", TEXT, nullable=False),
)

# Signed notes about the first `size` headers, with what is needed to go on from there.
trace_checkpoint = Table(
    "trace_checkpoint",
    metadata,
    Column("size", SEQ, primary_key=True, autoincrement=False),
    Column("signed_at", TEXT, nullable=False),
    Column("note", TEXT, nullable=False),
    Column("frontier", LargeBinary, nullable=False),  # hashes of the full subtrees, the largest first
)

# What full blocks of records come to, see tallies.py; made from what stands above and no part of the chain.
trace_tally = Table(
    "trace_tally",
    metadata,
    Column("level", SEQ, primary_key=True, autoincrement=False),  # 1: a block by day, 2: many by month
    Column("block", SEQ, primary_key=True, autoincrement=False),
    Column("about", TEXT, primary_key=True),  # records, calls or rules
    Column("period", TEXT, primary_key=True),  # 2026-01-31 or 2026-01, UTC
    Column("content", TEXT, nullable=False),  # canonical JSON
    Index("trace_tally_about", "level", "about", "period", "block"),
)

# Tokens that were presented, until they expire; shared by all workers, no part of the chain.
seen_token = Table(
    "seen_token",
    metadata,
    Column("issuer", TEXT, primary_key=True),
    Column("token_id", TEXT, primary_key=True),  # SHA-256 of the jti
    Column("expires_at", TEXT, nullable=False),
    Index("seen_token_expires_at", "expires_at"),
)

HANGS_ON_A_BODY = (trace_rule, trace_card, trace_resource, trace_feedback, trace_body)
"""What goes when a body is erased, in this order."""
