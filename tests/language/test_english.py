from __future__ import annotations

import pytest
from hypothesis import given
from strategies import texts

from textsynth.language.english import is_english, takes_an, takes_bare_apostrophe

AN = """
engineer Apple Ökonom Élodie umbrella uncle Uber unidentified uninsured unimportant urgent Ursula Omar ISO Igor
eBay iPhone hour hourglass heir honest honour honorary Honoré FBI MRI MRIs MP MPs NBA HMRC X X-ray F16 A&E
8 8th 80 800 8,000 8-year-old 11 11th 18 18-year-old 18,000 11.5 1100 1850 1850s 11000 Yvonne Yves Ypres
"apple" (island 'eagle' $8 €11 «été»
""".split()

A = """
doctor Berlin house hotel Honolulu history university unit union uniform unique unidirectional UNESCO Ukraine
Ugandan Ulysses Utah user usual USA US UK UN UNHCR use Europe European euro ewe one one-time once Uruguay
NATO NASA FIFA Yale yellow York 1 7 10 100 110 118 180 1,100 110000 $1 #9 Łódź Zürich 東京 Ян
""".split()


@pytest.mark.parametrize("filler", AN)
def test_an_goes_before(filler: str):
    assert takes_an(filler)


@pytest.mark.parametrize("filler", [*A, "", " ", "...", "😀"])
def test_a_goes_before(filler: str):
    assert not takes_an(filler)


@given(texts())
def test_any_filler_takes_one_or_the_other(filler: str):
    assert takes_an(f"hour {filler}")
    assert not takes_an(f"house {filler}")
    assert takes_bare_apostrophe(filler) is filler.endswith("s")


@pytest.mark.parametrize(
    "text",
    [
        "Meet a ",
        "I met an engineer.",
        "We need an",
        "play some jazz by",
        "Flights from to",
        "Dear Anna, thank you for the order",
        "Name: and date of birth",
        "The Van den Berg and De la Cruz families are on the way to The Hague with their luggage.",
    ],
)
def test_english(text: str):
    assert is_english([text])


@pytest.mark.parametrize(
    "text",
    [
        "Maria foi a Lisboa a convite da empresa.",
        "Viajó a Madrid a ver a su madre. Vamos a la playa.",
        "I ragazzi sono andati a Roma in treno. A Maria piace il mare.",
        "Il a acheté un billet pour Paris. Marie va à Lyon.",
        "La Maria i en Joan viuen a Barcelona i treballen a Girona.",
        "Hun bor i København og arbejder for et firma. I dag var der at se en film.",
        "Hon bor i Stockholm och är på väg till jobbet i dag.",
        "Ze woont in Amsterdam en is van plan om in de zomer te verhuizen.",
        "Was ist das? Er war in Berlin und an der Uni.",
        "Sy is in die stad en my kar is by die huis.",
        "Anna i Piotr mieszkają w Warszawie i pracują razem.",
        "A fiú az iskola előtt áll és a lány a kapuban van.",
        "Hän on töissä ja on nyt Helsingissä.",
        "Ali bu sabah bir mektup yazdı ve Ankara'ya gitti.",
        "Анна живёт в Москве и работает в банке.",
        "安娜住在北京。",
        "",
        "12:30, 14:00",
    ],
)
def test_not_english(text: str):
    assert not is_english([text])


def test_no_texts_are_not_english():
    assert not is_english([])
