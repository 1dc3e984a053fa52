"""Large files over the API: asked for, watched, fetched, cancelled; only by the person who asked, with rights of now."""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from reports.engine.run import CONTENT_TYPES
from reports.exports.making import make
from reports.exports.models import Delivery, Export, State
from smi_portal.accounts.models import Person
from smi_portal.tokens.models import ApiToken, Pace
from tests.api.test_moments import supplier_revoked
from tests.exports.conftest import files, real
from tests.support.people import address
from tests.support.tokens import body_of, make_token, problem_of, program, with_token

__all__ = ["files", "real"]
pytestmark = pytest.mark.usefixtures("tidy")
REPORT = "/api/v1/reports/MAP_001"
ABSENT = f"/api/v1/jobs/{uuid.uuid4()}"


@pytest.fixture
def tidy(real: None) -> Any:
    """Tokens and counters are put away."""
    yield
    for model in (ApiToken, Pace):
        model.objects.using("owner").all().delete()
    for alias in ("owner", "default"):
        connections[alias].close()


def ask(client: Client, body: Any = None, code: str = "MAP_001") -> Any:
    body = {"format": "csv"} if body is None else body
    return client.post(f"/api/v1/reports/{code}/jobs", json.dumps(body), content_type="application/json")


def job_of(response: Any) -> dict[str, Any]:
    assert response.status_code in {200, 202}, response.content
    found: dict[str, Any] = json.loads(response.content)
    return found


def local(address: str) -> str:
    return address.removeprefix("http://testserver")


def made(client: Client, body: Any = None) -> dict[str, Any]:
    """A job that a worker has finished."""
    job = job_of(ask(client, body))
    make(uuid.UUID(job["id"]), lambda: False)
    return job_of(client.get(local(job["links"]["self"])))


def test_a_file_is_asked_for_watched_and_fetched() -> None:
    client = program("M1")
    question = {"device_status": ["Commissioned", "Pending"], "sort": "-mpxn", "as_at": "2018-11-11"}
    asked = ask(client, {"format": "csv", "question": question})
    job = job_of(asked)
    assert asked.status_code == 202
    assert asked["Location"] == job["links"]["self"]
    assert (job["state"], job["report"], job["format"]) == ("queued", "MAP_001", "csv")
    assert job["links"]["file"] is None
    early = client.get(local(f"{job['links']['self']}/file"))
    assert problem_of(early)["kind"] == "job-not-ready"
    assert early["Retry-After"] == "2"
    make(uuid.UUID(job["id"]), lambda: False)
    job = job_of(client.get(local(job["links"]["self"])))
    file = client.get(local(job["links"]["file"]))
    content = body_of(file)
    direct = client.get(f"{REPORT}/rows.csv", question)
    assert content == body_of(direct)
    assert job["state"] == "ready"
    assert job["sha256"] == hashlib.sha256(content).hexdigest()
    assert job["size"] == len(content) == int(file["Content-Length"])
    assert job["rows_done"] == job["rows_total"] == content.count(b"\r\n") - 1 > 0
    assert Delivery.objects.get().person == Person.objects.get(email=address("M1"))
    listed = json.loads(client.get("/api/v1/jobs").content)["jobs"]
    assert listed == [job]


@pytest.mark.parametrize("form", CONTENT_TYPES)
def test_every_format(form: str) -> None:
    client = program("M1")
    job = made(client, {"format": form, "question": {"history": True}})
    file = client.get(local(job["links"]["file"]))
    assert file["Content-Type"] == CONTENT_TYPES[form]
    content = body_of(file)
    assert len(content) == job["size"]
    if form == "csv.gz":
        assert gzip.decompress(content) == body_of(client.get(f"{REPORT}/rows.csv?history=true"))


