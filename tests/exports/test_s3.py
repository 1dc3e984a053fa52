"""The same promises with a store elsewhere: a local S3 server, reached as a real one would be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from reports.exports import house, making, store
from reports.exports.models import Export, State
from smi_portal.settings.files import files_store
from tests.support.files import csv_rows
from tests.support.people import signed_in

from .asking import ask, content, fetch, made


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An empty S3 server on this machine."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(autouse=True)
def bucket(server: str, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """A private bucket, named by the settings as an operator names it; files are made in a place of the test's own."""
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("SMI_STATE_DIR", str(tmp_path))
    found = boto3.resource("s3", endpoint_url=server, region_name="eu-west-2").Bucket("smi-files")
    found.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    settings.STORAGES = {**settings.STORAGES, "exports": files_store("smi-files", server, "eu-west-2")}
    yield found
    found.objects.all().delete()
    found.delete()


def test_a_file_is_uploaded_whole_and_fetched_through_the_portal(bucket: Any, tmp_path: Path) -> None:
    export = made(question="device_status=Commissioned")
    assert [found.key for found in bucket.objects.all()] == [export.key]
    assert [path for path in (tmp_path / "files" / "making").iterdir() if path.is_file()] == []
    answer = fetch(signed_in("M1"), export)
    assert answer.status_code == 200  # the portal hands it over: no address of the store is given out
    body = b"".join(answer.streaming_content)
    assert len(csv_rows(body)) - 1 == content(export).done
    assert fetch(signed_in("M2"), export).status_code == 404


def test_it_expires_in_the_bucket(bucket: Any) -> None:
    from django.utils import timezone

    export = made()
    Export.objects.update(expires_at=timezone.now())
    assert house.purge() == 1
    assert list(bucket.objects.all()) == []
    assert fetch(signed_in("M1"), export).status_code == 410


def test_a_file_that_was_lost_or_changed_is_not_delivered(bucket: Any) -> None:
    client, export = signed_in("M1"), made()
    size = content(export).size or 0
    bucket.put_object(Key=export.key, Body=b"short")
    assert fetch(client, export).status_code == 410
    bucket.put_object(Key=export.key, Body=b"x" * size)
    with pytest.raises(OSError, match="not the one that was made"):
        b"".join(fetch(client, export).streaming_content)
    bucket.objects.all().delete()
    assert fetch(client, export).status_code == 410


def test_a_store_that_cannot_be_reached_is_tried_again(bucket: Any, settings: Any, tmp_path: Path) -> None:
    export = ask()
    working = settings.STORAGES
    settings.STORAGES = {
        **working,
        "exports": files_store("no-such-bucket", bucket.meta.client.meta.endpoint_url, ""),
    }
    assert making.make(export.pk, lambda: False) == State.QUEUED
    export.refresh_from_db()
    assert export.reason.startswith("The file store could not be reached")
    assert [path for path in store.workshop().iterdir() if path.is_file()] == []
    settings.STORAGES = working
    assert making.make(export.pk, lambda: False) == State.READY
