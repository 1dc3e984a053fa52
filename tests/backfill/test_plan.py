"""Plans: never above the allowance, never outside the window, always the whole sum, honest about the date."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from smi_portal.backfill.ics import calendar_file
from smi_portal.backfill.plan import Limits, Plan, make_plan, share_out
from smi_portal.backfill.working_days import Calendar, days

START = date(2018, 11, 19)
CALENDAR = Calendar()


@st.composite
def plans(draw: st.DrawFn) -> tuple[Plan, date, bool, int]:
    """A plan of any size, with its start, whether all days count, and the slack."""
    window_from = START + timedelta(days=draw(st.integers(-20, 40)))
    window_to = window_from + timedelta(days=draw(st.integers(0, 60)))
    panel = draw(st.none() | st.integers(-30, 90).map(lambda n: START + timedelta(days=n)))
    limits = Limits(draw(st.integers(1, 50)), window_from, window_to, panel)
    every_day, slack = draw(st.booleans()), draw(st.integers(0, 10))
    counts = (lambda day: True) if every_day else CALENDAR.is_working
    return make_plan(draw(st.integers(0, 900)), limits, START, counts, slack), START, every_day, slack


@given(plans())
def test_no_day_exceeds_the_allowance_or_leaves_the_window(drawn: tuple[Plan, date, bool, int]) -> None:
    plan, start, every_day, _ = drawn
    limits = plan.limits
    for planned in plan.days:
        assert 0 < planned.number <= limits.allowance
        assert max(limits.window_from, start) <= planned.day <= limits.window_to
        assert every_day or CALENDAR.is_working(planned.day)
    assert [one.day for one in plan.days] == sorted({one.day for one in plan.days})


@given(plans())
def test_what_is_placed_and_what_is_not_sums_to_the_outstanding(drawn: tuple[Plan, date, bool, int]) -> None:
    plan = drawn[0]
    assert sum(one.number for one in plan.days) + plan.unplaced == plan.outstanding
    assert plan.unplaced >= 0


@given(plans())
def test_it_says_whether_the_date_is_met_and_by_how_much_not(drawn: tuple[Plan, date, bool, int]) -> None:
    plan, start, every_day, _ = drawn
    limits = plan.limits
    last = min(limits.window_to, limits.panel_date or limits.window_to)
    usable = [
        day for day in days(max(limits.window_from, start), last) if every_day or CALENDAR.is_working(day)
    ]
    possible = len(usable) * limits.allowance
    assert plan.met == (plan.outstanding <= possible)
    assert plan.after_panel_date == max(plan.outstanding - possible, 0)
    if plan.finish and limits.panel_date:
        assert plan.days_late == max((plan.finish - limits.panel_date).days, 0)


@given(plans())
def test_slack_is_kept_when_it_can_be(drawn: tuple[Plan, date, bool, int]) -> None:
    plan, start, every_day, slack = drawn
    limits = plan.limits
    last = min(limits.window_to, limits.panel_date or limits.window_to)
    usable = [
        day for day in days(max(limits.window_from, start), last) if every_day or CALENDAR.is_working(day)
    ]
    free = usable[: max(len(usable) - slack, 0)]
    fits = plan.outstanding <= len(free) * limits.allowance
    assert plan.slack_kept == fits
    if fits:
        assert all(one.day in free for one in plan.days)
        numbers = [one.number for one in plan.days]
        assert not numbers or max(numbers) - min(numbers) <= 1  # even: no spikes
        if free:
            assert plan.needed_allowance == -(-plan.outstanding // len(free))


@given(plans(), st.integers(0, 5))
def test_each_device_has_one_day(drawn: tuple[Plan, date, bool, int], fewer: int) -> None:
    plan = drawn[0]
    ids = [f"{number:04}" for number in range(max(plan.outstanding - fewer, 0))]
    shared = share_out(ids, plan)
    assert [device for _, device in shared] == ids[: plan.placed]
    for planned in plan.days:
        assert sum(day == planned.day for day, _ in shared) <= planned.number


def test_an_example_worked_out_by_hand() -> None:
    limits = Limits(4, date(2018, 11, 19), date(2018, 11, 30), date(2018, 11, 23))
    met = make_plan(12, limits, START, CALENDAR.is_working)
    assert [(one.day.day, one.number) for one in met.days] == [(19, 3), (20, 3), (21, 2), (22, 2), (23, 2)]
    assert met.met
    late = make_plan(30, limits, START, CALENDAR.is_working)
    assert (late.met, late.after_panel_date, late.finish, late.days_late) == (
        False,
        10,
        date(2018, 11, 28),
        5,
    )
    assert late.needed_allowance == 6
    never = make_plan(50, limits, START, CALENDAR.is_working)
    assert (never.finish, never.unplaced, never.after_panel_date) == (None, 10, 30)


def test_the_calendar_file_has_an_event_a_day_and_folds_its_lines() -> None:
    limits = Limits(3, START, START + timedelta(days=9), None)
    plan = make_plan(25, limits, START)
    text = calendar_file(plan, "SUP-Ä;" + "X" * 90, datetime(2018, 11, 1, tzinfo=UTC)).decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    whole = text.replace("\r\n ", "")
    assert whole.count("BEGIN:VEVENT") == len(plan.days) == 10
    assert "DTSTART;VALUE=DATE:20181119" in whole
    assert "SUMMARY:Send 3 MAP IDs (SRV 8.4)" in whole
    assert "sup-ä\\;xxx" in whole
