"""`preflight`: what would refuse service requests, told before they are sent; one JSON object a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from smi_portal.access.readers import Role
from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import viewer_for
from smi_portal.inventory.models import ExtractLoad, Organisation
from smi_portal.preflight.gather import check
from smi_portal.preflight.readers.files import read_path
from smi_portal.preflight.readers.limits import Limits


class Command(BaseCommand):
    """Check files of SRV 8.4 and 12.2 requests as one organisation would send them."""

    help = (
        "Say which check would refuse each request of the files (DUIS XML, a zip of them, or a CSV of intended "
        "changes; docs/preflight.md). One JSON object a line on stdout; verdicts: accepted, refused, not_checked, "
        "malformed. Exit status 0 when all files were read, whatever the verdicts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Which files, and who would send them."""
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="XML, zip or CSV")
        parser.add_argument(
            "--organisation", metavar="CODE", required=True, help="who would send the requests"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Nothing is printed when a file is missing or the organisation may not send."""
        viewer = _sender(options["organisation"])
        if ExtractLoad.current() is None:
            raise CommandError("No extract is loaded, so there is nothing to check against.")
        for path in options["files"]:
            if not path.is_file():
                raise CommandError(f"There is no file {path}.")
        for path in options["files"]:
            try:
                for verdict in check(viewer, read_path(path, Limits(), settings.SMI_DUIS_XSD)):
                    self.stdout.write(json.dumps(verdict.as_json(), ensure_ascii=False))
            except OSError as error:
                raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error


def _sender(code: str) -> Viewer:
    organisation = Organisation.objects.filter(organisation=code).first()
    if organisation is None:
        raise CommandError(f"There is no organisation {code} in the loaded extract.")
    viewer = viewer_for(organisation)
    if viewer is None:
        raise CommandError(
            f"{code} is not a User (it has not completed DCC User Entry): it can send nothing."
        )
    if viewer.role not in {Role.MAP, Role.SUPPLIER}:
        raise CommandError(
            f"{code} ({viewer.role.words}) sends no service requests: name a supplier or a MAP."
        )
    return viewer
