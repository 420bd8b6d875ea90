from __future__ import annotations

import logging
import random
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from textsynth.errors import FormatError, InputError, MissingDependency, OptionError
from textsynth.extract import Gazetteer
from textsynth.extract.resources import DEFAULT_TODAY
from textsynth.foundation.seeding import child_rng
from textsynth.values import Pools, ValueSpec, draw_pools, resolve_value_paths
from textsynth.values.faker_source import parse_call
from textsynth.values.source import Draw

GAZETTEER = Gazetteer({"PERSON": {"Ann": 3, "Bo": 1}, "CITY": {"Paris": 1}})


def pools(values: Mapping[str, ValueSpec], *labels: str, weighted: bool = True, **draw: Any) -> Pools:
    options = {"size": 50, "locales": ["en_US"], "seed": 1} | draw
    today = options.get("today", DEFAULT_TODAY)
    how = Draw(options["size"], options["locales"], weighted, child_rng(options["seed"]), today)
    return draw_pools(labels or tuple(values), values, GAZETTEER, how)


def weights(made: Pools, label: str) -> dict[str, float]:
    return dict(zip(made.pools[label].values.to_pylist(), made.pools[label].weights.tolist(), strict=True))


def words(tmp_path: Path, content: str | bytes) -> str:
    path = tmp_path / "words.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return f"words:{path}"


# --- where values come from by default


def test_the_gazetteer_comes_first():
    made = pools({}, "PERSON", "CITY")
    assert weights(made, "PERSON") == {"Ann": 3, "Bo": 1}
    assert weights(made, "CITY") == {"Paris": 1}
    assert made.records == {}


def test_uniform_values():
    assert weights(pools({}, "PERSON", weighted=False), "PERSON") == {"Ann": 1, "Bo": 1}


@pytest.mark.parametrize(
    ("label", "pattern"),
    [
        ("EMAIL", r"[a-z0-9._]+@[a-z0-9.-]+\.(example|com|org|net)"),
        ("e-mail", r"[a-z0-9._]+@[a-z0-9.-]+\.(example|com|org|net)"),
        ("First_Name", r"\w+"),
        ("GPE", r"[\w ]+"),
        ("POSTCODE", r"\d{5}"),
        ("IP-ADDRESS", r"\d+\.\d+\.\d+\.\d+"),
    ],
)
def test_a_label_named_after_a_field_takes_it(label: str, pattern: str):
    column = pools({}, label).records[label].to_pylist()
    assert len(column) == 50
    assert all(re.fullmatch(pattern, value) for value in column)


def test_a_label_without_values_is_an_error():
    with pytest.raises(OptionError) as caught:
        pools({}, "GENE")
    assert str(caught.value) == (
        "label 'GENE' has no values: the source has no mention of it; "
        'say where they come from with the option values = { GENE = "words:FILE" }'
    )


def test_a_label_no_slot_has_is_an_error():
    with pytest.raises(OptionError) as caught:
        pools({"PERSN": ["x"]}, "PERSON", "CITY")
    assert str(caught.value) == (
        "option 'values': no slot has the label 'PERSN'; did you mean 'PERSON'? there is: CITY, PERSON"
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("gazeteer", "there is no source of values 'gazeteer'; did you mean 'gazetteer'?"),
        ("fakr:name", "there is no source of values 'fakr:name'; "),
        ("Anna", "there is no source of values 'Anna'; there is: expand, faker:, gazetteer, mimesis:, record:, words:"),
        ("words:", "there is no source of values 'words:'; "),
        ("faker", "there is no source of values 'faker'; did you mean 'faker:'?"),
        ("record:nmae", "a record has no field 'nmae'; did you mean 'name'?"),
        ("record:", "a record has no field ''; there is: birth_date, "),
    ],
)
def test_a_source_nobody_knows_is_an_error(spec: str, message: str):
    with pytest.raises(OptionError) as caught:
        pools({"PERSON": spec})
    assert str(caught.value).startswith(f"option 'values': {message}")


