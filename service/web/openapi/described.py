"""The document, put together: paths by door, shapes by theme."""

from __future__ import annotations

from service.settings import Settings
from service.web.openapi.parts import Schema
from service.web.openapi.paths.about import paths_about_the_service
from service.web.openapi.paths.audit import audit_paths
from service.web.openapi.paths.deciding import evaluation_paths, hook_paths
from service.web.openapi.paths.pages import page_paths
from service.web.openapi.paths.questions import question_paths
from service.web.openapi.shapes.about import ABOUT
from service.web.openapi.shapes.feedback import FEEDBACK
from service.web.openapi.shapes.questions import QUESTIONS
from service.web.openapi.shapes.requests import REQUESTS
from service.web.openapi.shapes.results import RESULTS
from service.web.openapi.shapes.traces import TRACES


def document(version: str, settings: Settings) -> Schema:
    """Every address of the service, as OpenAPI 3.1."""
    described: Schema = {
        "openapi": "3.1.0",
        "info": {
            "title": "Osteon",
            "version": version,
            "summary": "Rules for bone metastases from breast cancer: FHIR in, cards and traces out.",
            "description": (
                "Decision support for professionals, not a device; clinical sign-off is outstanding. "
                "Every answer has been stored as a trace before it leaves."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            **hook_paths(settings),
            **evaluation_paths(settings),
            **audit_paths(),
            **question_paths(),
            **paths_about_the_service(),
            **page_paths(),
        },
        "components": {"schemas": {**REQUESTS, **RESULTS, **TRACES, **QUESTIONS, **FEEDBACK, **ABOUT}},
    }
    if settings.public_url:
        described["servers"] = [{"url": settings.public_url}]
    return described
