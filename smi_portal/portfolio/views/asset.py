"""The dispute pack: one asset's history, dated, to be printed or sent."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from smi_portal.access.scope import Viewer
from smi_portal.inventory.identifiers import normalise_device_id
from smi_portal.inventory.models import ExtractLoad
from smi_portal.portfolio.feed.kinds import FIELDS, KINDS
from smi_portal.portfolio.feed.pack import pack_of
from smi_portal.portfolio.views.common import for_portfolio, note


@require_safe
@for_portfolio()
def page(request: HttpRequest, viewer: Viewer, load: ExtractLoad, device_id: str) -> HttpResponse:
    """The pack. An asset of somebody else and one that there is not are both "not found"."""
    known = normalise_device_id(device_id)
    pack = pack_of(viewer, known) if known else None
    if pack is None:
        raise Http404
    note(request, "dispute pack read", device_id=pack.device_id)
    events = [
        {**row, "kind_name": KINDS[row["kind"]][0], "field_name": FIELDS[row["field"]]}
        for row in pack.events.rows()
    ]
    context = {"pack": pack, "events": events, "made_at": timezone.now(), "load": load}
    return render(request, "portfolio/asset.html", context)
