"""What each database table is to the site: the one declaration from which grants and policies follow.

Every model carries `access = …` (models of Django's own apps are listed in `FRAMEWORK_APPS`). A model
without it fails the system check, so no new table is readable by accident (our design).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db import models

from smi_portal.access.readers import Reader

#: Django's own tables (sessions, groups …) hold no party data: the site's role reads and writes them.
FRAMEWORK_APPS = frozenset(
    {"auth", "contenttypes", "sessions", "account", "mfa", "usersessions", "socialaccount"}
)
#: Of those, tables that the site only reads: sign-in services come from settings, and no token of theirs is kept.
READ_ONLY = frozenset({"account.EmailConfirmation", "socialaccount.SocialApp", "socialaccount.SocialToken"})

#: The job queue's tables, which Django does not manage but its migrations make. A job's arguments are the id of what
#: is to be made, never party data. Its functions run with the caller's rights, so these are exactly what they need.
QUEUE_APP = "procrastinate"
QUEUE_VERBS = {
    "procrastinate_jobs": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "procrastinate_workers": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "procrastinate_periodic_defers": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "procrastinate_events": ("SELECT", "INSERT"),
}


@dataclass(frozen=True)
class OwnerOnly:
    """The extract's raw facts and the site's secrets: no role but the owner's may read them."""


@dataclass(frozen=True)
class SiteTable:
    """Site-owned rows (people, sessions …), no SMI data. `verbs` is what the site's role may do."""

    verbs: tuple[str, ...] = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Reference:
    """Public reference data (MDD, CPL, which extract is loaded): every role may read it, none may write."""


@dataclass(frozen=True)
class Scoped:
    """Party data under row-level security: who sees a row is integer equality on a column of it.

    Each of `map`, `supplier`, `secas` names the column that must equal the reader's organisation; None = never.
    `own` names the column that must equal the organisation of any reader, DCC and SECAS too: an organisation's own
    records, which nobody else reads.
    `viewers` names an integer array of which the reader's organisation must be a member (either role).
    `everyone` lists readers that see all rows (DCC; SECAS where the table holds no device).
    `hidden` lists columns that only a MAP with that field release may read: column → field group.
    `only` lists readers that may read some columns and no others of the rows that they see.
    `adders` lists readers that may also add rows, only such as they could read themselves (the policy's WITH
    CHECK is the reader's own condition). `changers` lists readers that may change rows that they could read, into
    such as they could read. Where there are none, nobody changes a row: a correction is a further row. `removers`
    lists readers that may delete rows that they could read; by default nobody.
    `site_adds`: the site's own role may add rows outside a scope, and read none (the audit: sign-ins have no viewer).
    """

    map: str | None = None
    supplier: str | None = None
    secas: str | None = None
    viewers: str | None = None
    own: str | None = None
    everyone: tuple[Reader, ...] = (Reader.DCC,)
    hidden: dict[str, str] = field(default_factory=dict)
    only: dict[Reader, tuple[str, ...]] = field(default_factory=dict)
    adders: tuple[Reader, ...] = ()
    site_adds: bool = False
    changers: tuple[Reader, ...] = ()
    removers: tuple[Reader, ...] = ()


def kept(organisation: str = "organisation_id", *, erased: bool = True) -> Scoped:
    """What an organisation's people keep here for themselves (saved views, lists, files …).

    Whoever reads for the organisation that the column `organisation` names may read, add and change its rows, and
    delete them if `erased`; nobody else, whatever the role: to DCC another organisation's rows do not exist either.
    Which of an organisation's people may do what is the view's to decide.
    """
    every = tuple(Reader)
    return Scoped(
        own=organisation, everyone=(), adders=every, changers=every, removers=every if erased else ()
    )


Access = OwnerOnly | SiteTable | Reference | Scoped


def access_of(model: type[models.Model]) -> Access | None:
    """The declaration of `model`, or None when it has none (a defect that the system check reports)."""
    if model._meta.app_label in FRAMEWORK_APPS:
        return SiteTable(("SELECT",)) if model._meta.label in READ_ONLY else SiteTable()
    if model._meta.app_label == QUEUE_APP:
        return SiteTable(verbs=QUEUE_VERBS[model._meta.db_table])
    declared = model.__dict__.get("access")
    return declared if isinstance(declared, Access) else None


def managed_tables() -> Iterator[tuple[type[models.Model], Access | None]]:
    """Each table that migrations make, many-to-many tables included, with its declaration."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy or not (model._meta.managed or model._meta.app_label == QUEUE_APP):
            continue
        owner = model._meta.auto_created
        yield model, access_of(owner if isinstance(owner, type) else model)
