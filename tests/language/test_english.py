from __future__ import annotations

import pytest
from hypothesis import given
from strategies import texts

from textsynth.language.english import takes_an, takes_bare_apostrophe

AN = """
engineer Apple Ökonom Élodie umbrella uncle Uber unidentified uninsured unimportant urgent Ursula Omar ISO Igor
NSAID SSRI RFID HVAC RSPCA MMORPG NAACP RAF SUV HIV LED
eBay iPhone hour hourglass heir honest honour honorary Honoré FBI MRI MRIs MP MPs NBA HMRC X X-ray F16 A&E
8 8th 80 800 8,000 8-year-old 11 11th 18 18-year-old 18,000 11.5 1100 1850 1850s 11000 Yvonne Yves Ypres
"apple" (island 'eagle' $8 €11 «été»
""".split()

A = """
doctor Berlin house hotel Honolulu history university unit union uniform unique unidirectional UNESCO Ukraine
Ugandan Ulysses Utah user usual USA US UK UN UNHCR use Europe European euro ewe one one-time once Uruguay
NATO NASA FIFA FEMA SARS SWAT SCUBA SIM RAM LAN UCLA UEFA UNICEF
Yale yellow York 1 7 10 100 110 118 180 1,100 110000 $1 #9 Łódź Zürich 東京 Ян
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
