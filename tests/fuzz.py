"""The properties of reading on ever new documents, for FUZZ_SECONDS seconds: ``make fuzz``.

Each is tried in turn with new chances. What fails is shrunk and printed, and the run ends with 1.
"""

from __future__ import annotations

import os
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, seed, settings

from tests.support.mutations import documents
from tests.support.reading_properties import properties

SECONDS = 20 * 60
AT_ONCE = 100
LONG = settings(
    max_examples=AT_ONCE,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)


def main() -> int:
    until = time.monotonic() + float(os.environ.get("FUZZ_SECONDS") or SECONDS)
    first, turns = time.time_ns(), 0
    failed: set[str] = set()
    while time.monotonic() < until and len(failed) < len(properties()):
        for name, tried in properties().items():
            if name in failed or time.monotonic() >= until:
                continue
            try:
                seed(first + turns)(LONG(tried))()
            except Exception:
                failed.add(name)
                print(f"This does not hold: {name}.\n{traceback.format_exc()}", flush=True)
            turns += 1
    print(f"{turns * AT_ONCE} documents made of {len(documents())}; {len(failed)} properties do not hold.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
