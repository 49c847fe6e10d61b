"""Events in the chain, indexes for the questions of an audit, checkpoints, holds, rulebooks, seen tokens.

Headers kept before are not touched: the new columns say of them what is not known as '' or NULL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

WORDS = ("subject", "service", "client", "tenant", "user_key", "degraded")

NEVER_UPDATED = (
    "trace_body",
    "trace_rule",
    "trace_card",
    "trace_resource",
    "trace_feedback",
    "trace_hold",
    "trace_content",
    "trace_rulebook",
    "trace_checkpoint",
)
NEVER_DELETED = ("trace_content", "trace_rulebook", "trace_checkpoint")

HELD = """
    SELECT 1 FROM trace_header JOIN trace_hold
      ON (trace_hold.about = 'decision' AND trace_hold.name IN (trace_header.id, trace_header.subject))
      OR (trace_hold.about = 'patient' AND trace_hold.name = trace_header.patient_key)
    WHERE trace_header.seq = OLD.seq
"""

POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION trace_row_is_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$
    """,
    *(
        f"CREATE TRIGGER {table}_is_never_updated BEFORE UPDATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION trace_row_is_kept()"
        for table in NEVER_UPDATED
    ),
    *(
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION trace_row_is_kept()"
        for table in NEVER_DELETED
    ),
    f"""
    CREATE FUNCTION trace_body_is_free() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
      IF EXISTS ({HELD}) THEN RAISE EXCEPTION 'the body is on legal hold'; END IF;
      RETURN OLD;
    END $$
    """,
    """
    CREATE TRIGGER trace_body_on_hold_is_never_deleted BEFORE DELETE ON trace_body
    FOR EACH ROW EXECUTE FUNCTION trace_body_is_free()
    """,
)

SQLITE_GUARDS = (
    *(
        f"CREATE TRIGGER {table}_is_never_updated BEFORE UPDATE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
        for table in NEVER_UPDATED
    ),
    *(
        f"CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
        for table in NEVER_DELETED
    ),
    f"""
    CREATE TRIGGER trace_body_on_hold_is_never_deleted BEFORE DELETE ON trace_body
    WHEN EXISTS ({HELD})
    BEGIN SELECT RAISE(ABORT, 'the body is on legal hold'); END
    """,
)


def upgrade() -> None:
    _widen_headers()
    _make_indexes_of_bodies()
    _make_what_stands_beside()
    for guard in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(guard)


def _widen_headers() -> None:
    for name in WORDS:
        op.add_column("trace_header", sa.Column(name, TEXT, nullable=False, server_default=""))
    op.add_column("trace_header", sa.Column("duration_ns", SEQ))
    op.create_index("trace_header_kind", "trace_header", ["kind", "seq"])
    op.create_index("trace_header_rulebook", "trace_header", ["rulebook", "seq"])
    op.create_index("trace_header_client", "trace_header", ["client", "tenant", "seq"])
    for name in ("hook_instance", "subject", "degraded"):
        said = sa.text(f"{name} <> ''")
        op.create_index(f"trace_header_{name}", "trace_header", [name, "seq"], sqlite_where=said, postgresql_where=said)


def _make_indexes_of_bodies() -> None:
    op.create_table(
        "trace_card",
        sa.Column("seq", SEQ, sa.ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
        sa.Column("place", SEQ, primary_key=True, autoincrement=False),
        sa.Column("uuid", TEXT, nullable=False),
        sa.Column("rules", TEXT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("trace_card_uuid", "trace_card", ["uuid"])
    op.create_table(
        "trace_resource",
        sa.Column("seq", SEQ, sa.ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
        sa.Column("resource_key", TEXT, primary_key=True),
        sa.Column("version", TEXT, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("trace_resource_key", "trace_resource", ["resource_key", "version", "seq"])
    op.create_table(
        "trace_feedback",
        sa.Column("seq", SEQ, sa.ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
        sa.Column("card", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("given_at", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
    )
    op.create_index("trace_feedback_once", "trace_feedback", ["card", "digest"], unique=True)


def _make_what_stands_beside() -> None:
    op.create_table(
        "trace_hold",
        sa.Column("about", TEXT, primary_key=True),
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("seq", SEQ, sa.ForeignKey("trace_header.seq"), nullable=False),
    )
    op.create_table(
        "trace_content",
        sa.Column("digest", TEXT, primary_key=True),
        sa.Column("packed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "trace_rulebook",
        sa.Column("digest", TEXT, primary_key=True),
        sa.Column("rules", TEXT, sa.ForeignKey("trace_content.digest"), nullable=False),
        sa.Column("thresholds", TEXT, sa.ForeignKey("trace_content.digest"), nullable=False),
        sa.Column("terminology", TEXT, nullable=False),
    )
    op.create_table(
        "trace_checkpoint",
        sa.Column("size", SEQ, primary_key=True, autoincrement=False),
        sa.Column("signed_at", TEXT, nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "seen_token",
        sa.Column("issuer", TEXT, primary_key=True),
        sa.Column("token_id", TEXT, primary_key=True),
        sa.Column("expires_at", TEXT, nullable=False),
    )
    op.create_index("seen_token_expires_at", "seen_token", ["expires_at"])


def downgrade() -> None:
    raise NotImplementedError("Kept traces are not given up; restore a backup taken before the upgrade.")
