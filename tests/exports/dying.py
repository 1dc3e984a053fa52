"""A worker's work in a process that kills itself (SIGKILL) at its n-th call of our own code; n = 0: it lives.

Run as `python -m tests.exports.dying EXPORT N`; prints how many calls there were when it lives to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from uuid import UUID

import django


def main(export_id: str, last: int) -> None:
    django.setup()
    from reports.exports.making import make

    calls = 0

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        if event == "call" and "/reports/" in frame.f_code.co_filename:
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    make(UUID(export_id), lambda: False)
    sys.setprofile(None)
    print(calls)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
