"""Which documents a question names."""

import pytest

from assistant.question import understand
from assistant.references import Names, reference
from tests.assistant.hits import document

LIBRARY = [
    document("2021年山东省政府工作报告", "a", date="2021-01-20"),
    document("2022年山东省政府工作报告", "b", date="2022-01-20"),
    document("2022年湖南省政府工作报告", "c", date="2022-01-18"),
    document("湖南省乡村振兴情况报告", "d", period="2020"),
    document("卫生健康统计公报", "e", period="2021"),
]


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("山东22年政府报告里新建学校几所?", {"b"}),
        ("2021年政府工作报告说新建学校几所?", {"a"}),
        ("湖南的政府工作报告提到几所学校?", {"c"}),
        ("乡村振兴报告说了什么?", {"d"}),
        ("统计公报里医院有几家?", {"e"}),
        ("2022年政府工作报告里学校有几所?", {"b", "c"}),
        ("报告里学校有几所?", None),
        ("学校有几所?", None),
        ("渔业年鉴里有几艘船?", None),
    ],
)
def test_a_document_is_named_by_its_kind_with_place_year_and_subject(asked: str, named: set[str] | None) -> None:
    found = reference(understand(asked), lambda: Names(LIBRARY))
    assert (set(found.documents) if found else None) == named


def test_one_document_alone_needs_no_name() -> None:
    assert reference(understand("政府工作报告里学校有几所?"), lambda: Names(LIBRARY[:1])) is None


def test_the_year_of_a_named_document_is_not_the_year_asked_for() -> None:
    question = understand("2022年政府工作报告说新建学校几所?")
    found = reference(question, lambda: Names(LIBRARY))
    assert found and "2022" in question.years
    rest = question.naming(found.start, found.end)
    assert not rest.years and (found.start, found.end) in [(a, b) for a, b, _ in rest.query.weights]
    assert understand("2021年的学校,2022年政府工作报告怎么说?").years == {"2021", "2022"}


def test_names_follow_the_library() -> None:
    names, asked = Names(LIBRARY), understand("湖南的政府工作报告提到几所学校?")
    later = [d for d in LIBRARY if d.id != "c"] + [document("湖南省政府工作报告", "f"), document("统计年鉴", "d")]
    found = reference(asked, lambda: names.follow({d.id: d for d in later}))
    assert found is not None and found == reference(asked, lambda: Names(later))
    assert "f" in found.documents and len(names) == len({d.id for d in later})
