"""Portal roles, and the database roles ("readers") that stand for them inside a transaction (our design).

A reader is a NOLOGIN role that the site's role may `SET LOCAL ROLE` to. Being a reader gives nothing by
itself: every policy also asks for a signed context that names the same reader (see `scope`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What an organisation is to the portal; from its kind in the extract. There is no SEC role of MAP."""

    MAP = "MAP"
    SUPPLIER = "SUPPLIER"
    DCC = "DCC"
    SECAS = "SECAS"

    @property
    def words(self) -> str:
        """The role in words, as pages show it."""
        return {
            "MAP": "Meter Asset Provider",
            "SUPPLIER": "Supplier",
            "DCC": "DCC operator",
            "SECAS": "SECAS",
        }[self.value]

    @classmethod
    def listed(cls, roles: Iterable[Role]) -> str:
        """Several roles in words: "Supplier, DCC operator or SECAS"."""
        *first, last = [role.words for role in roles]
        return f"{', '.join(first)} or {last}" if first else last


class FieldGroup(StrEnum):
    """Fields that a MAP sees only after a recorded release (WG2 minutes: confidentiality, data protection)."""

    SUPPLIER = "supplier"
    PREMISES = "premises"


class Reader(StrEnum):
    """The database roles under which scoped rows are read."""

    MAP = "smi_map"
    MAP_SUPPLIER = "smi_map_supplier"
    MAP_PREMISES = "smi_map_premises"
    MAP_SUPPLIER_PREMISES = "smi_map_supplier_premises"
    SUPPLIER = "smi_supplier"
    DCC = "smi_dcc"
    SECAS = "smi_secas"

    @property
    def role(self) -> Role:
        """The portal role that this reader serves."""
        return Role.MAP if self.value.startswith("smi_map") else Role(self.value.removeprefix("smi_").upper())

    @property
    def released(self) -> frozenset[FieldGroup]:
        """The field groups that this reader may see; everything for roles other than MAP."""
        if self.role is not Role.MAP:
            return frozenset(FieldGroup)
        return frozenset(group for group in FieldGroup if group.value in self.value)


def reader_for(role: Role, released: frozenset[FieldGroup]) -> Reader:
    """The reader of a role with these releases; releases mean nothing to roles other than MAP."""
    if role is not Role.MAP:
        return Reader[role.value]
    return Reader("_".join(["smi_map", *(group.value for group in FieldGroup if group in released)]))
