"""The OpenAPI document describes the doors there are, and its page needs nobody else."""

from __future__ import annotations

import re

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_the_document_has_the_paths_and_methods_of_the_routes(app: Flask, client: FlaskClient) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    document = client.get("/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert {(path, method) for path, of in document["paths"].items() for method in of} == routes


def test_every_reference_leads_somewhere_and_every_shape_is_a_schema(client: FlaskClient) -> None:
    document = client.get("/openapi.json").json
    shapes = document["components"]["schemas"]

    assert set(re.findall(r"#/components/schemas/(\w+)", client.get("/openapi.json").text)) == set(shapes)
    for shape in shapes.values():
        jsonschema.Draft202012Validator.check_schema(shape)


def test_path_parameters_are_described(client: FlaskClient) -> None:
    for path, operations in client.get("/openapi.json").json["paths"].items():
        for operation in operations.values():
            named = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))


@pytest.mark.parametrize("address, shape", [("/cds-services", "Discovery"), ("/traces", "TraceList"), ("/healthz", "Health"),
                                            ("/rulebook", "Rulebook"), ("/nothing", "OperationOutcome")])  # fmt: skip
def test_answers_have_the_shape_that_is_described(client: FlaskClient, address: str, shape: str) -> None:
    document = client.get("/openapi.json").json
    jsonschema.validate(client.get(address).json, {**document, "$ref": f"#/components/schemas/{shape}"})


def test_the_page_asks_nothing_of_another_host_and_runs_no_script(client: FlaskClient) -> None:
    text = client.get("/docs").text

    assert re.findall(r'<link[^>]* href="([^"]*)"', text) == ["/docs.css"]
    assert not re.search(r'<script|<style|<img| on\w+=| style=|src=|href="(https?:)?//', text)
    assert client.get("/docs.css").mimetype == "text/css"


def test_the_page_shows_every_address(client: FlaskClient) -> None:
    text = client.get("/docs").text
    for path, operations in client.get("/openapi.json").json["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}" in text
