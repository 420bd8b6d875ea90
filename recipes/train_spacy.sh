#!/bin/sh
# Trains a spaCy pipeline on what a run has exported with formats = ["spacy"].
#
#     sh recipes/train_spacy.sh out/augment_ner out/augment_ner_model ner
#     sh recipes/train_spacy.sh out/classify out/classify_model textcat
#
# The third argument is ner, textcat, or ner,textcat for both; textcat_multilabel if texts may have several classes. What
# follows goes to `spacy train`, such as --training.max_steps 200 or --initialize.vectors NAME. LANGUAGE is en if it is not
# set. The best pipeline is in MODEL/model-best: spacy.load("MODEL/model-best").
set -eu

if [ $# -lt 3 ]; then
    echo "usage: sh train_spacy.sh RUN MODEL ner|textcat|ner,textcat [options of spacy train]" >&2
    exit 2
fi
run=$1 model=$2 pipeline=$3
shift 3

train=$run/exports/train.spacy
dev=$run/exports/validation.spacy
[ -f "$dev" ] || dev=$run/exports/test.spacy  # what [source] heldout put aside
if [ ! -f "$train" ]; then
    echo "$train: must be there; the recipe must have formats = [\"spacy\"] under [export]" >&2
    exit 2
fi
if [ ! -f "$dev" ]; then
    echo "$run: nothing was held out, so the scores are those on what was trained on and mean nothing" >&2
    dev=$train
fi

mkdir -p "$model"
python=${PYTHON:-python}
"$python" -m spacy init config "$model/config.cfg" --force --lang "${LANGUAGE:-en}" --pipeline "$pipeline" --optimize efficiency
"$python" -m spacy train "$model/config.cfg" --output "$model" --paths.train "$train" --paths.dev "$dev" "$@"
