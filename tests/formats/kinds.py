"""Small files as other tools write them, written for these tests, and what must come of each."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ANN = "Ann Lee flew to Rome."


Read = list[tuple[list[tuple[str, str]], str | None]]
"""Of each example its mentions with their labels, and its class."""


@dataclass(frozen=True)
class Kind:
    """A file of a kind.

    Args:
        title: what kind it is.
        name: the name of the file.
        content: what it holds.
        outcome: what is read, or a part of the message with which it is refused.
    """

    title: str
    name: str
    content: str | bytes
    outcome: Read | str


def lines(*rows: Any) -> str:
    """Returns JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def table(**columns: Any) -> bytes:
    """Returns a parquet file."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


KINDS = [
    Kind(
        "doccano 1.0 with `data` for the text",
        "doccano_old_labels.jsonl",
        '{"id": 1, "data": "Ann Lee flew to Rome.", "label": [[0, 7, "PER"]]}\n',
        "say which field is the text",
    ),
    Kind(
        "doccano with comments and relations",
        "doccano_comments_relations.jsonl",
        '{"id": 1, "text": "Ann Lee flew to Rome.", "entities": [{"id": 1, "label": "PER", "start_offset": 0, "end_offset": 7}], "relations": [{"id": 3, "from_id": 1, "to_id": 2, "type": "x"}], "Comments": []}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "Prodigy, one class, some rejected",
        "prodigy_textcat_binary.jsonl",
        '{"text": "Ann Lee flew to Rome.", "label": "TRAVEL", "answer": "accept"}\n{"text": "Hi", "label": "TRAVEL", "answer": "reject"}\n',
        [([], "TRAVEL")],
    ),
    Kind(
        "Prodigy, choices with numbers as ids",
        "prodigy_choice_ids.jsonl",
        '{"text": "Ann Lee flew to Rome.", "options": [{"id": 1, "text": "travel"}, {"id": 2, "text": "other"}], "accept": [1], "answer": "accept"}\n',
        [([], "1")],
    ),
    Kind(
        "Prodigy with relations",
        "prodigy_relations.jsonl",
        '{"text": "Ann Lee flew to Rome.", "spans": [{"start": 0, "end": 7, "label": "PER"}], "relations": [{"head": 0, "child": 4, "label": "X"}], "answer": "accept"}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "LightTag's examples",
        "lighttag.json",
        '[{"content": "Ann Lee flew to Rome.", "metadata": {}, "annotations": [{"start": 0, "end": 7, "value": "Ann Lee", "tag": "PER"}]}]',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "LightTag's export with results by annotator",
        "lighttag_export.json",
        '{"id": 1, "examples": [{"content": "Ann Lee flew to Rome.", "example_id": "x", "results": [{"annotations": [{"start": 0, "end": 7, "tag": "PER", "value": "Ann Lee"}]}]}]}',
        'ignore = ["results"]',
    ),
    Kind(
        "UBIAI, labels at its tokens",
        "ubiai.json",
        '[{"documentName": "a", "document": "Ann Lee flew to Rome.", "tokens": [{"text": "Ann", "start": 0, "end": 3, "token_start": 0, "token_end": 0, "entityLabel": "PER"}], "relations": []}]',
        'ignore = ["tokens"]',
    ),
    Kind(
        "UBIAI, spans",
        "ubiai_annotation.json",
        '[{"documentName": "a", "document": "Ann Lee flew to Rome.", "annotation": [{"start": 0, "end": 7, "label": "PER", "text": "Ann Lee", "propertiesList": [], "commentsList": []}]}]',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "tagtog's ann.json",
        "tagtog.ann.json",
        '{"annotatable": {"parts": ["s1v1"]}, "entities": [{"classId": "e_1", "part": "s1v1", "offsets": [{"start": 0, "text": "Ann Lee"}], "coordinates": [], "confidence": {"state": "pre-added"}}], "metas": {}, "relations": []}',
        "no format is known",
    ),
    Kind(
        "AWS Comprehend's annotations, offsets into other files",
        "comprehend.csv",
        "File,Line,Begin Offset,End Offset,Type\na.txt,0,0,7,PER\n",
        "there must be a column 'text'",
    ),
    Kind(
        "AWS Comprehend's classes, without a header",
        "comprehend_class.csv",
        "TRAVEL,Ann Lee flew to Rome.\nOTHER,Hello.\n",
        "there must be a column 'text'",
    ),
    Kind(
        "SageMaker's manifest of spans",
        "sagemaker.manifest",
        '{"source": "Ann Lee flew to Rome.", "ner": {"annotations": {"entities": [{"endOffset": 7, "startOffset": 0, "label": "PER"}], "labels": [{"label": "PER"}]}}, "ner-metadata": {"entities": [{"confidence": 0.9}], "job-name": "x", "type": "groundtruth/text-span", "creation-date": "2020", "human-annotated": "yes"}}\n',
        "no format is known",
    ),
    Kind(
        "Azure's project of entities",
        "azure.json",
        '{"projectFileVersion": "2022-05-01", "stringIndexType": "Utf16CodeUnit", "metadata": {}, "assets": {"projectKind": "CustomEntityRecognition", "entities": [{"category": "PER"}], "documents": [{"location": "a.txt", "language": "en", "entities": [{"regionOffset": 0, "regionLength": 21, "labels": [{"category": "PER", "offset": 0, "length": 7}]}]}]}}',
        "no format is known",
    ),
    Kind(
        "Azure's entities with offset and length",
        "azure_result.json",
        '[{"text": "Ann Lee flew to Rome.", "entities": [{"text": "Ann Lee", "category": "PER", "offset": 0, "length": 7, "confidenceScore": 0.9}]}]',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "Google Vertex, spans",
        "vertex.jsonl",
        '{"textSegmentAnnotations": [{"startOffset": 0, "endOffset": 7, "displayName": "PER"}], "textContent": "Ann Lee flew to Rome."}\n',
        "say which field is the text",
    ),
    Kind(
        "Google Vertex, classes",
        "vertex_class.jsonl",
        '{"classificationAnnotation": {"displayName": "travel"}, "textContent": "Ann Lee flew to Rome."}\n',
        "say which field is the text",
    ),
    Kind(
        "Google AutoML",
        "automl.jsonl",
        '{"annotations": [{"text_extraction": {"text_segment": {"end_offset": 7, "start_offset": 0}}, "display_name": "PER"}], "text_snippet": {"content": "Ann Lee flew to Rome."}}\n',
        "say which field is the text",
    ),
    Kind(
        "chats for fine-tuning",
        "openai_chat.jsonl",
        '{"messages": [{"role": "user", "content": "Ann Lee flew to Rome."}, {"role": "assistant", "content": "[{\\"start\\":0,\\"end\\":7}]"}]}\n',
        "say which field is the text",
    ),
    Kind(
        "fastText", "fasttext.txt", "__label__travel Ann Lee flew to Rome.\n__label__other Hello.\n", "marks = 'keep'"
    ),
    Kind("marks as in XML", "inline_xml.txt", "<PER>Ann Lee</PER> flew to <LOC>Rome</LOC>.\n", "marks = 'keep'"),
    Kind("ENAMEX of MUC", "enamex.txt", '<ENAMEX TYPE="PERSON">Ann Lee</ENAMEX> flew.\n', "marks = 'keep'"),
    Kind("marks as in XML, small letters", "lower_xml.txt", "<per>Ann Lee</per> flew to Rome.\n", "marks = 'keep'"),
    Kind("marks with brackets", "bracket_mark.txt", "[PER Ann Lee ] flew to [LOC Rome ] .\n", "marks = 'keep'"),
    Kind("Rasa's marks in plain text", "md_marks.txt", "[Ann Lee](person) flew to [Rome](city).\n", "marks = 'keep'"),
    Kind(
        "tags behind a slash", "slash_tags.txt", "Ann/B-PER Lee/I-PER flew/O ./O\nBob/B-PER sat/O\n", "marks = 'keep'"
    ),
    Kind("tags behind an underscore", "underscore_tags.txt", "Ann_B-PER Lee_I-PER flew_O ._O\n", "marks = 'keep'"),
    Kind("CoNLL in a file `.txt`", "tsv_in_txt.txt", "Ann\tB-PER\nran\tO\n\n", [([("Ann", "PER")], None)]),
    Kind(
        "class and text with a tab between, `.txt`",
        "label_tab_text.txt",
        "travel\tAnn Lee flew to Rome.\nother\tHello there.\n",
        "marks = 'keep'",
    ),
    Kind(
        "class and text with a tab between, `.tsv` without a header",
        "label_tab_text.tsv",
        "travel\tAnn Lee flew to Rome.\nother\tHello there.\n",
        "there must be a column 'text'",
    ),
    Kind(
        "SNIPS with pieces of text",
        "snips.json",
        '{"GetWeather": [{"data": [{"text": "Will it rain in "}, {"text": "Rome", "entity": "city"}, {"text": "?"}]}]}',
        "say which field is the text",
    ),
    Kind(
        "Rasa's old JSON",
        "rasa_json.json",
        '{"rasa_nlu_data": {"common_examples": [{"text": "Ann Lee flew to Rome.", "intent": "travel", "entities": [{"start": 0, "end": 7, "value": "Ann Lee", "entity": "person"}]}], "regex_features": [], "lookup_tables": [], "entity_synonyms": []}}',
        [([("Ann Lee", "person")], "travel")],
    ),
    Kind(
        "LUIS",
        "luis.json",
        '{"luis_schema_version": "3.2.0", "utterances": [{"text": "Ann Lee flew to Rome.", "intent": "travel", "entities": [{"entity": "person", "startPos": 0, "endPos": 6}]}]}',
        "a span must have start and end",
    ),
    Kind(
        "Dialogflow",
        "dialogflow.json",
        '[{"id": "x", "data": [{"text": "to ", "userDefined": false}, {"text": "Rome", "alias": "city", "meta": "@sys.geo-city", "userDefined": true}], "isTemplate": false, "count": 0}]',
        "say which field is the text",
    ),
    Kind(
        "Wit.ai",
        "wit.json",
        '[{"text": "Ann Lee flew to Rome.", "intent": "travel", "entities": [{"entity": "person:person", "start": 0, "end": 7, "body": "Ann Lee", "entities": []}], "traits": []}]',
        [([("Ann Lee", "person:person")], "travel")],
    ),
    Kind(
        "what a pipeline of transformers found",
        "huggingface_pipeline.jsonl",
        '{"text": "Ann Lee flew to Rome.", "entities": [{"entity_group": "PER", "score": 0.99, "word": "Ann Lee", "start": 0, "end": 7}]}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "Stanza's `to_dict`",
        "stanza.jsonl",
        '{"text": "Ann Lee flew to Rome.", "ents": [{"text": "Ann Lee", "type": "PERSON", "start_char": 0, "end_char": 7}]}\n',
        [([("Ann Lee", "PERSON")], None)],
    ),
    Kind(
        "Flair's `to_dict`",
        "flair_todict.jsonl",
        '{"text": "Ann Lee flew to Rome.", "labels": [], "entities": [{"text": "Ann Lee", "start_pos": 0, "end_pos": 7, "labels": [{"value": "PER", "confidence": 0.99}]}]}\n',
        "a span must have start and end",
    ),
    Kind(
        "tokens with numbers for tags",
        "wikineural.jsonl",
        '{"tokens": ["Ann", "ran"], "ner_tags": [1, 0], "lang": "en"}\n',
        "read it with the format",
    ),
    Kind(
        "tokens with tags as JSON Lines",
        "tokens_tags.jsonl",
        '{"tokens": ["Ann", "ran"], "ner_tags": ["B-PER", "O"]}\n',
        [([("Ann", "PER")], None)],
    ),
    Kind(
        "MultiCoNER", "multiconer.conll", "# id 1\tdomain=en\nAnn _ _ B-PER\nran _ _ O\n\n", [([("Ann", "PER")], None)]
    ),
    Kind(
        "Few-NERD",
        "fewnerd.txt",
        "Ann\tperson-actor\nran\tO\n\nBob\tperson-actor\nsat\tO\n\n",
        [([("Ann", "person-actor")], None), ([("Bob", "person-actor")], None)],
    ),
    Kind(
        "WebAnno's TSV",
        "webanno.tsv",
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value\n\n\n#Text=Ann Lee ran\n1-1\t0-3\tAnn\t*[1]\tPER[1]\t\n1-2\t4-7\tLee\t*[1]\tPER[1]\t\n1-3\t8-11\tran\t_\t_\t\n\n",
        "there must be a column 'text'",
    ),
    Kind("INCEpTION's CoNLL 2002", "inception_conll.conll", "Ann _ _ B-PER\nran _ _ O\n\n", [([("Ann", "PER")], None)]),
    Kind(
        "CoNLL-2003",
        "conll03.conll",
        "-DOCSTART- -X- -X- O\n\nAnn NNP B-NP B-PER\nran VBD B-VP O\n\n",
        [([("Ann", "PER")], None)],
    ),
    Kind("two layers of tags", "conll_two_layers.conll", "Ann B-PER B-X\nran O O\n\n", "tag_column"),
    Kind("tags without prefixes beside tags with", "conll_io_second.conll", "Ann PER B-X\nran O O\n\n", "tag_column"),
    Kind(
        "tags as brackets", "ontonotes_bracket.conll", "Ann NNP (PERSON)\nran VBD *\n\n", [([("Ann", "PERSON")], None)]
    ),
    Kind(
        "CoNLL-U without entities",
        "cupt.conllu",
        "# text = Ann ran\n1\tAnn\tAnn\tPROPN\t_\t_\t2\tnsubj\t_\t_\n2\tran\trun\tVERB\t_\t_\t0\troot\t_\t_\n\n",
        "tag_column",
    ),
    Kind(
        "PubTator",
        "pubtator.txt",
        "1|t|Ann took aspirin.\n1|a|It helped.\n1\t9\t16\taspirin\tChemical\tD001241\n\n",
        "marks = 'keep'",
    ),
    Kind(
        "SQuAD",
        "squad.json",
        '{"data": [{"title": "x", "paragraphs": [{"context": "Ann Lee flew to Rome.", "qas": [{"question": "who?", "id": "1", "answers": [{"text": "Ann Lee", "answer_start": 0}]}]}]}]}',
        "say which field is the text",
    ),
    Kind(
        "a table whose text has a name of its own",
        "jigsaw.csv",
        "id,comment_text,toxic,severe_toxic\n1,hi,0,1\n",
        "there must be a column 'text'",
    ),
    Kind("classes as numbers in CSV", "intent_number.csv", "utterance,intent\nhi,3\nho,4\n", [([], "3"), ([], "4")]),
    Kind(
        "pairs of sentences",
        "snli.jsonl",
        '{"sentence1": "a", "sentence2": "b", "gold_label": "x"}\n',
        "say which field is the text",
    ),
    Kind(
        "a table with title and description",
        "agnews.csv",
        "Class Index,Title,Description\n3,Hi,There\n",
        "there must be a column 'text'",
    ),
    Kind("semicolons and quotes", "sent140.csv", 'sentiment;text\n"4";"hi"\n', [([], "4")]),
    Kind(
        "spans without labels",
        "spans_no_label.jsonl",
        '{"text": "Ann Lee flew to Rome.", "spans": [[0, 7], [16, 20]]}\n',
        "a span must have start and end",
    ),
    Kind(
        "spans with the label first",
        "spans_label_first.jsonl",
        '{"text": "Ann Lee flew to Rome.", "spans": [["PER", 0, 7]]}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "pairs of offsets by label",
        "spans_dict_by_label.jsonl",
        '{"text": "Ann Lee flew to Rome.", "entities": {"PER": [[0, 7]], "LOC": [[16, 20]]}}\n',
        [([("Ann Lee", "PER"), ("Rome", "LOC")], None)],
    ),
    Kind(
        "mentions by label, without offsets",
        "mentions_by_label.jsonl",
        '{"text": "Ann Lee flew to Rome.", "entities": {"PER": ["Ann Lee"], "LOC": ["Rome"]}}\n',
        'ignore = ["entities"]',
    ),
    Kind(
        "mentions without offsets",
        "mentions_list.jsonl",
        '{"text": "Ann Lee flew to Rome.", "entities": [{"text": "Ann Lee", "type": "PER"}]}\n',
        "a span must have start and end",
    ),
    Kind(
        "ends that are the last character",
        "inclusive_end.jsonl",
        '{"text": "Ann Lee flew to Rome.", "entities": [{"start": 0, "end": 6, "text": "Ann Lee", "label": "PER"}]}\n',
        'repair = ["quote"]',
    ),
    Kind(
        "offset and length",
        "offset_length.jsonl",
        '{"text": "Ann Lee flew to Rome.", "spans": [{"offset": 0, "length": 7, "label": "PER"}]}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "offsets as strings",
        "string_offsets.jsonl",
        '{"text": "Ann Lee flew to Rome.", "spans": [{"start": "0", "end": "7", "label": "PER"}]}\n',
        "a span must have start and end",
    ),
    Kind(
        "several labels a span",
        "label_list_per_span.jsonl",
        '{"text": "Ann Lee flew to Rome.", "spans": [{"start": 0, "end": 7, "labels": ["PER", "X"]}]}\n',
        "a span must have start and end",
    ),
    Kind(
        "spans that begin in row 2,001, JSON Lines",
        "late_spans.jsonl",
        lines(*[{"text": "x"}] * 2000, {"text": ANN, "extra": [[0, 7, "PER"]]}),
        'ignore = ["extra"]',
    ),
    Kind(
        "spans that begin in row 2,001, CSV",
        "late_spans.csv",
        "text,notes\n" + "x,\n" * 2000 + 'Ann Lee ran,"[[0, 7, ""PER""]]"\n',
        'ignore = ["notes"]',
    ),
    Kind(
        "Label Studio, HTML",
        "label_studio_hypertext.json",
        '[{"data": {"text": "Ann Lee flew to Rome."}, "annotations": [{"result": [{"type": "hypertextlabels", "value": {"start": "/p[1]", "end": "/p[1]", "startOffset": 0, "endOffset": 7, "hypertextlabels": ["PER"]}}]}]}]',
        "on plain text",
    ),
    Kind(
        "Label Studio, written answers alone",
        "label_studio_textarea.json",
        '[{"data": {"text": "Ann Lee flew to Rome."}, "annotations": [{"result": [{"type": "textarea", "from_name": "a", "to_name": "text", "value": {"text": ["x"]}}]}]}]',
        'ignore = ["textarea"]',
    ),
    Kind(
        "Label Studio with relations",
        "label_studio_rel.json",
        '[{"data": {"text": "Ann Lee flew to Rome."}, "annotations": [{"result": [{"id": "a", "type": "labels", "value": {"start": 0, "end": 7, "text": "Ann Lee", "labels": ["PER"]}}, {"type": "relation", "from_id": "a", "to_id": "b"}]}]}]',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "Label Studio, predictions alone",
        "label_studio_preds.json",
        '[{"data": {"text": "Ann Lee flew to Rome."}, "predictions": [{"result": [{"type": "labels", "value": {"start": 0, "end": 7, "text": "Ann Lee", "labels": ["PER"]}}]}]}]',
        "must have at least one example",
    ),
    Kind(
        "Label Studio, another field for the text",
        "label_studio_newkey.json",
        '[{"data": {"review": "Ann Lee flew to Rome."}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["pos"]}}]}]}]',
        "say which field is the text",
    ),
    Kind(
        "Label Studio, ratings alone",
        "label_studio_rating.json",
        '[{"data": {"text": "Ann Lee flew to Rome."}, "annotations": [{"result": [{"type": "rating", "value": {"rating": 4}}]}]}]',
        'ignore = ["rating"]',
    ),
    Kind(
        "Argilla 2",
        "argilla2.json",
        '[{"id": "1", "fields": {"text": "Ann Lee flew to Rome."}, "metadata": {}, "suggestions": {}, "responses": {"ner": [{"value": [{"start": 0, "end": 7, "label": "PER"}], "user_id": "u"}], "topic": [{"value": "travel", "user_id": "u"}]}, "vectors": {}, "_server_id": null}]',
        [([("Ann Lee", "PER")], "travel")],
    ),
    Kind(
        "Argilla 2, flat",
        "argilla_flat.json",
        '[{"id": "1", "text": "Ann Lee flew to Rome.", "label.responses": ["travel"], "label.responses.users": ["u"], "label.responses.status": ["submitted"], "label.suggestion": "x", "label.suggestion.score": null, "label.suggestion.agent": null}]',
        [([], "travel")],
    ),
    Kind(
        "Argilla 1, spans",
        "argilla1_ner.jsonl",
        '{"text": "Ann Lee flew to Rome.", "tokens": ["Ann", "Lee"], "prediction": [["PER", 0, 7, 0.9]], "annotation": [["PER", 0, 7]], "status": "Validated", "id": "x", "metadata": {}}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "Argilla 1, predictions alone",
        "argilla1_ner_preds.jsonl",
        '{"text": "Ann Lee flew to Rome.", "tokens": ["Ann", "Lee"], "prediction": [["PER", 0, 7, 0.9]], "annotation": null, "status": "Default", "id": "x"}\n',
        "must have at least one example",
    ),
    Kind(
        "Argilla 1, classes",
        "argilla1_textcat.jsonl",
        '{"text": null, "inputs": {"text": "Ann Lee flew to Rome."}, "prediction": [{"label": "a", "score": 0.7}], "annotation": "travel", "multi_label": false, "status": "Validated"}\n',
        [([], "travel")],
    ),
    Kind(
        "Argilla, two who differ",
        "argilla_two_people.json",
        '[{"fields": {"text": "Ann Lee flew to Rome."}, "responses": {"topic": [{"value": "a", "user_id": "u"}, {"value": "b", "user_id": "v"}]}, "suggestions": {}}]',
        'answers = "first"',
    ),
    Kind(
        "Argilla's server, one answer discarded",
        "argilla_server.json",
        '[{"fields": {"text": "Ann Lee flew to Rome."}, "status": "completed", "responses": [{"user_id": "u", "status": "submitted", "values": {"topic": {"value": "travel"}}}, {"user_id": "v", "status": "discarded", "values": {"topic": {"value": "zzz"}}}], "suggestions": [{"question_name": "topic", "value": "x"}]}]',
        [([], "travel")],
    ),
    Kind(
        "GLiNER2",
        "gliner2.jsonl",
        '{"input": "Ann Lee flew to Rome.", "output": {"entities": {"person": ["Ann Lee"], "city": ["Rome"]}}}\n',
        [([("Ann Lee", "person"), ("Rome", "city")], None)],
    ),
    Kind(
        "GLiNER2, a mention in two places",
        "gliner2_repeat.jsonl",
        '{"input": "Rome, Rome", "output": {"entities": {"city": ["Rome"]}}}\n',
        'repeated = "all"',
    ),
    Kind(
        "GLiNER2, classes",
        "gliner2_class.jsonl",
        '{"input": "Ann Lee flew to Rome.", "output": {"classifications": [{"task": "t", "labels": ["a", "b"], "true_label": ["a"]}]}}\n',
        [([], "a")],
    ),
    Kind(
        "GLiNER2, several classes",
        "gliner2_multi.jsonl",
        '{"input": "Ann Lee flew to Rome.", "output": {"classifications": [{"task": "t", "labels": ["a", "b"], "true_label": ["a", "b"], "multi_label": true}]}}\n',
        "a text must have one class at most",
    ),
    Kind(
        "GLiNER2, structures alone",
        "gliner2_struct.jsonl",
        '{"input": "Ann Lee flew to Rome.", "output": {"json_structures": [{"flight": {"who": "Ann Lee"}}]}}\n',
        'ignore = ["output.json_structures"]',
    ),
    Kind(
        "GLiNER",
        "gliner_old.json",
        '[{"tokenized_text": ["Ann", "ran"], "ner": [[0, 0, "person"]], "relations": []}]',
        [([("Ann", "person")], None)],
    ),
    Kind(
        "Rasa's YAML",
        "rasa.yml",
        'version: "3.1"\nnlu:\n- intent: travel\n  examples: |\n    - [Ann Lee](person) flew to [Rome]{"entity": "city", "role": "to"}\n- lookup: city\n  examples: |\n    - Rome\nstories:\n- story: x\n',
        [([("Ann Lee", "person"), ("Rome", "city")], "travel")],
    ),
    Kind(
        "Rasa's YAML with a mark that says no label",
        "rasa_bad.yml",
        'nlu:\n- intent: travel\n  examples: |\n    - [Ann Lee]{"value": "x"} flew\n',
        "must be a JSON object with 'entity'",
    ),
    Kind(
        "spaCy 2's JSON for training",
        "spacy_train.json",
        '[{"id": 0, "paragraphs": [{"raw": "Ann Lee flew to Rome.", "sentences": [{"tokens": [{"id": 0, "orth": "Ann", "ner": "B-PER", "tag": "X"}, {"id": 1, "orth": "Lee", "ner": "L-PER", "tag": "X"}, {"id": 2, "orth": "flew", "ner": "O", "tag": "X"}, {"id": 3, "orth": "to", "ner": "O", "tag": "X"}, {"id": 4, "orth": "Rome", "ner": "U-LOC", "tag": "X"}, {"id": 5, "orth": ".", "ner": "O", "tag": "X"}]}], "cats": [{"label": "x", "value": 1.0}]}]}]',
        [([("Ann Lee", "PER"), ("Rome", "LOC")], "x")],
    ),
    Kind(
        "spaCy's annotations with classes beside",
        "spacy_classes.json",
        '{"classes": ["PER"], "annotations": [["Ann Lee flew to Rome.", {"entities": [[0, 7, "PER"]]}], null]}',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "spaCy's `to_json`",
        "spacy_tojson.jsonl",
        '{"text": "Ann Lee flew to Rome.", "ents": [{"start": 0, "end": 7, "label": "PER"}], "tokens": [{"id": 0, "start": 0, "end": 3}], "cats": {}}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "spaCy's `to_json`, a group of spans",
        "spacy_tojson_sc.jsonl",
        '{"text": "Ann Lee flew to Rome.", "ents": [], "spans": {"sc": [{"start": 0, "end": 7, "label": "PER", "kb_id": ""}]}, "tokens": []}\n',
        [([("Ann Lee", "PER")], None)],
    ),
    Kind(
        "spaCy's `to_json`, entities and a group that differ",
        "spacy_tojson_two.jsonl",
        '{"text": "Ann Lee flew to Rome.", "ents": [{"start": 0, "end": 7, "label": "PER"}], "spans": {"sc": [{"start": 16, "end": 20, "label": "LOC", "kb_id": ""}]}}\n',
        'ignore = ["spans"]',
    ),
    Kind("scores of classes", "cats_float.jsonl", '{"text": "hi", "cats": {"a": 0.4, "b": 0.3}}\n', [([], "a")]),
    Kind("a boolean for a class", "label_bool.jsonl", '{"text": "hi", "label": true}\n', [([], "true")]),
    Kind("a class with spaces around", "label_space.jsonl", '{"text": "hi", "label": " greet "}\n', [([], "greet")]),
    Kind("NaN for a class", "label_nan.jsonl", '{"text":"hi","label":NaN}\n', [([], None)]),
    Kind(
        "whole numbers with a missing one, in parquet",
        "label_float.parquet",
        table(text=["a", "b"], label=[1.0, None]),
        [([], "1"), ([], None)],
    ),
    Kind(
        "scores for a class, in parquet",
        "score_float.parquet",
        table(text=["a", "b"], label=[0.5, 0.7]),
        'ignore = ["label"]',
    ),
    Kind(
        "spans as JSON in a column of another name, in parquet",
        "spans_json.parquet",
        table(text=["a", "Ann ran"], said=[None, '[{"start": 0, "end": 3, "label": "PER"}]']),
        'ignore = ["said"]',
    ),
    Kind(
        "spans as lists of strings, in parquet",
        "spans_lists.parquet",
        table(text=["Ann ran"], entities=[[["0", "3", "PER"]]]),
        'ignore = ["entities"]',
    ),
    Kind(
        "an object of lists for spans, in parquet",
        "sequence_struct.parquet",
        table(text=["Ann ran"], entities=[{"start": [0], "end": [3], "label": ["PER"]}]),
        [([("Ann", "PER")], None)],
    ),
    Kind(
        "pairs of sentences in parquet",
        "two_texts.parquet",
        table(premise=["hi"], hypothesis=["ho"], label=[1]),
        "must have a column 'text'",
    ),
]
