"""Values count from the option `today`, whatever the day, the second, the time zone and Python's hash seed."""

from __future__ import annotations

import contextlib
import datetime
import os
import shutil
import subprocess
import sys
import threading
import time
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from textsynth.errors import OptionError
from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.foundation.seeding import child_rng
from textsynth.values.clock import stop_clock
from textsynth.values.faker_source import faker_values, record_columns
from textsynth.values.identity import FIELDS
from textsynth.values.mimesis_source import mimesis_values

pytest.importorskip("faker")
pytest.importorskip("mimesis")
time_machine = pytest.importorskip("time_machine")

from faker.config import AVAILABLE_LOCALES  # noqa: E402

ELSEWHERE = datetime.datetime(2031, 3, 4, 23, 59, 59, 7, tzinfo=ZoneInfo("Pacific/Auckland"))

FAKER = {
    "ssn": ("en_US", "sv_SE", "fi_FI", "zh_CN", "no_NO", "et_EE", "lv_LV", "es_MX", "uk_UA", "da_DK", "pl_PL", "tr_TR"),
    "profile": ("en_US", "de_DE", "ja_JP"),
    "simple_profile": ("en_US", "fr_FR"),
    "businesses_inn": ("ru_RU",),
    "businesses_ogrn": ("ru_RU",),
    "passport_full": ("en_US",),
    "passport_dates": ("en_US",),
    "credit_card_expire": ("en_US", "fa_IR"),
    "credit_card_full": ("en_US", "ru_RU"),
    "date_of_birth": ("en_US", "th_TH", "ja_JP"),
    "passport_dob": ("en_US",),
    "date": ("en_US", "th_TH"),
    "date_object": ("en_US",),
    "iso8601": ("en_US",),
    "time": ("en_US",),
    "unix_time": ("en_US",),
    "year": ("en_US",),
    "century": ("en_US",),
    "date_time_ad": ("en_US",),
    "past_datetime": ("en_US",),
    "future_datetime": ("en_US",),
    "past_date": ("en_US",),
    "future_date": ("en_US",),
    "date_this_century": ("en_US",),
    "date_this_decade": ("en_US",),
    "date_this_year": ("en_US",),
    "date_this_month": ("en_US",),
    "date_time_this_century": ("en_US",),
    "date_time_this_year": ("en_US",),
    "date_time_this_month": ("en_US",),
    "date_time_between(start_date='-2y', end_date='+1w')": ("en_US", "de_DE"),
    "time_series": ("en_US",),
    "date_time": ("en_US", "hu_HU"),
    "city": ("it_IT",),
    "uuid1": ("en_US",),
    "pyset": ("en_US",),
    "pystruct": ("en_US",),
    "pydict": ("en_US",),
}
MIMESIS = (
    "datetime.date", "datetime.datetime", "datetime.timestamp", "datetime.formatted_date", "datetime.week_date",
    "datetime.formatted_datetime", "datetime.year", "datetime.past_date", "datetime.future_date",
    "datetime.past_datetime", "datetime.future_datetime", "development.calver", "person.birthdate",
    "cryptographic.jwt", "internet.query_string", "internet.query_parameters",
)  # fmt: skip


def everything(today: datetime.date = DEFAULT_TODAY, seed: int = 1) -> dict[str, list[str]]:
    """Draws what is known to look at the clock or to depend on the hash seed; provider by provider."""
    drawn = {
        f"{call} {locale}": faker_values(call, 3, [locale], child_rng(seed), today)
        for call, locales in FAKER.items()
        for locale in locales
    }
    return drawn | {call: mimesis_values(call, 3, ["en", "de"], child_rng(seed), today) for call in MIMESIS}


COUNTED = ("ssn", "profile", "passport_full", "date_of_birth", "date_time", "credit_card_expire", "vat_id")
"""What counts from today in some country or other, or has to do with the time zone."""


def counted(locales: list[str]) -> dict[str, list[str]]:
    """Draws what counts from today in each locale that has it."""
    drawn = {}
    for locale in locales:
        for call in COUNTED:
            with contextlib.suppress(OptionError):
                drawn[f"{call} {locale}"] = faker_values(call, 2, [locale], child_rng(1), DEFAULT_TODAY)
    return drawn


def people(locales: list[str], each: int = 2) -> dict[str, list[str]]:
    fields = {field: field for field in FIELDS}
    columns = record_columns(fields, each * len(locales), locales, child_rng(1), DEFAULT_TODAY)
    return {label: column.to_pylist() for label, column in columns.items()}


