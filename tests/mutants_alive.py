"""Why a mutant may live: what is changed, as ``python -m tests.mutants`` names it, and the reason."""

from __future__ import annotations

REASONS: dict[str, str] = {}