def test_the_gazetteer_is_asked_for_a_label_it_has_not():
    with pytest.raises(OptionError, match=r"^the gazetteer has no label 'PERSONS'; did you mean 'PERSON'\?"):
        pools({"PERSONS": "gazetteer"})


# --- lists and files


def test_a_list_in_the_recipe():
    made = pools({"X": ["one", " two\r\nlines ", "one", ""], "Y": ["ß"]})
    assert weights(made, "X") == {"one": 2, "two lines": 1}
    assert weights(made, "Y") == {"ß": 1}


def test_words_with_weights(tmp_path: Path):
    made = pools({"X": words(tmp_path, "# drugs\naspirin\t2.5\n\n ibuprofen \naspirin\t0.5\n#1 pill\t1e-3\n")})
    assert weights(made, "X") == {"aspirin": 3, "ibuprofen": 1, "#1 pill": 0.001}


def test_words_from_windows(tmp_path: Path):
    assert weights(pools({"X": words(tmp_path, "Zoë\t2\r\nBo\r\n".encode("utf-8-sig"))}), "X") == {"Zoë": 2, "Bo": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\nb\ttwo\n", "2: a weight must be a number, was: 'two'"),
        ("a\t1\tx\n", "1: a weight must be a number, was: '1\\tx'"),
        ("a\t0\n", "1: a weight must be greater than 0, was: '0'"),
        ("a\t5\na\t-3\n", "2: a weight must be greater than 0, was: '-3'"),
        ("a\tnan\n", "1: a weight must be greater than 0, was: 'nan'"),
        ("a\tinf\n", "1: a weight must be greater than 0, was: 'inf'"),
    ],
)
def test_weights_that_are_none(tmp_path: Path, content: str, message: str):
    with pytest.raises(FormatError) as caught:
        pools({"X": words(tmp_path, content)})
    assert str(caught.value) == f"{tmp_path / 'words.txt'}:{message}"


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(InputError, match=r"none\.txt: must be a file to read, there is none"):
        pools({"X": f"words:{tmp_path / 'none.txt'}"})


def test_files_are_taken_from_the_recipes_folder(tmp_path: Path):
    specs: dict[str, ValueSpec] = {"A": "words:drugs.txt", "B": "words:/x/y.txt", "C": "faker:name", "D": ("words:a",)}
    assert resolve_value_paths(specs, tmp_path) == {**specs, "A": f"words:{tmp_path / 'drugs.txt'}"}


@pytest.mark.parametrize("spec", [("", " \n"), "faker:pystr(max_chars=0, min_chars=0)", "faker:pyobject", "words"])
def test_a_source_of_blanks_is_an_error(tmp_path: Path, spec: ValueSpec):
    spec = words(tmp_path, "# nothing\n \n") if spec == "words" else spec
    with pytest.raises(OptionError) as caught:
        pools({"X": spec})
    assert str(caught.value) == f"option 'values': {spec!r} gives no values for the label 'X'"


# --- Faker and mimesis


def test_faker():
    assert set(weights(pools({"X": "faker:color_name"}), "X")) <= set(_colors())
    numbers = weights(pools({"X": "faker:pyint(min_value=3, max_value=5)"}, size=200), "X")
    assert set(numbers) == {"3", "4", "5"}
    assert sum(numbers.values()) == 200


def _colors() -> set[str]:
    from faker.providers.color.en_US import Provider

    return set(Provider.all_colors)


def test_faker_in_two_locales_in_turn():
    made = weights(pools({"X": "faker:current_country"}, locales=["de_DE", "pl_PL"]), "X")
    assert made == {"Germany": 25, "Poland": 25}


def test_values_with_line_breaks_are_one_line():
    made = pools({"X": "faker:address"}).pools["X"].values.to_pylist()
    assert all("\n" not in value and re.search(r"\d{5}$", value) for value in made)


