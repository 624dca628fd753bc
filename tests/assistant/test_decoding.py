from dataclasses import dataclass
from typing import Any, Literal

import pytest

from assistant.decoding import decode


@dataclass(frozen=True, slots=True)
class Leaf:
    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Tree:
    kind: Literal["oak", "pine"]
    leaves: tuple[Leaf, ...]
    height: int | None = None
    green: bool = True


def test_objects_become_nouns_all_the_way_down() -> None:
    value = {"kind": "oak", "leaves": [{"name": "甲", "weight": 2}, {"name": "乙"}], "height": 3, "later": "field"}
    tree = decode(Tree, value)
    assert tree == Tree("oak", (Leaf("甲", 2.0), Leaf("乙")), 3)
    assert isinstance(tree.leaves[0].weight, float)
    assert decode(Tree, {"kind": "pine", "leaves": [], "height": None, "green": False}) == Tree("pine", (), None, False)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], r"value: '\[\]' is not an object"),
        ({"kind": "elm", "leaves": []}, "kind: 'elm' is not one of oak, pine"),
        ({"kind": "oak"}, "value: .* is not an object with leaves"),
        ({"kind": "oak", "leaves": {}}, "leaves: .* is not a list"),
        ({"kind": "oak", "leaves": [{"name": "a"}, {"name": 1}]}, r"leaves\[1\].name: '1' is not str"),
        ({"kind": "oak", "leaves": [], "height": "3"}, "height: '3' is not int"),
        ({"kind": "oak", "leaves": [], "height": True}, "height: 'True' is not int"),
        ({"kind": "oak", "leaves": [], "green": 1}, "green: '1' is not bool"),
        ({"kind": "oak", "leaves": [{"name": "a", "weight": "1"}]}, "weight: '1' is not float"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decode(Tree, value)
