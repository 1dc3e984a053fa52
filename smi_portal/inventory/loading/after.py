"""What other apps do once a load's rows and periods are in: within its transaction, as the owner, or not at all.

The inventory knows no app above it, so each registers its step when Django starts (`AppConfig.ready`). A step
that raises undoes the whole load: what follows from the inventory is never out of step with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from smi_portal.inventory.models import ExtractLoad


@dataclass(frozen=True)
class Loaded:
    """A load that is about to be committed, as its steps see it.

    `everything`: all periods were cut anew; otherwise the temporary tables `touched_device`, `touched_mpxn`,
    `touched_mpid` … (`rules.TOUCHED_TABLES`) name what the package changed. `again`: no extract came in;
    `rebuild_periods` has cut the periods of `load` again (and there are no `touched_…` tables).
    """

    cursor: Any
    load: ExtractLoad
    everything: bool
    progress: Callable[[str], None]
    again: bool = False


Step = Callable[[Loaded], None]
_steps: dict[str, Step] = {}


def register(name: str, step: Step) -> None:
    """Run `step` after every load, in the order of registration. The same name again takes its place."""
    _steps[name] = step


def run(loaded: Loaded) -> None:
    """Every registered step. Whatever one of them raises ends the load."""
    for name, step in _steps.items():
        loaded.progress(f"after the load: {name}")
        step(loaded)
