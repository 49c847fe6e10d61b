"""How a long life is read: the time beside that of parsing its JSON, and the memory beside the size of the file.

Two thousand entries of one patient, as a hospital's export has them; the public example of that size when
it lies beside the checkout. Nothing that was validated before is used again. ``make bench`` prints it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

ENTRIES = 2_000
ON = date(2026, 11, 1)
TURNS = 9


def life(entries: int = ENTRIES) -> dict[str, Any]:
    """An invented patient with bone metastases and the visits, results and prescriptions of ten years."""
    story = Path(__file__).parent / "stories" / "good_prognosis_on_olaparib" / "bundle.json"
    source = json.loads(story.read_text())
    held: list[dict[str, Any]] = source["entry"]
    subject = next(one["resource"]["id"] for one in held if one["resource"]["resourceType"] == "Patient")
    while len(held) < entries:
        at = len(held)
        day = f"{2016 + at % 10}-{1 + at % 12:02}-{1 + at % 28:02}T08:30:00Z"
        held.append({"resource": MADE[at % len(MADE)](at, {"reference": f"Patient/{subject}"}, day)})
    return {**source, "entry": held}


def _result(at: int, subject: dict[str, str], day: str) -> dict[str, Any]:
    """A result: haemoglobin now and then, which is read; mostly others, which are not."""
    code, unit = [("718-7", "g/dL"), ("2951-2", "mmol/L"), ("2345-7", "mg/dL"), ("8302-2", "cm"), ("29463-7", "kg")][
        at % 5
    ]
    quantity = {"value": 10 + at % 50 / 10, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
    category = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}
    return {
        "resourceType": "Observation", "id": f"made-{at}", "status": "final", "category": [{"coding": [category]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "subject": subject,
        "effectiveDateTime": day, "issued": day, "valueQuantity": quantity,
    }  # fmt: skip


def _visit(at: int, subject: dict[str, str], day: str) -> dict[str, Any]:
    visit = {"system": "http://snomed.info/sct", "code": "185349003", "display": "Encounter for check up"}
    act = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
    return {
        "resourceType": "Encounter", "id": f"made-{at}", "status": "finished", "class": act,
        "type": [{"coding": [visit]}], "subject": subject, "period": {"start": day, "end": day},
    }  # fmt: skip


def _prescription(at: int, subject: dict[str, str], day: str) -> dict[str, Any]:
    drug = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "310798", "display": "A tablet"}
    return {
        "resourceType": "MedicationRequest", "id": f"made-{at}", "status": "stopped", "intent": "order",
        "medicationCodeableConcept": {"coding": [drug]}, "subject": subject, "authoredOn": day,
        "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}],
    }  # fmt: skip


MADE = (_result, _visit, _result, _result, _prescription, _visit, _result)


def times(body: bytes) -> tuple[float, float, int]:
    """Milliseconds of processor time for parsing and for reading, the median of several turns; and the entries."""
    from service.app import FHIR_PROFILES
    from service.intake import terminology, validation
    from service.intake.reading import read, warm_up
    from service.intake.unpack import unpack
    from service.web.json_in import json_in

    warm_up()
    known, document = terminology.load(FHIR_PROFILES), json_in(body, depth_limit=64)

    def reading() -> None:
        validation.forget()
        for patient in unpack(document):
            read(patient, known, ON)

    text = body.decode()
    assert isinstance(document, dict)
    return _median(lambda: json.loads(text, parse_float=Decimal)), _median(reading), len(document["entry"])


def _median(work: Callable[[], object]) -> float:
    took = []
    for _ in range(TURNS):
        started = time.process_time()
        work()
        took.append((time.process_time() - started) * 1000)
    return statistics.median(took)


def peak(file: str) -> int:
    """The most bytes a process grows by between the file and what is read of it. Linux only."""
    from service.app import FHIR_PROFILES
    from service.intake import terminology
    from service.intake.reading import read, warm_up
    from service.intake.unpack import unpack
    from service.web.json_in import json_in

    warm_up()
    known = terminology.load(FHIR_PROFILES)
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    for patient in unpack(json_in(Path(file).read_bytes(), depth_limit=64)):
        read(patient, known, ON)
    return _memory("VmHWM") - before


def _memory(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("The memory of a process is only told by Linux.")


def told(name: str, file: Path) -> str:
    body = file.read_bytes()
    parsing, reading, entries = times(body)
    line = f"{name}: {entries} entries, {len(body) / 1e6:.1f} MB; parsing {parsing:.0f} ms, reading {reading:.0f} ms ({reading / parsing:.1f} times parsing)"
    if not Path("/proc/self/clear_refs").exists():
        return line
    code = f"from tests.bench_reading import peak; print(peak({str(file)!r}))"
    grown = int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    return f"{line}, peak memory {grown / len(body):.1f} times the file"


def main() -> None:
    import tempfile

    from tests.support.shared import files_in

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "life.json"
        file.write_text(json.dumps(life()))
        print(told("an invented life", file))
    for file in files_in("data/synthea-2019-large"):
        print(told("a public example", file))


if __name__ == "__main__":
    main()
