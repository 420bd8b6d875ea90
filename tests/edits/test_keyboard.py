from __future__ import annotations

import pytest

from textsynth.edits.keyboard import LAYOUTS, neighbours

ALPHABETS = {
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "azerty_be": "abcdefghijklmnopqrstuvwxyzéèçàù",
    "azerty_fr": "abcdefghijklmnopqrstuvwxyzéèçàù",
    "greek": "αβγδεζηθικλμνξοπρσςτυφχψω",
    "hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "jcuken_ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "jcuken_uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
    "qwerty_br": "abcdefghijklmnopqrstuvwxyzç",
    "qwerty_dk": "abcdefghijklmnopqrstuvwxyzæøå",
    "qwerty_es": "abcdefghijklmnopqrstuvwxyzñç",
    "qwerty_fi": "abcdefghijklmnopqrstuvwxyzåäö",
    "qwerty_it": "abcdefghijklmnopqrstuvwxyzàèìòù",
    "qwerty_no": "abcdefghijklmnopqrstuvwxyzæøå",
    "qwerty_pl": "abcdefghijklmnopqrstuvwxyząćęłńóśźż",
    "qwerty_pt": "abcdefghijklmnopqrstuvwxyzç",
    "qwerty_se": "abcdefghijklmnopqrstuvwxyzåäö",
    "qwerty_tr": "abcçdefgğhıijklmnoöprsştuüvyzqwx",
    "qwerty_uk": "abcdefghijklmnopqrstuvwxyz",
    "qwerty_us": "abcdefghijklmnopqrstuvwxyz",
    "qwertz_cz": "abcdefghijklmnopqrstuvwxyzáčéěířšúůýž",
    "qwertz_de": "abcdefghijklmnopqrstuvwxyzäöüß",
    "qwertz_hu": "abcdefghijklmnopqrstuvwxyzáéíóöőúüű",
}

THIRD_LEVEL = {"qwerty_pl": set("ąćęłńóśźż")}
ALONE = {"arabic": {"ذ"}, "jcuken_ru": {"ё"}, "qwerty_es": {"ç"}}

every_layout = pytest.mark.parametrize("layout", LAYOUTS)


@every_layout
def test_every_letter_of_the_alphabet_is_on_the_board_once(layout: str):
    keys = "".join(LAYOUTS[layout])
    letters = set(ALPHABETS[layout])
    assert {letter for letter in letters if keys.count(letter) != 1} == THIRD_LEVEL.get(layout, set())
    assert letters - set(neighbours(layout)) == ALONE.get(layout, set())


@every_layout
def test_neighbours_are_mutual_and_keep_case(layout: str):
    near = neighbours(layout)
    for key, others in near.items():
        assert key not in others
        assert len(set(others)) == len(others)
        assert all(other.isupper() == key.isupper() and other.isdigit() == key.isdigit() for other in others)
        if key.lower() not in THIRD_LEVEL.get(layout, set()):
            assert all(key in near[other] for other in others)


@every_layout
def test_rows_lie_as_on_the_board(layout: str):
    digits, *rest = LAYOUTS[layout]
    assert 12 <= len(digits) <= 13
    assert [10 <= len(row) <= 13 for row in rest] == [True, True, True]


@pytest.mark.parametrize(
    ("layout", "key", "expected"),
    [
        ("qwerty_us", "q", "wa"),
        ("qwerty_us", "s", "wedazx"),
        ("qwerty_us", "L", "OPK"),
        ("qwerty_us", "5", "46"),
        ("qwertz_de", "y", "asx"),
        ("qwertz_de", "ö", "püäl"),
        ("azerty_fr", "a", "ézq"),
        ("azerty_fr", "É", "AZ"),
        ("qwerty_es", "ñ", "pl"),
        ("qwerty_it", "à", "èòù"),
        ("qwerty_pl", "ł", "l"),
        ("qwerty_pl", "Ż", "Z"),
        ("qwerty_tr", "ı", "uojk"),
        ("qwerty_tr", "I", "UOJK"),
        ("qwerty_tr", "İ", "ĞÜŞ"),
        ("jcuken_ru", "ё", ""),
        ("jcuken_ru", "п", "енарми"),
        ("greek", "ς", "εασ"),
        ("hebrew", "ש", "דז"),
        ("qwertz_hu", "í", "ay"),
        ("qwertz_hu", "0", "1"),
        ("qwertz_cz", "ě", "šqw"),
    ],
)
def test_by_hand(layout: str, key: str, expected: str):
    assert sorted(neighbours(layout).get(key, ())) == sorted(expected)
