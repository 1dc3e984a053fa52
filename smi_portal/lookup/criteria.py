"""What is looked for: exactly one of the criteria of SRV 8.2, a serial number, or one box that takes any of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from reports.engine.ask import Ask
from reports.engine.devices import homes_found
from reports.engine.filters import IsoDateField
from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer
from smi_portal.lookup.recognise import Kind, Recognised, address_in, possible, recognise

#: Field → the kind that it must be.
FIELDS = {"device_id": Kind.DEVICE, "mpxn": Kind.MPXN, "uprn": Kind.UPRN, "serial_number": Kind.SERIAL}
ADDRESS = ("postcode", "address_identifier")


class NoControls(forms.CharField):
    """A short text; NUL and other control characters are refused, since no identifier holds one."""

    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(label=label, help_text=help_text, required=False, max_length=200)


class FindForm(forms.Form):
    """The box and the form. `viewer` decides whether premises can be asked by."""

    q = NoControls(
        "Identifier or address", "Device ID, MPAN, MPRN, UPRN, serial number, or postcode with house number"
    )
    device_id = NoControls("Device ID", "16 hexadecimal digits, with dashes, colons or none")
    mpxn = NoControls("MPxN", "MPAN (13 digits) or MPRN (up to 10)")
    serial_number = NoControls("Serial number")
    uprn = NoControls("UPRN", "Up to 12 digits")
    postcode = NoControls("Postcode")
    address_identifier = NoControls("Address identifier", "House name or number, up to 30 characters")
    as_at = IsoDateField(label="As at", required=False, help_text="A past day; blank for the latest")

    def __init__(self, viewer: Viewer, data: MultiValueDict[str, str] | None = None) -> None:
        super().__init__(data)
        self.viewer = viewer
        self.wanted: list[Recognised] = []
        self.address: tuple[str, str] | None = None
        self.doubts: list[str] = []
        if not viewer.sees(FieldGroup.PREMISES):
            for name in ("uprn", *ADDRESS):
                del self.fields[name]

    @property
    def is_asked(self) -> bool:
        """Whether anything was given at all."""
        return any((self.data.get(name) or "").strip() for name in self.fields if name != "as_at")

    def clean(self) -> dict[str, Any]:
        """Exactly one criterion, as 8.2 asks; each problem at its field."""
        given = {name: value for name, value in self.cleaned_data.items() if value and name != "as_at"}
        unknown = sorted(set(self.data) - set(self.fields))
        if unknown:
            names = ", ".join(f"“{name}”" for name in unknown)
            self.add_error(None, f"{names} cannot be asked by. You can ask by: {', '.join(self.fields)}.")
        criteria = {"address" if name in ADDRESS else name for name in given}
        if len(criteria) > 1:
            self.add_error(None, "Give one criterion only: Read Inventory asks by exactly one.")
        elif criteria == {"address"}:
            self._address(given)
        elif criteria == {"q"}:
            self._box(given["q"])
        elif criteria:
            ((name, text),) = given.items()
            self._one(name, text)
        return self.cleaned_data

    def _address(self, given: dict[str, str]) -> None:
        for name in ADDRESS:
            if name not in given:
                self.add_error(name, "Postcode and address identifier are asked together: give both.")
        if len(given) == len(ADDRESS):
            self.address = (given["postcode"], given["address_identifier"])

    def _one(self, name: str, text: str) -> None:
        found = recognise(text, FIELDS[name])
        if found.kind is Kind.NOTHING:
            self.add_error(name, found.why)
            return
        self.wanted = [found]
        self.doubts = [found.why] if found.why else []

    def _box(self, text: str) -> None:
        guess = recognise(text)
        self.wanted = possible(text)
        self.address = address_in(text)
        if not self.viewer.sees(FieldGroup.PREMISES):
            self.wanted = [each for each in self.wanted if each.kind is not Kind.UPRN]
            self.address = None
        if not self.wanted and self.address is None:
            self.add_error("q", guess.why or "It can be no identifier.")
        self.doubts = [guess.why] if guess.why and guess.kind is not Kind.NOTHING else []


def found_by(ask: Ask, form: FindForm) -> dict[str, bool]:
    """The devices of the homes that the form asks for: whether it names them. Call inside the viewer's scope."""
    return homes_found(ask, form.wanted, form.address)