@pytest.mark.parametrize(
    "spec",
    ["faker:name", "faker:ssn", "faker:uuid4", "faker:password", "mimesis:person.full_name", "mimesis:food.dish"],
)
@pytest.mark.parametrize("locale", ["en_US", "es_ES", "sv_SE", "el_GR"])
def test_the_same_seed_gives_the_same_values_whatever_was_drawn_before(spec: str, locale: str):
    first = weights(pools({"X": spec}, locales=[locale]), "X")
    random.seed(3)
    state = random.getstate(), np.random.get_state()[1].tolist()
    second = weights(pools({"X": spec}, locales=[locale]), "X")
    assert first == second
    assert first != weights(pools({"X": spec}, locales=[locale], seed=2), "X")
    assert (random.getstate(), np.random.get_state()[1].tolist()) == state


def test_mimesis():
    made = weights(pools({"X": "mimesis:numeric.integer_number(start=1, end=3)"}, size=100), "X")
    assert set(made) == {"1", "2", "3"}
    assert sum(made.values()) == 100
    assert weights(pools({"X": "mimesis:person.full_name"}, locales=["de_DE"]), "X").keys() != {}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("faker:nmae", "Faker has no provider 'nmae' in en_US; did you mean 'name'?"),
        ("faker:qqqqqqqqqqq", "Faker has no provider 'qqqqqqqqqqq' in en_US"),
        ("faker:seed_instance", "Faker has no provider 'seed_instance' in en_US; did you mean 'sentence'?"),
        ("faker:__class__", "Faker has no provider '__class__' in en_US"),
        ("faker:pyint(3)", "a provider must be written name or name(key=value), was: 'pyint(3)'"),
        ("faker:pyint(max_value=x)", "a provider must be written name or name(key=value), was: 'pyint(max_value=x)'"),
        (
            "faker:enum",
            "faker:enum cannot be drawn: Provider.enum() missing 1 required positional argument: 'enum_cls'",
        ),
        ("faker:random_int(min=5, max=1)", "faker:random_int(min=5, max=1) cannot be drawn: "),
        ("mimesis:food", "a mimesis provider must be written PROVIDER.METHOD, was: 'food'"),
        ("mimesis:fod.dish", "mimesis has no provider 'fod'; did you mean 'food'? there is: address, "),
        ("mimesis:food.dsh", "mimesis:food has no method 'dsh'; did you mean 'dish'? there is: dish, "),
        ("mimesis:food.reseed", "mimesis:food has no method 'reseed'; there is: dish, "),
        ("mimesis:food.dish(x=1)", "mimesis:food.dish(x=1) cannot be drawn: "),
    ],
)
def test_what_cannot_be_drawn_is_an_error(spec: str, message: str):
    with pytest.raises(OptionError) as caught:
        pools({"X": spec})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("spec", "locale", "message"),
    [
        ("faker:name", "de_D", "Faker has no locale 'de_D'; did you mean 'de_DE'?"),
        ("record:name", "en-US", "Faker has no locale 'en-US'; did you mean 'en_US'?"),
        ("faker:name", "??", "Faker has no locale '??'"),
        ("mimesis:food.dish", "xx_YY", "mimesis has no locale 'xx_YY'; there is: "),
    ],
)
def test_a_locale_nobody_knows_is_an_error(spec: str, locale: str, message: str):
    with pytest.raises(OptionError) as caught:
        pools({"X": spec}, locales=["en_US", locale])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("module", "spec"), [("faker", "faker:name"), ("faker", "record:name"), ("mimesis", "mimesis:food.dish")]
)
def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, module: str, spec: str):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(
        MissingDependency, match=r"^(Faker|mimesis) is not installed; pip install 'textsynth-corpora\[values\]'"
    ):
        pools({"X": spec})