def test_the_same_question_twice_is_one_job() -> None:
    client = program("M1")
    assert job_of(ask(client))["id"] == job_of(ask(client))["id"]
    assert Export.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"format": "pdf"}, {"format"}),
        ({}, {"format"}),
        ({"format": "csv", "colour": 1}, {"colour"}),
        ({"format": "csv", "question": []}, {"question"}),
        ({"format": "csv", "question": {"device_status": {"a": 1}}}, {"device_status"}),
        ({"format": "csv", "question": {"device_status": [1]}}, {"device_status"}),
        ({"format": "csv", "question": {"as_at": 1.5}}, {"as_at"}),
        ({"format": "csv", "question": {"colour": "red"}}, {"colour"}),
        ({"format": "csv", "question": {"dialect": "people"}}, {"dialect"}),
        ({"format": "csv", "question": {"as_at": "2018-13-01", "sort": "x"}}, {"as_at", "sort"}),
        ({"format": "csv", "question": {"device_status": "\x00"}}, {"device_status"}),
        ([], set()),
        ("csv", set()),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(body: Any, named: set[str]) -> None:
    problem = problem_of(ask(program("M1"), body))
    assert problem["status"] == 400
    assert problem["named"] == named
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b"\xff", b'{"format": "\\ud800"}', b" " * 70_000]
)
def test_bodies_that_are_none(body: bytes) -> None:
    client = program("M1")
    answer = client.post(f"{REPORT}/jobs", body, content_type="application/json")
    assert problem_of(answer)["kind"] == "bad-body"
    assert problem_of(client.post(f"{REPORT}/jobs", {"format": "csv"}))["kind"] == "bad-body"


def test_a_job_is_its_persons_alone() -> None:
    """Others, and another organisation's, get the answer that a job gets which never was."""
    job = made(program("M1"))
    colleague = Person.objects.create_person(
        "colleague@m1.example", "A Colleague", Person.objects.get(email=address("M1")).organisation, None
    )
    theirs = make_token("M1")
    ApiToken.objects.filter(digest__isnull=False, name="M1's program").order_by("-pk").first()
    ApiToken.objects.filter(pk=ApiToken.objects.order_by("-pk").first().pk).update(person=colleague)
    try:
        for client in (with_token(theirs), program("M2"), program("DCC")):
            for path in (local(job["links"]["self"]), local(job["links"]["file"])):
                foreign, absent = client.get(path), client.get(path.replace(job["id"], ABSENT[-36:]))
                assert foreign.status_code == absent.status_code == 404
                assert foreign.content == absent.content
            assert client.delete(local(job["links"]["self"])).status_code == 404
            assert json.loads(client.get("/api/v1/jobs").content)["jobs"] == []
    finally:
        ApiToken.objects.using("owner").filter(person=colleague).delete()
        Pace.objects.using("owner").filter(person=colleague).delete()
        Person.objects.using("owner").filter(pk=colleague.pk).delete()
    assert program("M1").get(local(job["links"]["self"])).status_code == 200


def test_a_token_sees_jobs_of_what_it_covers() -> None:
    job = made(program("M1"))
    narrow = program("M1", ["RSMI_001"])
    for path in (local(job["links"]["self"]), local(job["links"]["file"])):
        assert problem_of(narrow.get(path))["kind"] == "token-does-not-cover"
    assert json.loads(narrow.get("/api/v1/jobs").content)["jobs"] == []
    assert problem_of(ask(narrow))["kind"] == "token-does-not-cover"
    assert problem_of(ask(program("S1")))["kind"] == "not-for-your-role"


def test_rights_are_asked_again_at_the_file() -> None:
    client = program("M1")
    job = made(client)
    with supplier_revoked("M1"):
        assert problem_of(client.get(local(job["links"]["file"])))["kind"] == "no-longer-yours"
    assert client.get(local(job["links"]["file"])).status_code == 200


def test_cancelled_and_expired() -> None:
    client = program("M1")
    job = job_of(ask(client))
    here = local(job["links"]["self"])
    assert client.delete(here).status_code == client.delete(here).status_code == 204
    assert job_of(client.get(here))["state"] == "cancelled"
    assert problem_of(client.get(f"{here}/file"))["kind"] == "job-not-ready"
    ready = made(client)
    Export.objects.filter(pk=ready["id"]).update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert job_of(client.get(local(ready["links"]["self"])))["state"] == State.EXPIRED
    assert problem_of(client.get(local(ready["links"]["file"])))["kind"] == "file-gone"


def test_a_file_that_vanished_from_the_store() -> None:
    client = program("M1")
    job = made(client)
    Export.objects.filter(pk=job["id"]).update(key="elsewhere")
    assert problem_of(client.get(local(job["links"]["file"])))["kind"] == "file-gone"


def test_caps_on_files(settings: Any) -> None:
    settings.SMI_FILES_AT_ONCE = 1
    client = program("M1")
    ask(client)
    refused = ask(client, {"format": "xlsx"})
    assert problem_of(refused)["kind"] == "fair-use"
    assert int(refused["Retry-After"]) > 0
