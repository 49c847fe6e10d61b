"""The first schema: append-only headers, bodies that can be erased alone, outcomes of rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

SQLITE_GUARDS = (
    """
    CREATE TRIGGER trace_header_is_never_updated BEFORE UPDATE ON trace_header
    BEGIN SELECT RAISE(ABORT, 'trace headers are append-only'); END
    """,
    """
    CREATE TRIGGER trace_header_is_never_deleted BEFORE DELETE ON trace_header
    BEGIN SELECT RAISE(ABORT, 'trace headers are append-only'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger above.
    """
    CREATE TRIGGER trace_header_is_never_replaced BEFORE INSERT ON trace_header
    WHEN EXISTS (SELECT 1 FROM trace_header WHERE seq = NEW.seq OR id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'trace headers are append-only'); END
    """,
)

POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION trace_header_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'trace headers are append-only'; END $$
    """,
    """
    CREATE TRIGGER trace_header_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON trace_header
    FOR EACH STATEMENT EXECUTE FUNCTION trace_header_is_append_only()
    """,
)


def upgrade() -> None:
    op.create_table(
        "trace_header",
        sa.Column("seq", SEQ, primary_key=True, autoincrement=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("decided_at", TEXT, nullable=False),
        sa.Column("hook", TEXT, nullable=False),
        sa.Column("hook_instance", TEXT, nullable=False),
        sa.Column("rulebook", TEXT, nullable=False),
        sa.Column("patient_key", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("prev_hash", TEXT, nullable=False),
        sa.Column("leaf_hash", TEXT, nullable=False),
        sa.Column("header", TEXT, nullable=False),
    )
    op.create_index("trace_header_id", "trace_header", ["id"], unique=True)
    op.create_index("trace_header_patient", "trace_header", ["patient_key", "outcome", "seq"])
    op.create_index("trace_header_decided_at", "trace_header", ["decided_at"])
    op.create_index("trace_header_outcome", "trace_header", ["outcome", "seq"])
    op.create_table(
        "trace_body",
        sa.Column("seq", SEQ, sa.ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "trace_rule",
        sa.Column("seq", SEQ, sa.ForeignKey("trace_header.seq"), primary_key=True, autoincrement=False),
        sa.Column("rule_id", TEXT, primary_key=True),
        sa.Column("outcome", TEXT, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("trace_rule_outcome", "trace_rule", ["rule_id", "outcome", "seq"])
    for guard in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(guard)


def downgrade() -> None:
    raise NotImplementedError("Kept traces are not given up; restore a backup taken before the upgrade.")
