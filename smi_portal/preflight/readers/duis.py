"""A DUIS request (XML) into a `Request`. Parsed without DTD, entities or network; the signature is not looked at.

Namespace and header as in DUIS 1 to 5. The element of the MAP ID is our design: `MAPID` within
UpdateDeviceDetails (8.4) and DevicePrenotification (12.2), as DCC never published one. DCC's own schema is used
where the operator has configured it (setting SMI_DUIS_XSD).
"""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.preflight.readers.bodies import read_pre_notification, read_update
from smi_portal.preflight.readers.checked import Unreadable
from smi_portal.preflight.readers.limits import FileRefused
from smi_portal.preflight.requests import (
    CHECKED,
    PRE_NOTIFICATION,
    Place,
    Request,
    Verdict,
    malformed,
    not_checked,
)

NAMESPACE = "http://www.dccinterface.co.uk/ServiceUserGateway"
SCHEMA_VERSIONS = range(1, 6)
BODIES = {"8.4": "UpdateInventory", "12.2": "DevicePrenotification"}
_VARIANT = re.compile(r"[0-9]{1,2}(\.[0-9]{1,2}){1,2}", re.ASCII)
_REQUEST_ID = re.compile(r"[^\s:]+:[^\s:]+:[0-9]+")
NO_DTD = (
    "The XML has a document type declaration (DOCTYPE); entities and outside files are not read, for safety."
)


def read(content: bytes, place: Place, schema: str = "") -> Request | Verdict:
    """The request of one document, or the verdict that it is malformed or of a kind that is not checked.

    `schema`: path of DCC's XSD, or empty. Whatever the content is, nothing is raised.
    """
    try:
        root = _parse(content)
        return _Document(root, place, schema).read()
    except FileRefused as refused:
        return malformed(place, refused.reason, refused.resolution)


def _parse(content: bytes) -> etree._Element:
    if b"<!DOCTYPE" in content.replace(b"\0", b""):
        raise FileRefused(NO_DTD, "Remove the declaration and send the request itself.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        where = f" (line {error.lineno})" if isinstance(error, etree.XMLSyntaxError) and error.lineno else ""
        raise FileRefused(
            f"The file is not well-formed XML{where}.", "Send the request as your system wrote it, whole."
        ) from error
    if root is None or root.getroottree().docinfo.doctype:
        raise FileRefused(NO_DTD, "Remove the declaration and send the request itself.")
    return root


class _Document:
    """One parsed document on its way to a request."""

    def __init__(self, root: etree._Element, place: Place, schema: str) -> None:
        self.root = root
        self.place = place
        self.schema = schema
        self.request_id: str | None = None
        self.variant: str | None = None
        self.device_id: str | None = None

    def read(self) -> Request | Verdict:
        """Header, then body; each thing that is wrong has its own sentence."""
        try:
            self._envelope()
            self._header()
            body = self.root.find(_named("Body"))
            if self.variant not in CHECKED:
                return not_checked(self.place, self.request_id, str(self.variant), self._target(body))
            return self._body(body)
        except Unreadable as wrong:
            return malformed(
                self.place, wrong.reason, wrong.resolution, self.request_id, self.variant, self.device_id
            )

    def _envelope(self) -> None:
        name = etree.QName(self.root)
        if name.namespace != NAMESPACE or name.localname != "Request":
            raise Unreadable(
                f"The document is a {name.localname[:60]!r}"
                f"{'' if name.namespace == NAMESPACE else ' of another namespace or of none'}, not a DUIS Request.",
                f"Send sr:Request in the namespace {NAMESPACE}.",
            )
        version = self.root.get("schemaVersion")
        major = (version or "1").split(".")[0]
        if not major.isascii() or not major.isdigit() or int(major[:4]) not in SCHEMA_VERSIONS:
            raise Unreadable(
                f"The schema version {(version or '')[:20]!r} is not one that is read.",
                "Schema versions 1 to 5 are read: correct the attribute schemaVersion.",
            )

    def _header(self) -> None:
        header = self.root.find(_named("Header"))
        if header is None:
            raise Unreadable("The request has no Header.", "Send the request as your system wrote it, whole.")
        self.request_id = _text(header, "RequestID")
        self.variant = _text(header, "ServiceReferenceVariant") or _text(header, "ServiceReference")
        if self.request_id is None or not _REQUEST_ID.fullmatch(self.request_id):
            raise Unreadable(
                "The RequestID is missing."
                if self.request_id is None
                else "The RequestID is not of DUIS's form.",
                "A RequestID is originator:target:counter, such as "
                "90-B3-D5-1F-30-01-00-00:90-B3-D5-1F-30-00-00-02:1000.",
            )
        if self.variant is None or not _VARIANT.fullmatch(self.variant):
            raise Unreadable(
                "The ServiceReferenceVariant is missing or no such number.",
                "Give the variant in the header: 8.4 or 12.2.",
            )

    def _target(self, body: etree._Element | None) -> str | None:
        """The device that any request names, if it is there to be shown."""
        found = None if body is None else next(body.iter(_named("DeviceID")), None)
        return normalise_device_id(found.text or "") if found is not None else None

    def _body(self, body: etree._Element | None) -> Request | Verdict:
        wanted = BODIES[str(self.variant)]
        inside = [] if body is None else list(body)
        if len(inside) != 1 or inside[0].tag != _named(wanted):
            raise Unreadable(
                f"The header says {self.variant}, but the body does not hold exactly one {wanted}.",
                f"Put one sr:{wanted} into the body, or correct the ServiceReferenceVariant.",
            )
        given = _text(inside[0], "DeviceID") or ""
        self.device_id = normalise_device_id(given)
        if self.device_id is None:
            self.device_id = given[:60] or None
            raise Unreadable(
                f"The Device ID {given[:60]!r} is not an EUI-64."
                if given
                else "The request has no DeviceID.",
                "A Device ID is eight pairs of hexadecimal digits, such as 00-DB-12-34-56-78-90-A0.",
            )
        self._validate()
        reader = read_pre_notification if self.variant == PRE_NOTIFICATION else read_update
        return reader(inside[0], self.place, str(self.request_id), self.device_id)

    def _validate(self) -> None:
        if not self.schema:
            return
        schema = schema_at(self.schema)
        if not schema.validate(self.root):
            first = schema.error_log[0]
            raise Unreadable(
                f"DCC's schema refuses it at line {first.line}: {first.message[:300]}",
                "Correct the request so that it validates against DCC's schema.",
            )


@lru_cache(maxsize=4)
def schema_at(path: str) -> etree.XMLSchema:
    """DCC's XSD from the operator's disk (its includes from beside it). Raises what lxml raises when it is none."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    return etree.XMLSchema(etree.parse(path, parser))


def _named(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _text(element: etree._Element, name: str) -> str | None:
    found = element.find(_named(name))
    text = "" if found is None else "".join(found.itertext()).strip()
    return text[:1_000] or None
