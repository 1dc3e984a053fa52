"""The whole road: files, the loaded inventory under the sender's scope, one JSON object a line."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from . import conftest as w
from .conftest import pre_notification, update, xml

pytestmark = pytest.mark.usefixtures("loaded")
MAP_ID = "<sr:UpdateDeviceDetails><sr:MAPID>{}</sr:MAPID></sr:UpdateDeviceDetails>"
MODEL = "<sr:UpdateDeviceDetails><sr:DeviceModel>{}</sr:DeviceModel></sr:UpdateDeviceDetails>"
FIRMWARE = (
    "<sr:UpdateDeviceDetails><sr:DeviceFirmwareVersion>{}</sr:DeviceFirmwareVersion></sr:UpdateDeviceDetails>"
)
STATUS = "<sr:UpdateDeviceStatusExceptCH>{}</sr:UpdateDeviceStatusExceptCH>"
HUB = "<sr:UpdateDeviceStatusCH>{}</sr:UpdateDeviceStatusCH>"
MPXN = "<sr:UpdateMPxN><sr:ImportMPxN>{}</sr:ImportMPxN></sr:UpdateMPxN>"
SECONDARY = "<sr:UpdateMPxN><sr:SecondaryImportMPAN>{}</sr:SecondaryImportMPAN></sr:UpdateMPxN>"
EXPORT = "<sr:UpdateMPxN><sr:ExportMPAN>{}</sr:ExportMPAN></sr:UpdateMPxN>"
DELETE = "<sr:DeleteDevice/>"
INC = "InstalledNotCommissioned"


def run(organisation: str, *paths: Path) -> list[dict[str, Any]]:
    out = io.StringIO()
    call_command("preflight", *map(str, paths), organisation=organisation, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def one(tmp_path: Path, organisation: str, content: bytes) -> dict[str, Any]:
    path = tmp_path / "request.xml"
    path.write_bytes(content)
    (found,) = run(organisation, path)
    return found


@pytest.mark.parametrize(
    ("organisation", "device", "change", "code"),
    [
        ("S1", w.OWN, STATUS.format(INC), None),
        ("S1", w.HUB, HUB.format("Withdrawn"), None),
        ("S1", w.HUB, STATUS.format(INC), "E080405"),
        ("S1", w.OWN, STATUS.format("Commissioned"), "E080405"),
        ("M1", w.OF_MAP, STATUS.format(INC), "E080406"),
        ("S1", w.PENDING_OWN, STATUS.format(INC), None),
        ("S1", w.OWN, DELETE, "E080407"),
        ("S1", w.OWN, MODEL.format("T1"), "E080407"),
        ("S1", w.PENDING_OWN, DELETE, None),
        ("S1", w.ABSENT, DELETE, "E080407"),
        ("S1", w.PENDING_OWN, "<sr:UpdateDeviceDetails/>", "E080408"),
        ("S1", w.PENDING_OWN, FIRMWARE.format("02"), None),
        ("S1", w.PENDING_OWN, FIRMWARE.format("03"), "E080409"),  # Cancelled
        ("S1", w.PENDING_OWN, FIRMWARE.format("04"), "E080409"),  # its line ended that day
        ("S1", w.PENDING_OWN, MODEL.format("T9"), "E080409"),
        ("S1", w.UNLISTED, MODEL.format("T1"), "E080409"),  # as changed, still with the firmware it has
        ("S1", w.EXPORTING, MAP_ID.format("MAPA"), "E080410"),  # S2 added it
        ("S1", w.OWN, MAP_ID.format("MAPA"), None),
        ("S1", w.LEFT, MAP_ID.format("MAPZ"), None),  # its own to backfill, though another supplies it now
        ("S1", w.LEFT, STATUS.format(INC), "E080407"),
        ("M1", w.OF_MAP, MAP_ID.format("MAPA"), None),
        ("M1", w.OF_MAP, DELETE, None),
        ("M1", w.OWN, MAP_ID.format("MAPA"), "E080410"),
        ("M1", w.OWN, STATUS.format(INC), "E080410"),
        ("M1", w.OWN, MPXN.format(w.SPARE_MPAN), "E080410"),
        ("S1", w.OWN, MPXN.format(w.SPARE_MPAN), None),
        ("S1", w.OWN, MPXN.format(w.EXPORTING_MPAN), None),
        ("S1", w.OWN, MPXN.format(w.FOREIGN_SPARE), "E080415"),
        ("S1", w.OWN, MPXN.format(w.FOREIGN_MPAN), "E080415"),
        ("S1", w.OWN, MPXN.format("1999999999999"), "E080415"),
        ("S1", w.EXPORTING, EXPORT.format(w.SPARE_MPAN), "E080410"),  # S2 has the export that it has now
        ("S1", w.OWN, EXPORT.format(w.SPARE_MPAN), None),
        ("S1", w.PPMID, MPXN.format(w.SPARE_MPAN), "E080413"),
        ("S1", w.OWN, SECONDARY.format(w.SPARE_MPAN), "E080413"),
        ("S1", w.PENDING_OWN, MPXN.format(w.SPARE_MPAN), "E080414"),
        ("S1", w.OWN, MAP_ID.format("NONE"), "MAP_ID_UNKNOWN"),
        ("S1", w.OWN, MAP_ID.format("DEAD"), "MAP_ID_ENDED"),
        ("S1", w.OWN, MAP_ID.format("LATE"), "MAP_ID_NOT_YET_EFFECTIVE"),
        ("S1", w.OWN, MAP_ID.format("GAS"), "MAP_ID_WRONG_FUEL"),
    ],
)
def test_an_8_4(tmp_path: Path, organisation: str, device: str, change: str, code: str | None) -> None:
    found = one(tmp_path, organisation, xml(update(device.lower(), change), request_id="a:b:7"))
    assert (found["verdict"], found["code"]) == ("refused" if code else "accepted", code), found
    assert (found["device_id"], found["request_id"]) == (device, "a:b:7")
    assert found["service_reference_variant"] == "8.4"
    assert bool(found["reason"]) == bool(found["resolution"]) == bool(code)


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({}, None),
        ({"MAPID": ""}, "MAP_ID_MISSING"),
        ({"MAPID": "NONE"}, "MAP_ID_UNKNOWN"),
        ({"MAPID": "DEAD"}, "MAP_ID_ENDED"),
        ({"MAPID": "LATE"}, "MAP_ID_NOT_YET_EFFECTIVE"),
        ({"MAPID": "GAS"}, "MAP_ID_WRONG_FUEL"),
        ({"DeviceModel": "T9"}, "E080409"),
    ],
)
def test_a_12_2(tmp_path: Path, elements: dict[str, str], code: str | None) -> None:
    assert one(tmp_path, "S1", xml(pre_notification(w.ABSENT, **elements), "12.2"))["code"] == code


def test_a_12_2_of_a_device_that_is_there_is_told_to_those_who_see_it_alone(tmp_path: Path) -> None:
    asked = {device: xml(pre_notification(device), "12.2") for device in (w.OWN, w.LEFT, w.FOREIGN)}
    codes = {device: one(tmp_path, "S1", content)["code"] for device, content in asked.items()}
    assert codes == {w.OWN: "DEVICE_EXISTS", w.LEFT: "DEVICE_EXISTS", w.FOREIGN: None}


EVERY = [
    DELETE,
    "",
    *(one.format(w.SPARE_MPAN) for one in (MPXN, EXPORT, SECONDARY)),
    *(one.format(INC) for one in (STATUS, HUB)),
    MPXN.format(w.FOREIGN_MPAN),
    MAP_ID.format("MAPA"),
    MAP_ID.format("NONE"),
    MODEL.format("T9"),
    FIRMWARE.format("02"),
]


@pytest.mark.parametrize(
    ("organisation", "foreign"),
    [
        ("S1", (w.FOREIGN, w.PENDING_FOREIGN, w.FOREIGN_PPMID, w.OF_MAP)),
        ("S2", (w.OWN, w.PENDING_OWN, w.PPMID, w.HUB, w.OF_MAP, w.UNLISTED)),
        ("M1", (w.FOREIGN, w.PENDING_FOREIGN, w.PENDING_OWN, w.FOREIGN_PPMID)),
        ("M2", (w.OWN, w.PENDING_OWN, w.OF_MAP, w.EXPORTING, w.HUB)),
    ],
)
def test_a_foreign_device_is_answered_as_an_absent_one(
    tmp_path: Path, organisation: str, foreign: tuple[str, ...]
) -> None:
    """Whatever is asked of it: not a letter of the answer differs but the Device ID that was sent."""

    def answers(device: str) -> str:
        names = []
        for number, change in enumerate(EVERY):
            names.append(tmp_path / f"{number}.xml")
            names[-1].write_bytes(xml(update(device, change)))
        names.append(tmp_path / "12.xml")
        names[-1].write_bytes(xml(pre_notification(device), "12.2"))
        return json.dumps(run(organisation, *names)).replace(device, "ID")

    absent = answers(w.ABSENT)
    for device in foreign:
        assert answers(device) == absent


def test_every_kind_of_file_in_the_order_given(tmp_path: Path) -> None:
    archive, table, bad = tmp_path / "a.zip", tmp_path / "b.csv", tmp_path / "c.xml"
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("2.xml", xml(update(w.OWN, DELETE)))
        inside.writestr("1.xml", xml("<sr:ReadInventory/>", "8.2"))
    table.write_text(f"request_id,device_id,map_id\nmine,{w.OWN},MAPA\n,x,MAPA\n")
    bad.write_bytes(b"<a")
    found = run("S1", archive, table, bad)
    assert [(row["file"], row["verdict"]) for row in found] == [
        (f"{archive}/1.xml", "not_checked"),
        (f"{archive}/2.xml", "refused"),
        (str(table), "accepted"),
        (str(table), "malformed"),
        (str(bad), "malformed"),
    ]
    assert (found[2]["request_id"], found[2]["line"], found[3]["line"]) == ("mine", 2, 3)
    keys = [
        "file",
        "request_id",
        "service_reference_variant",
        "device_id",
        "verdict",
        "code",
        "reason",
        "resolution",
    ]
    assert all(list(row)[:8] == keys for row in found)


@pytest.mark.parametrize(
    ("organisation", "says"),
    [
        ("X", "no organisation X"),
        ("S0", "not a User"),
        ("OTHER", "not a User"),
        ("DCC", "sends no"),
        ("SECAS", "sends no"),
    ],
)
def test_who_may_not_send(tmp_path: Path, organisation: str, says: str) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(xml(update(w.OWN, DELETE)))
    with pytest.raises(CommandError, match=says):
        run(organisation, path)


def test_a_missing_file_is_named_before_anything_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        run("S1", tmp_path / "none.xml")