@pytest.mark.slow
def test_providers_give_the_same_on_another_day_in_another_zone():
    here = everything()
    with time_machine.travel(ELSEWHERE):
        there = everything()
    assert [name for name in here if here[name] != there[name]] == []


@pytest.mark.slow
def test_records_of_all_locales_are_the_same_on_another_day_in_another_zone():
    locales = sorted(AVAILABLE_LOCALES)
    here = people(locales)
    with time_machine.travel(ELSEWHERE):
        there = people(locales)
    assert here == there


@pytest.mark.parametrize(
    "call", ["date_of_birth(minimum_age=1, maximum_age=2)", "past_date", "credit_card_expire(date_format='%Y-%m-%d')"]
)
def test_fakers_values_count_from_today(call: str):
    leap = datetime.date(2000, 2, 29)
    days = [datetime.date.fromisoformat(each) for each in faker_values(call, 50, ["en_US"], child_rng(1), leap)]
    assert len(set(days)) > 10
    assert all(abs((day - leap).days) < 11 * 366 for day in days)


def test_mimesis_years_end_today():
    today = datetime.date(2011, 5, 6)

    def draw(call: str) -> list[str]:
        return mimesis_values(call, 300, ["en"], child_rng(1), today)

    assert max(draw("datetime.year")) == max(draw("datetime.date"))[:4] == "2011"
    assert {each[:4] for each in draw("datetime.datetime")} == {"2011"}
    assert max(draw("datetime.past_date")) == "2011-05-05"
    assert min(draw("datetime.future_date")) == "2011-05-07"
    first = int(datetime.datetime(2011, 1, 1, tzinfo=datetime.UTC).timestamp())
    assert first <= min(map(int, draw("datetime.timestamp")))


def test_nobody_else_sees_the_stopped_clock():
    import faker.providers.date_time as module
    import mimesis

    real, years = module.datetime, mimesis.Datetime.year.__defaults__
    seen: list[float] = []
    with stop_clock(datetime.date(2000, 1, 1)):
        assert module.datetime is not real
        assert module.datetime.now() == datetime.datetime(2000, 1, 1, 12)
        assert isinstance(real(2000, 1, 1), module.datetime)
        other = threading.Thread(target=lambda: seen.append(time.time()))
        other.start()
        other.join()
        assert datetime.datetime.now().year > 2000
    mimesis_values("datetime.year", 2, ["en"], child_rng(1), datetime.date(2011, 1, 1))
    assert seen[0] > 1.7e9
    assert module.datetime is real
    assert mimesis.Datetime.year.__defaults__ == years


def test_the_clock_goes_on_after_an_error():
    import faker.providers.date_time as module

    with pytest.raises(OptionError, match="cannot be drawn"):
        faker_values("past_date(start_date='soon')", 1, ["en_US"], child_rng(1), DEFAULT_TODAY)
    assert module.datetime is datetime.datetime


def test_threads_draw_from_days_of_their_own():
    found: dict[int, set[str]] = {}

    def draw(year: int) -> None:
        rng = np.random.default_rng(year)
        made = [faker_values("date_this_year", 20, ["en_US"], rng, datetime.date(year, 12, 31)) for _ in range(5)]
        found[year] = {each[:4] for values in made for each in values}

    threads = [threading.Thread(target=draw, args=[year]) for year in (1999, 2004, 2050)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == {year: {str(year)} for year in (1999, 2004, 2050)}


@pytest.mark.parametrize("call", ["binary(length=4)", "zip", "json_bytes"])
def test_what_is_no_text_is_refused(call: str):
    with pytest.raises(OptionError, match="must give text, gives files"):
        faker_values(call, 1, ["en_US"], child_rng(1), DEFAULT_TODAY)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("faketime") is None, reason="the program faketime is not installed")
def test_two_processes_on_two_days_give_the_same_bytes():
    def draw(moment: str, zone: str, hash_seed: str) -> str:
        script = (
            "from tests.values.test_clock import AVAILABLE_LOCALES, counted, everything, people;"
            "locales = sorted(AVAILABLE_LOCALES);"
            "print(people(locales), counted(locales), everything(), sep='\\n')"
        )
        environment = os.environ | {"TZ": zone, "PYTHONHASHSEED": hash_seed}
        command = ["faketime", moment, sys.executable, "-c", script]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    one = draw("2024-02-29 00:00:00", "America/Los_Angeles", "1")
    assert all(len(line) > 10_000 for line in one.splitlines())
    everywhere = ("ssn", "date_of_birth", "date_time", "credit_card_expire")
    assert all(f"{call} {locale}" in one for call in everywhere for locale in AVAILABLE_LOCALES)
    assert one == draw("2031-03-04 23:59:59", "Asia/Tokyo", "7")
