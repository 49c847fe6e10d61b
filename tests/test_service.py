"""The whole service as a newcomer meets it: real gunicorn, a real bundle, the answer the README prints."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.test_gunicorn import free_port

ROOT = Path(__file__).parents[1]
STORIES = sorted((ROOT / "tests" / "stories").glob("*/bundle.json"))


class Service:
    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OSTEON_")}
        ours = {
            "OSTEON_BIND": f"127.0.0.1:{self.port}",
            "OSTEON_DATABASE_URL": f"sqlite:///{folder}/osteon.db",
            "OSTEON_LOG_LEVEL": "warning",
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve"], cwd=ROOT, env={**kept, **ours}, start_new_session=True
        )
        for _ in range(200):
            try:
                self.get("/readyz")
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the service did not get ready")

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return json.load(answer)

    def evaluate(self, body: bytes) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/evaluate?evaluationDate=2026-11-01",
            data=body,
            headers={"Content-Type": "application/fhir+json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    served = Service(tmp_path_factory.mktemp("served"), OSTEON_WORKERS="1", OSTEON_THREADS="8")
    yield served
    served.stop()


def told(answer: Any) -> Any:
    """An answer without what is new each time: the identities of trace and cards."""
    text = json.dumps(answer, sort_keys=True)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "…", text)


def test_eight_clients_at_once_get_eight_right_answers_of_one_worker(service: Service) -> None:
    bodies = [path.read_bytes() for path in STORIES[:8]]
    alone = [told(service.evaluate(body)) for body in bodies]
    found: list[list[str]] = [[] for _ in bodies]

    def client(number: int) -> None:
        for turn in range(10):
            found[number].append(told(service.evaluate(bodies[(number + turn) % len(bodies)])))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for number, answers in enumerate(found):
        assert answers == [alone[(number + turn) % len(bodies)] for turn in range(10)]


def test_every_answer_has_a_trace_that_holds_it(service: Service) -> None:
    result = service.evaluate(STORIES[0].read_bytes())["results"][0]

    trace = service.get(f"/traces/{result['trace']}")

    assert json.dumps(result["cards"], sort_keys=True) in json.dumps(trace, sort_keys=True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b'{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "id": "1", "x": NaN}}]}', 400),
        (b"[]", 422),
        (b'{"hello": "world"}', 422),
        (b'{"resourceType": "Bundle", "type": "collection"}', 422),
        (b'{"resourceType": "Condition", "patient": {"reference": "Patient/1"}, "code": {"text": "x"}}', 422),
        (b"[" * 100 + b"]" * 100, 422),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_an_outcome_and_nothing_is_stored(service: Service, body: bytes, status: int) -> None:
    before = service.get("/traces")

    with pytest.raises(urllib.error.HTTPError) as refusal:
        service.evaluate(body)

    outcome = json.load(refusal.value)
    assert refusal.value.code == status
    assert outcome["resourceType"] == "OperationOutcome" and outcome["issue"]
    assert service.get("/traces") == before


def test_the_readme_prints_what_it_says(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    example = readme[readme.index("<!-- example -->") : readme.index("<!-- example end -->")]
    command, expected = re.findall(r"```\n(.*?)```", example, flags=re.DOTALL)
    served = Service(tmp_path)
    try:
        command = command.replace("http://127.0.0.1:8080", f"http://127.0.0.1:{served.port}")
        printed = subprocess.run(
            ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
    finally:
        served.stop()

    assert printed.stdout == expected
