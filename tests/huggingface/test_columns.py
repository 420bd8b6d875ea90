import datasets
import pyarrow as pa
import pytest
from datasets import ClassLabel, Features, LargeList, List, Value

from textsynth.huggingface.columns import Columns

ATOMS = [
    *(pa.null(), pa.bool_(), pa.int8(), pa.uint64(), pa.float16(), pa.float32(), pa.float64()),
    *(pa.string(), pa.large_string(), pa.binary(), pa.large_binary(), pa.binary(5)),
    *(pa.date32(), pa.date64(), pa.time32("s"), pa.time64("ns"), pa.duration("ms")),
    *(pa.timestamp("ms"), pa.timestamp("us", "Europe/Berlin"), pa.decimal128(10, 2), pa.decimal256(50, 3)),
]
NESTED = [
    *(pa.list_(pa.list_(pa.int64())), pa.list_(pa.int64(), 3), pa.large_list(pa.string())),
    *(pa.struct([("a", pa.int64()), ("b", pa.list_(pa.float64()))]), pa.list_(pa.struct([("a", pa.date32())]))),
    *(pa.list_(pa.field("element", pa.int32())), pa.list_(pa.struct([("a", pa.int64())]), 2)),
]


def assert_as_datasets_has_it(columns, features):
    assert str(columns) == repr(features)
    assert columns.to_dict() == features.to_dict()
    assert columns.to_features() == features
    assert columns.to_yaml() == features._to_yaml_list()
    assert columns.to_schema().equals(features.arrow_schema, check_metadata=True)
    assert str(Columns.of(features)) == repr(features)


@pytest.mark.parametrize("type", [*ATOMS, *map(pa.list_, ATOMS), *NESTED], ids=str)
def test_a_type_is_told_as_datasets_tells_it(type):
    assert_as_datasets_has_it(Columns({"x": type}), Features.from_arrow_schema(pa.schema([("x", type)])))


def test_classes_are_told_as_datasets_tells_them():
    names = ["no", "it's", "yes"]
    features = Features(
        {
            "a": ClassLabel(names=names),
            "b": List(ClassLabel(names=names)),
            "c": ClassLabel(names=[]),
            "d": Value("int64"),
        }
    )
    types = {"a": pa.int64(), "b": pa.list_(pa.int64()), "c": pa.int64(), "d": pa.int64()}
    assert_as_datasets_has_it(Columns(types, {"a": tuple(names), "b": tuple(names), "c": ()}), features)
    many = Features({"label": LargeList(ClassLabel(names=names))})
    assert_as_datasets_has_it(Columns({"label": pa.large_list(pa.int64())}, {"label": tuple(names)}), many)


def test_several_classes_are_a_list():
    kinds = {"label": ClassLabel(names=["a"])}, {"label": List(ClassLabel(names=["a"]))}, {"text": Value("string")}
    assert [Columns.of(datasets.Features(each)).has_several() for each in kinds] == [False, True, False]
