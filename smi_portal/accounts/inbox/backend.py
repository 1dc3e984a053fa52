"""The demo's mail backend: a mail is kept for the inbox page, and leaves the machine never."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from smi_portal.accounts.models import DemoMail

#: Mails that are kept; older ones go.
KEPT = 200


class DemoInbox(BaseEmailBackend):
    """Keeps the last mails."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep each mail's addresses, subject and plain text; how many there were."""
        for mail in email_messages:
            DemoMail.objects.create(
                recipients=", ".join(mail.recipients()), subject=str(mail.subject), body=str(mail.body)
            )
        latest = DemoMail.objects.order_by("-pk").values_list("pk", flat=True)
        DemoMail.objects.filter(pk__in=list(latest[KEPT:])).delete()
        return len(email_messages)
