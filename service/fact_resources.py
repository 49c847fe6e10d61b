"""The FHIR resources by which any open fact may be sent, made from the facts themselves.

A fact is an Observation coded with its own name. Its *shape* is the form its value takes, and has a
profile in ``fhir_profiles/profiles``: a truth, a choice, a number, a number that may be known by its
bounds only, a day, or a text.
"""

from __future__ import annotations

from collections.abc import Mapping

from rulesets.facts import FACTS
from rulesets.language import ChoiceFact, FactType, NumberFact

JSON = Mapping[str, object]

FACT_SYSTEM = "urn:osteon:codesystem:fact"
VALUE_SYSTEM = "urn:osteon:codesystem:fact-value"

SHAPES: Mapping[str, tuple[str, ...]] = {
    "truth": ("valueBoolean", "valueCodeableConcept"),
    "choice": ("valueCodeableConcept", "valueString"),
    "number": ("valueQuantity", "valueInteger"),
    "interval": ("valueInteger", "valueRange", "valueQuantity", "valueString"),
    "day": ("valueDateTime", "valueInteger", "valueQuantity"),
    "text": ("valueString",),
}
"""The shapes, and the elements a value of that shape may be sent in, the best one first."""

ELEMENTS: Mapping[str, str] = {
    "lesion": "A lesion; its facts are components, or observations with the same focus or body site",
    "course": "A course of radiotherapy, which is the focus; a volume of it is a second focus",
    "drug": "A drug, whose medication resource is the focus",
    "order": "An order of this request, which is the focus",
}
"""What a fact may be about other than the patient, and how that is said."""

UCUM: Mapping[str, str] = {
    "years": "a", "months": "mo", "weeks": "wk", "days": "d", "cm": "cm", "Gy": "Gy", "mg/day": "mg/d",
    "mg/kg": "mg/kg", "score": "{score}", "lesions": "{lesions}", "nodes": "{nodes}", "fractions": "{fractions}", 
    "lines": "{lines}", "grade": "1", "probability": "1", "as reported": "g/dL, g/L or mmol/L",
}  # fmt: skip
"""The units of facts as UCUM writes them."""

_ABOUT: JSON = {
    "version": "1.0.0",
    "status": "active",
    "experimental": False,
    "date": "2026-11-25",
    "publisher": "Osteon",
    "copyright": "Compiled by Osteon under the licence of the project.",
}
_PROPERTIES = (
    ("shape", "The form its value takes; each has a profile of its own.", "code"),
    ("about", "What it is a fact of, when that is not the patient.", "code"),
    ("unit", "The unit of its value, in UCUM.", "string"),
    ("allows", "A value it may have, of the code system fact-value.", "code"),
)


def open_facts() -> tuple[FactType, ...]:
    """The facts that may be sent, by name; the others are computed, or read from the request itself."""
    return tuple(FACTS[name] for name in sorted(FACTS) if FACTS[name].world == "open")


def shape_of(fact: FactType) -> str:
    """The shape of a fact, as its profile names it.

    >>> [shape_of(FACTS[name]) for name in ("patient.bone_pain", "rt.start_day", "mets.lesion_count")]
    ['truth', 'day', 'interval']
    """
    if fact.unit == "days" and fact.name.endswith("_day"):
        return "day"
    return {"whole": "number", "names": "text"}.get(fact.type, fact.type)


def allowed_values(fact: FactType) -> tuple[str, ...]:
    return fact.allowed if isinstance(fact, ChoiceFact) else ()


def resources() -> dict[str, JSON]:
    """Every resource that follows from the facts, by its path in ``fhir_profiles``."""
    facts = open_facts()
    found = {
        "codesystems/fact.json": _code_system(
            "fact", "Facts", "The name of every fact that may be sent.", _concepts(facts)
        ),
        "codesystems/fact-value.json": _code_system(
            "fact-value", "Values of facts", "The values of facts that are a choice or a truth.", _values(facts)
        ),
        "conceptmaps/facts.json": _concept_map(),
    }
    for shape in SHAPES:
        named = [fact.name for fact in facts if shape_of(fact) == shape]
        found[f"valuesets/facts-{shape}.json"] = _value_set(
            f"facts-{shape}", f"Facts whose value is a {shape}", FACT_SYSTEM, named
        )
    for element in ELEMENTS:
        named = [element, *(fact.name for fact in facts if fact.element == element)]
        found[f"valuesets/facts-of-{element}.json"] = _value_set(
            f"facts-of-{element}", f"Facts of one {element}, and the code that holds them together", FACT_SYSTEM, named
        )
    values = [str(value["code"]) for value in _values(facts)]
    found["valuesets/fact-values.json"] = _value_set("fact-values", "Values of facts", VALUE_SYSTEM, values)
    return found


def _concepts(facts: tuple[FactType, ...]) -> list[JSON]:
    elements = [{"code": code, "display": meaning} for code, meaning in ELEMENTS.items()]
    return sorted([*elements, *(_concept(fact) for fact in facts)], key=lambda concept: str(concept["code"]))


def _concept(fact: FactType) -> JSON:
    properties: list[JSON] = [{"code": "shape", "valueCode": shape_of(fact)}]
    if fact.element is not None:
        properties.append({"code": "about", "valueCode": fact.element})
    if isinstance(fact, NumberFact) and shape_of(fact) != "day":
        properties.append({"code": "unit", "valueString": UCUM[fact.unit]})
    properties += [{"code": "allows", "valueCode": value} for value in allowed_values(fact)]
    return {"code": fact.name, "display": fact.meaning, "property": properties}


def _values(facts: tuple[FactType, ...]) -> list[JSON]:
    values = {"true", "false"}.union(*(allowed_values(fact) for fact in facts))
    return [{"code": value, "display": value.replace("_", " ")} for value in sorted(values)]


def _code_system(name: str, title: str, description: str, concepts: list[JSON]) -> JSON:
    has_properties = any("property" in concept for concept in concepts)
    properties = [{"code": code, "description": text, "type": kind} for code, text, kind in _PROPERTIES]
    return {
        **head("CodeSystem", name, title, description),
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        **({"property": properties} if has_properties else {}),
        "concept": concepts,
    }


def _concept_map() -> JSON:
    """A fact is found under its own name; a hospital adds its codes for a fact to this map."""
    names = sorted([*ELEMENTS, *(fact.name for fact in open_facts())])
    elements = [{"code": name, "target": [{"code": name, "equivalence": "equal"}]} for name in names]
    text = "Which fact an observation states. Any open fact may be sent under its own name."
    group = {"source": FACT_SYSTEM, "target": FACT_SYSTEM, "element": elements}
    return {**head("ConceptMap", "facts", "Facts", text), "group": [group]}


def _value_set(name: str, title: str, system: str, codes: list[str]) -> JSON:
    concepts = [{"code": code} for code in sorted(codes)]
    return {
        **head("ValueSet", name, title, f"{title}."),
        "compose": {"include": [{"system": system, "concept": concepts}]},
    }


def head(kind: str, name: str, title: str, description: str) -> JSON:
    return {
        "resourceType": kind,
        "id": f"osteon-{name}",
        "url": f"urn:osteon:{kind.lower()}:{name}",
        "name": "Osteon" + "".join(part.capitalize() for part in name.split("-")),
        "title": title,
        "description": description,
        **_ABOUT,
    }
