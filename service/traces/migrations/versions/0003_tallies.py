"""Tallies of full blocks of records, and an index of degraded decisions in the order of the chain.

Nothing kept before is touched. The tallies of what is there already are made after the migration, for
they can be made from it at any time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

SQLITE_GUARD = """
    CREATE TRIGGER trace_tally_is_never_updated BEFORE UPDATE ON trace_tally
    BEGIN SELECT RAISE(ABORT, 'rows of trace_tally are never changed'); END
"""
POSTGRESQL_GUARD = """
    CREATE TRIGGER trace_tally_is_never_updated BEFORE UPDATE ON trace_tally
    FOR EACH STATEMENT EXECUTE FUNCTION trace_row_is_kept()
"""


def upgrade() -> None:
    op.create_table(
        "trace_tally",
        sa.Column("level", SEQ, primary_key=True, autoincrement=False),
        sa.Column("block", SEQ, primary_key=True, autoincrement=False),
        sa.Column("about", TEXT, primary_key=True),
        sa.Column("period", TEXT, primary_key=True),
        sa.Column("content", TEXT, nullable=False),
    )
    op.create_index("trace_tally_about", "trace_tally", ["level", "about", "period", "block"])
    op.execute(SQLITE_GUARD if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARD)
    said = sa.text("degraded <> ''")
    op.drop_index("trace_header_degraded", "trace_header")
    op.create_index("trace_header_degraded", "trace_header", ["seq"], sqlite_where=said, postgresql_where=said)


def downgrade() -> None:
    raise NotImplementedError("Kept traces are not given up; restore a backup taken before the upgrade.")
