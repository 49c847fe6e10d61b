"""What the service says of itself: its rules, its health, this document."""

from __future__ import annotations

from service.web.negotiation import JSON
from service.web.openapi.parts import Schema, operation, page_operation, ref


def paths_about_the_service() -> Schema:
    """Rulebook, health, documentation."""
    return {
        "/rulebook": {
            "get": operation(
                "Rulebook", "The rulebook", "Every rule, definition and threshold in force.", ref("Rulebook")
            )
        },
        "/healthz": {"get": operation("Health", "Alive", "The process answers.", ref("Health"))},
        "/readyz": {
            "get": operation(
                "Health",
                "Ready",
                "Rules are compiled and traces can be stored.",
                ref("Health"),
                faults={"503": "Not ready."},
                faults_as=(JSON, ref("Health")),
            )
        },
        "/openapi.json": {"get": operation("Documentation", "This document", "OpenAPI 3.1.", {"type": "object"})},
        "/docs": {"get": page_operation("This document as a page.", "text/html")},
        "/docs.css": {"get": page_operation("The style of the page.", "text/css")},
    }
