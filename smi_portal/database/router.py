"""Django's router: the schema changes through `owner` alone; everything else goes where the code says."""

from typing import Any

from django.db.models import Model


class OwnerMigrates:
    """Let migrations run on `owner` only. Both aliases are one database, so relations cross freely."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Return whether a migration may run on this alias."""
        return db == "owner"

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool | None:
        """Return True for two objects that came through our two aliases."""
        ours = {"default", "owner"}
        return True if {first._state.db, second._state.db} <= ours else None
