"""Which servers may be asked, and where a next page may lie."""

from __future__ import annotations

import pytest

from service.prefetch.address import base_of, page_on

BASE = "https://ehr.example.org/fhir"


@pytest.mark.parametrize(
    "address, base",
    [
        ("https://ehr.example.org/fhir", BASE),
        ("https://ehr.example.org/fhir/", BASE),
        ("HTTPS://EHR.Example.org/fhir", BASE),
        ("https://ehr.example.org:443/fhir", BASE),
        ("https://ehr.example.org:8443/fhir", "https://ehr.example.org:8443/fhir"),
        ("https://ehr.example.org", "https://ehr.example.org"),
        ("https://10.1.2.3/fhir", "https://10.1.2.3/fhir"),
        ("https://[fd00::1]:8443/fhir", "https://[fd00::1]:8443/fhir"),
        ("http://localhost:8000/fhir", "http://localhost:8000/fhir"),
        ("http://127.0.0.9/fhir", "http://127.0.0.9/fhir"),
        ("http://[::1]:80/fhir", "http://[::1]/fhir"),
    ],
)
def test_a_base_address_is_compared_in_one_way_of_writing(address: str, base: str) -> None:
    assert base_of(address) == base


@pytest.mark.parametrize(
    "address",
    [
        "",
        "fhir",
        "/fhir",
        "//ehr.example.org/fhir",
        "ftp://ehr.example.org/fhir",
        "file:///etc/passwd",
        "http://ehr.example.org/fhir",
        "http://10.1.2.3/fhir",
        "http://localhost.example.org/fhir",
        "https:///fhir",
        "https://user@ehr.example.org/fhir",
        "https://user:secret@ehr.example.org/fhir",
        "https://ehr.example.org/fhir?",
        "https://ehr.example.org/fhir?a=b",
        "https://ehr.example.org/fhir#",
        "https://ehr.example.org:0/fhir",
        "https://ehr.example.org:99999/fhir",
        "https://ehr.example.org/fhir/../admin",
        "https://ehr.example.org/fhir/%2e%2E/admin",
        "https://ehr.example.org\\@evil.example.org/fhir",
        "https://ehr.example.org/fh ir",
        "https://ehr.example.org/fhir\n",
        "https://[::1/fhir",
        "https://ehr.exämple.org/fhir",
    ],
)
def test_whatever_else_is_no_base_address(address: str) -> None:
    assert base_of(address) == ""


@pytest.mark.parametrize(
    "link, address",
    [
        (f"{BASE}/Condition?patient=1&page=2", f"{BASE}/Condition?patient=1&page=2"),
        (f"{BASE}?_getpages=7", f"{BASE}?_getpages=7"),
        (f"{BASE}/?_getpages=7", f"{BASE}/?_getpages=7"),
        ("https://EHR.example.org:443/fhir/Condition?page=2", f"{BASE}/Condition?page=2"),
        ("?page=2", f"{BASE}/Condition?page=2"),
        ("Condition?page=2", f"{BASE}/Condition?page=2"),
        ("/fhir/Condition?page=2", f"{BASE}/Condition?page=2"),
        (f"{BASE}/Condition?code=http://a.example.org|1", f"{BASE}/Condition?code=http://a.example.org|1"),
    ],
)
def test_a_next_page_on_the_same_server_is_found_however_it_is_written(link: str, address: str) -> None:
    assert page_on(BASE, link, f"{BASE}/Condition?patient=1") == address


@pytest.mark.parametrize(
    "link",
    [
        "",
        "https://evil.example.org/fhir/Condition?page=2",
        "//evil.example.org/fhir/Condition",
        "http://ehr.example.org/fhir/Condition?page=2",
        "https://ehr.example.org:8443/fhir/Condition?page=2",
        "https://ehr.example.org/fhirs/Condition",
        "https://ehr.example.org/admin",
        "/admin",
        "https://ehr.example.org/fhir/../admin",
        "../../admin",
        "..",
        f"{BASE}/%2e%2e/admin",
        f"{BASE}/..%2fadmin",
        f"{BASE}/a%5c..%5cadmin",
        "https://ehr.example.org@evil.example.org/fhir",
        "https://evil.example.org\\@ehr.example.org/fhir",
        "https://ehr.example.org/fhir\t/Condition",
        f"{BASE}/Condition#fragment",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://[::1",
        "https://ehr.example.org:port/fhir",
    ],
)
def test_a_next_page_anywhere_else_is_none(link: str) -> None:
    assert page_on(BASE, link, f"{BASE}/Condition?patient=1") == ""


def test_a_server_at_the_root_of_its_host_has_pages_too() -> None:
    assert page_on("https://a.example.org", "https://a.example.org?page=2") == "https://a.example.org/?page=2"
    assert page_on("https://a.example.org", "Condition?page=2") == "https://a.example.org/Condition?page=2"
