"""Templates hold to the strict Content-Security-Policy and to the habits of accessible pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template, render_to_string

ROOT = Path(__file__).resolve().parents[2] / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
NAMES = [str(path.relative_to(ROOT)) for path in TEMPLATES]

FORBIDDEN = {
    "an inline style": r"\sstyle\s*=|<style",
    "an inline script": r"<script(?![^>]*\ssrc=)",
    "an inline handler": r"\son[a-z]+\s*=",
    "a javascript: address": r"javascript:",
    "something from elsewhere": r"(?:src|href)\s*=\s*[\"'](?:https?:)?//",
    "an unescaped value": r"\|\s*safe\b|autoescape\s+off",
}


@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_no_template_holds(path: Path, what: str) -> None:
    found = re.search(FORBIDDEN[what], path.read_text(), re.IGNORECASE)
    assert found is None, f"{path.name} holds {what}: {found.group(0)!r}"


@pytest.mark.parametrize("name", NAMES)
def test_each_template_compiles(name: str) -> None:
    assert get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_comments_stay_on_one_line(path: Path) -> None:
    """Django prints a {# comment #} that spans lines into the page."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        assert line.count("{#") == line.count("#}"), f"{path.name}:{number}"


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_each_post_form_carries_the_token(path: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL):
        if 'method="post"' in form:
            assert "{% csrf_token %}" in form


def test_the_error_page_stands_without_context() -> None:
    page = render_to_string("500.html")
    assert "Something went wrong" in page
    assert "css/portal" in page


def test_an_error_summary_links_to_its_fields() -> None:
    from django import forms

    class Filters(forms.Form):
        installation_date_from = forms.DateField(required=False)

    form = Filters({"installation_date_from": "32/13/2025"})
    form.add_error(None, "There is no filter called “<b>”.")
    page = render_to_string("_components/error_summary.html", {"form": form, "error_anchor": "filters"})
    assert 'href="#id_installation_date_from"' in page
    assert '<a href="#filters">There is no filter called “&lt;b&gt;”.</a>' in page


def test_a_range_of_days_is_one_control_with_both_ends() -> None:
    from django import forms

    class Filters(forms.Form):
        removal_date_from = forms.DateField(label="Removal date from", required=False)
        removal_date_to = forms.DateField(label="Removal date to", required=False)

    template = engines["django"].from_string(
        "{% for field in form %}{% include '_components/filter_field.html' %}{% endfor %}"
    )
    page = template.render({"form": Filters({"removal_date_from": "2025-01-31"})})
    assert page.count("<details") == 1
    assert re.search(r'name="removal_date_from" type="date" value="2025-01-31"', page)
    assert re.search(r'name="removal_date_to" type="date" value=""', page)
    assert page.count("<label for=") == 2


def test_a_choice_keeps_what_was_given_even_when_it_is_wrong() -> None:
    from django import forms

    class Filters(forms.Form):
        device_status = forms.MultipleChoiceField(choices=[("Pending", "Pending")], required=False)

    template = engines["django"].from_string(
        "{% with field=form.device_status %}{% include '_components/filter_field.html' %}{% endwith %}"
    )
    wrong = template.render({"form": Filters({"device_status": ["<Broken>"]})})
    assert "&lt;Broken&gt;</span>" in wrong
    assert "filter--error" in wrong
    right = template.render({"form": Filters({"device_status": ["Pending"]})})
    assert re.search(r'value="Pending" checked', right)
    assert "filter--error" not in right