@pytest.mark.parametrize("spec", ["record:iban", "faker:iban"])
def test_fakers_own_warnings_are_not_passed_on(caplog: pytest.LogCaptureFixture, spec: str):
    with caplog.at_level(logging.WARNING):
        pools({"X": spec}, locales=["en_PH"], size=5)
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("call", "parsed"),
    [
        ("name", ("name", {})),
        ("pyint(max_value=9, min_value=-1)", ("pyint", {"max_value": 9, "min_value": -1})),
        ("random_element(elements=['a', 'b'])", ("random_element", {"elements": ["a", "b"]})),
        ("name()", ("name", {})),
    ],
)
def test_calls(call: str, parsed: tuple[str, dict[str, Any]]):
    assert parse_call(call) == parsed


@pytest.mark.parametrize(
    "call", ["", "a.b", "name(1)", "name(x=y)", "__import__('os')", "f(x=1", "a b", "f(**{'x': 1})"]
)
def test_calls_that_are_none(call: str):
    with pytest.raises(OptionError, match="a provider must be written name or name"):
        parse_call(call)


TITLED = re.compile(r"^(?:Mrs?|Ms|Miss|Dr|Prof|Herr|Frau|Dipl)\b|\b(?:Jr\.|MD|PhD|DDS|DVM|B\.Sc\.|MBA\.)$")


@pytest.mark.parametrize("call", ["name", "name_female"])
def test_names_have_no_titles_unless_asked_for(call: str):
    locales = ["en_US", "en_GB", "de_DE"]
    plain = weights(pools({"X": f"faker:{call}"}, size=300, locales=locales), "X")
    titled = weights(pools({"X": f"faker:{call}(titles=True)"}, size=300, locales=locales), "X")
    assert not any(map(TITLED.search, plain))
    assert sum(TITLED.search(each) is not None for each in titled) > 30


def test_what_stands_inside_a_name_stays():
    names = weights(pools({"X": "faker:name"}, size=500, locales=["es_ES", "fr_FR", "pt_PT"]), "X")
    assert any(" de " in each for each in names)


# --- records


def test_roles_are_persons_of_their_own():
    labels = "CARER DOCTOR DOCTOR_LAST_NAME EMAIL PATIENT PATIENT_EMAIL PERSON".split()
    gazetteer = Gazetteer({})
    how = Draw(50, ["en_US"], True, child_rng(1), DEFAULT_TODAY)
    columns = draw_pools(labels, {"CARER": "record:name"}, gazetteer, how).records
    for row in zip(*(columns[label].to_pylist() for label in labels), strict=True):
        carer, doctor, last_name, address, patient, patients_address, person = row
        assert len({carer, doctor, patient, person}) == 4
        assert doctor.endswith(f" {last_name}")
        assert belongs(patients_address, patient)
        assert belongs(address, person)


def belongs(address: str, name: str) -> bool:
    return any(part in address.partition("@")[0] for part in name.lower().split())


def test_fields_without_a_role_are_about_the_only_person_there_is():
    made = pools({}, "PATIENT", "USERNAME", "EMAIL").records
    for name, user, address in zip(*(made[x].to_pylist() for x in ("PATIENT", "USERNAME", "EMAIL")), strict=True):
        assert belongs(user, name)
        assert belongs(address, name)


def test_records_agree():
    made = pools({"PERSON": "record:name"}, "PERSON", "FIRST_NAME", "LAST_NAME", "COUNTRY", locales=["en_US", "en_GB"])
    columns = [made.records[label].to_pylist() for label in ("PERSON", "FIRST_NAME", "LAST_NAME", "COUNTRY")]
    assert all(name == f"{first} {last}" for name, first, last, _ in zip(*columns, strict=True))
    assert columns[3] == ["United States", "United Kingdom"] * 25
    assert made.pools == {}


def test_records_of_all_fields_are_strings():
    from textsynth.values.identity import FIELDS

    made = pools({field: f"record:{field}" for field in FIELDS}, locales=["ja_JP", "hi_IN"], size=10)
    assert all(value.strip() for column in made.records.values() for value in column.to_pylist())
