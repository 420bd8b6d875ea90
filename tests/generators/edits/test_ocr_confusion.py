from __future__ import annotations

from edit_rules import changes
from edited import results
from hypothesis import given
from hypothesis import strategies as st
from strategies import corpora, texts

from textsynth.corpus import Corpus
from textsynth.generators.edits.ocr_confusion import OcrConfusion, confusions


def test_by_hand():
    """The 5 and the S look alike, as do m and rn; one edit a word."""
    assert results(OcrConfusion(), "5 [5](CARDINAL)") == {"S [5](CARDINAL)", "s [5](CARDINAL)"}
    assert results(OcrConfusion(), "xrnx") == {"xmx", "xrrix", "xrux"}
    assert results(OcrConfusion(), "mx") == {"rnx", "nnx", "nix", "inx", "iiix"}


def test_the_usual_ones():
    for pair in ("rn m", "cl d", "vv w", "0 O", "1 l", "l I", "5 S", "8 B", "6 b", "2 Z"):
        one, other = pair.split()
        assert other in confusions()[one]


def test_both_ways():
    for one, others in confusions().items():
        assert one not in others
        assert len(set(others)) == len(others)
        assert all(one in confusions()[other] for other in others)


def test_a_letter_with_a_combining_mark_is_another_letter():
    assert results(OcrConfusion(), "rn\u0303 m\u0301") == {"rn\u0303 m\u0301"}


def test_not_across_words():
    assert results(OcrConfusion(), "r[n](X)") == {"r[n](X)"}


@given(
    corpora(
        st.lists(st.sampled_from(["rn", "clm", "w0", "n", " ", "Iii", "e\u0301"]), max_size=6).map("".join) | texts()
    )
)
def test_what_looks_alike(source: Corpus):
    for change in changes(OcrConfusion(rate=0.5), source):
        assert change.new in confusions()[change.old]
