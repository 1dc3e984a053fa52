"""`migrate`, through the owner's connection, after making sure of the roles."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from smi_portal.database.errors import DatabaseUnavailable
from smi_portal.database.locate import SITE
from smi_portal.database.roles import ensure_roles


class Command(DjangoMigrate):
    """Django's own `migrate`; only the connection and the roles differ."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the same arguments, with `owner` as the database."""
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the migrations, then let the site read which ones have run."""
        if options["database"] != "owner":
            raise CommandError("Migrations run as the schema's owner: leave out --database, or say owner.")
        looks_only = options["check_unapplied"] or options["plan"]
        if not looks_only:
            try:
                ensure_roles("owner")
            except DatabaseUnavailable as error:
                raise CommandError(str(error)) from error
        super().handle(*args, **options)
        if not looks_only:
            with connections["owner"].cursor() as cursor:
                cursor.execute(f"GRANT SELECT ON django_migrations TO {SITE}")
