"""What other libraries say of a corpus with copies of its source in it, and what we say: same files, one run.

    python benchmarks/peers_privacy.py                                       # halves of corpora/newsroom.jsonl
    python benchmarks/peers_privacy.py --source train.jsonl --rows 4000

The real text is dealt out to three parts: a source, held-out text, and other real text. The last stands for a synthetic
corpus that is as good as can be; then some of its rows become copies of the source. A figure that does not move from
the first column to the last has not seen them. `benchmarks/requirements.txt` names what must be installed.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import textsynth as ts
from textsynth.corpus import Corpus
from textsynth.foundation.seeding import child_rng
from textsynth.metrics import Disclosure, Evidence, Variety

SOURCE = Path(__file__).parents[1] / "corpora" / "newsroom.jsonl"
SHARES = (0.0, 0.005, 0.05)

Figures = Callable[[Evidence], dict[str, float | None]]


def ask_textsynth(evidence: Evidence) -> dict[str, float | None]:
    found = Disclosure().measure(evidence, child_rng(1)).scores
    wanted = ("excess by text", "p", "share closer to source", "nearest neighbour ratio")
    varied = Variety().measure(evidence, child_rng(1)).scores
    return {name: found[name].value for name in wanted} | {"xz ratio": varied["xz ratio"].value}


def ask_mostlyai(evidence: Evidence) -> dict[str, float | None]:
    from mostlyai import qa

    with tempfile.TemporaryDirectory() as folder:
        _, found = qa.report(
            syn_tgt_data=to_frame(evidence.synthetic),
            trn_tgt_data=to_frame(evidence.source),
            hol_tgt_data=to_frame(evidence.heldout),
            report_path=Path(folder) / "report.html",
        )
    names = ("ims_training", "ims_holdout", "dcr_training", "dcr_holdout", "dcr_share", "nndr_training", "nndr_holdout")
    return {name: getattr(found.distances, name, None) for name in names}


def ask_diversity(evidence: Evidence) -> dict[str, float | None]:
    import diversity

    texts = evidence.synthetic.texts.to_pylist()
    return {
        "compression ratio (gzip)": diversity.compression_ratio(texts, "gzip"),
        "n-gram diversity": diversity.ngram_diversity_score(texts, 4),
    }


PEERS: dict[str, Figures] = {
    "textsynth": ask_textsynth,
    "mostlyai-qa": ask_mostlyai,
    "diversity": ask_diversity,
}


def to_frame(corpus: Corpus) -> object:
    import pandas

    return pandas.DataFrame({"text": corpus.texts.to_pylist()})


def plant(evidence: Evidence, share: float, rng: np.random.Generator) -> Evidence:
    """Returns the evidence with a share of the synthetic rows copied from the source."""
    copies = round(share * len(evidence.synthetic))
    copied = evidence.source.take(rng.choice(len(evidence.source), copies, replace=False))
    return Evidence(evidence.synthetic[copies:] + copied, evidence.source, evidence.heldout)


def deal_out(corpus: Corpus, rows: int) -> Evidence:
    """Returns three parts of a corpus without repeats: what was made, what from, what is held out."""
    _, first = np.unique(np.array(corpus.texts.to_pylist(), object), return_index=True)
    order = child_rng(0, "peers").permutation(np.sort(first))
    size = min(rows, len(order) // 3)
    return Evidence(*(corpus.take(order[place * size : (place + 1) * size]) for place in (0, 1, 2)))


def list_rows(name: str, ask: Figures, evidences: list[Evidence]) -> Iterator[str]:
    try:
        with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(io.StringIO()):
            found = [ask(evidence) for evidence in evidences]
    except Exception as error:
        yield f"| {name} | cannot be told: {' '.join(str(error).split())[:80]} | | | |"
        return
    for figure in found[0]:
        values = [each[figure] for each in found]
        yield f"| {name} | {figure} | " + " | ".join("" if each is None else f"{each:.4g}" for each in values) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, default=SOURCE, help="real text; a file of any format")
    parser.add_argument("--rows", type=int, default=4000, help="of each part, at most")
    parser.add_argument("--only", nargs="*", choices=PEERS, default=list(PEERS), help="names of libraries")
    given = parser.parse_args()
    evidence = deal_out(ts.read(given.source), given.rows)
    evidences = [plant(evidence, share, child_rng(2, "copies")) for share in SHARES]
    print(f"{len(evidence.source):,} rows each of source, held-out and other real text")
    print("| library | figure | " + " | ".join(f"{share:.1%} copies" for share in SHARES) + " |")
    print("|---|---|" + "---|" * len(SHARES))
    for name in given.only:
        for row in list_rows(name, PEERS[name], evidences):
            print(row, flush=True)


if __name__ == "__main__":
    main()
