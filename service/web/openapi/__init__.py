"""The OpenAPI 3.1 document and a page that shows it without a script and without any outside host.

The document is kept by hand: ``paths`` by door, ``shapes`` by theme. Tests hold its paths and methods to
the routes there are, and send what it describes to the doors.
"""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, current_app

from service.settings import Settings
from service.web.answers import json_answer
from service.web.openapi.described import document
from service.web.openapi.drawn import STYLE, drawn
from service.web.openapi.parts import Schema
from service.web.openapi.security import secured

__all__ = ["blueprint", "document"]


def blueprint(version: str, settings: Settings) -> Blueprint:
    door = Blueprint("openapi", __name__)

    @cache  # made at the first request, when all doors are there
    def described() -> Schema:
        return secured(document(version, settings), current_app)

    @cache
    def shown() -> str:
        return drawn(described())

    @door.get("/openapi.json")
    def openapi() -> Response:
        return json_answer(described())

    @door.get("/docs")
    def docs() -> Response:
        return Response(shown(), content_type="text/html; charset=utf-8")

    @door.get("/docs.css")
    def style() -> Response:
        return Response(STYLE, content_type="text/css; charset=utf-8")

    return door
