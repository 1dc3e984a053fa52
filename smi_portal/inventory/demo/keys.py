"""Unique identifiers of the demo, computed from a premise's number alone.

Each is a bijection of the number (a multiplication that is invertible in its ring, then a shift by the
seed), so that nothing need be remembered to keep them unique, whatever the number of worker processes.
"""

from typing import Final

from smi_portal.inventory.identifiers import mpan_check_digit

SLOTS: Final = 16
"""Devices that one premise may have; each has its own slot."""

MPXNS: Final = 4
"""MPxNs of each fuel that a premise may have: import, secondary import, export, a neighbour's by mistake."""

_MPAN_RING: Final = 10**10
_MPRN_RING: Final = 9 * 10**7
MAX_PREMISES: Final = _MPRN_RING // MPXNS
_WEIGHTS_8: Final = (8, 7, 6, 5, 4, 3, 2, 1)
_LETTERS: Final = "ABDEFGHJLNPQRSTUWXYZ"


class Keys:
    """The identifiers of one demo extract; `seed` shifts them all.

    About 3 in 1,000 MPxNs get a wrong check digit, as real data has.
    """

    def __init__(self, seed: int) -> None:
        self._device_shift = seed * 0x9E3779B97F4A7C15 % 2**40
        self._mpxn_shift = seed * 7_919_000_003
        self._seed = seed

    def device(self, premise: int, slot: int, maker: int) -> str:
        """Return a Device ID; its first byte has the locally-administered bit: no real maker's identifier."""
        unique = ((premise * SLOTS + slot) * 0xD1B54A32D193 + self._device_shift) & 0xFFFFFFFFFF
        return (0x02DB10_0000000000 + (maker << 40) + unique).to_bytes(8, "big").hex("-").upper()

    def mpan(self, premise: int, slot: int = 0) -> str:
        """Return a 13-digit MPAN."""
        at = premise * MPXNS + slot
        body = f"{10 + at % 14}{(at * 7_368_787_943 + self._mpxn_shift) % _MPAN_RING:010d}"
        digit = mpan_check_digit(body)
        return body + (str((int(digit) + 3) % 10) if self.is_misread(at) else digit)

    def mprn(self, premise: int, slot: int = 0) -> str:
        """Return a 10-digit MPRN."""
        at = premise * MPXNS + slot
        body = str(10**7 + (at * 48_271_999 + self._mpxn_shift) % _MPRN_RING)
        check = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS_8, strict=True)) % 11
        if self.is_misread(at):
            check = (check + 4) % 11
        return f"{body}{check:02d}"

    def is_misread(self, at: int) -> bool:
        """Tell whether the MPxN numbered `at` carries a wrong check digit (every 331st)."""
        return (at + self._seed) % 331 == 42

    def uprn(self, premise: int) -> str:
        """Return a 12-digit UPRN beginning with 9, a range that is not in use."""
        return f"9{(premise * 37_139_213_057 + self._mpxn_shift) % 10**11:011d}"


def postcode(premise: int) -> str:
    """Return a postcode of an area that does not exist (ZZ), shared by 15 neighbouring premises."""
    street = premise // 15
    letters = _LETTERS[street % 20] + _LETTERS[street // 20 % 20]
    return f"ZZ{1 + street // 4000 % 99} {street // 400 % 10}{letters}"
