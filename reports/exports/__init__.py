"""Files that take longer than a request: jobs, their progress, storage, delivery and schedules.

Whoever wants a file calls `jobs.request(person, report, question, form)`. A worker (`manage.py worker`) makes it from
the one path to rows, as the person's organisation may see them at that moment; delivery asks again.
"""
