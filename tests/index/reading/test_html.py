import pytest

from index.errors import InputRefused
from index.reading import Bounds, Extract, read
from index.reading.html import read_html

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>通知公告</title><style>p{{}}</style></head><body>
<nav>首页 &gt; 公告</nav><script>var 数 = 1;</script><h1>关于印发规划的通知</h1>
<p>各区人民政府：<br>现印发给你们，<b>请认真</b>贯彻执行。</p>
<h2>一、目标</h2><ul><li>第一项</li><li>第二项</li></ul><ol start="3"><li>第三项</li></ol>
<p style="display:none">看不见</p>
<table><caption>主要指标</caption><thead><tr><th rowspan="2">指标</th><th colspan="2">年份</th></tr>
<tr><th>2020</th><th>2025</th></tr></thead>
<tr><td rowspan="2">人口</td><td>10</td><td>12</td></tr><tr><td>20</td><td>22</td></tr></table>
<footer>版权所有</footer></body></html>"""


def extract(page: str) -> Extract:
    return read_html(page.encode(), "a.html", Bounds())


@pytest.mark.parametrize(("charset", "encoding"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("utf-8", "gb18030")])
def test_a_page_is_read_without_scripts_and_navigation(charset: str, encoding: str) -> None:
    found = read_html(PAGE.format(charset=charset).encode(encoding), "a.html", Bounds())
    assert found.text.split("\n") == [
        "关于印发规划的通知", "各区人民政府：", "现印发给你们，请认真贯彻执行。", "一、目标", "第一项", "第二项",
        "3. 第三项",
        "主要指标", "指标 | 年份", "| 2020 | 2025", "人口 | 10 | 12", "人口 | 20 | 22",
    ]  # fmt: skip
    assert found.headings == {0: 1, found.text.index("一、目标"): 2}
    assert {found.text[a:b] for a, b in found.table_headers.values()} == {"指标 | 年份\n| 2020 | 2025"}


def test_a_table_that_only_places_things_is_running_text() -> None:
    page = "<table><tr><td><h2>题</h2><p>一段。</p></td><td><p>另一段。</p></td></tr></table>"
    assert extract(f"<html><body>{page}</body></html>").text == "题\n一段。\n另一段。"


def test_the_title_stands_in_for_a_missing_heading() -> None:
    assert extract("<html><title>年报</title><body><p>正文。</p></body></html>").text == "年报\n正文。"


@pytest.mark.parametrize("name", ["a.txt", "a.doc", "a.xls", "网页"])
def test_a_page_is_told_by_its_content(name: str) -> None:
    assert read(b"<html><body><p>text</p></body></html>", name).media_type == "text/html"


def test_a_page_of_scripts_holds_no_words() -> None:
    with pytest.raises(InputRefused, match="holds no words"):
        extract("<html><body><script>alert(1)</script></body></html>")


def test_entities_are_not_expanded() -> None:
    bomb = f'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "{"&a;" * 10}">]><html><p>甲&b;</p></html>'
    assert len(extract(bomb).text) < 100


def test_elements_nested_deeply_are_read_whole() -> None:
    assert extract("<html><body>" + "<div>" * 1500 + "底").text == "底"


def test_a_page_of_which_the_parser_reads_a_part_is_refused() -> None:
    with pytest.raises(InputRefused, match="no sound HTML"):
        extract("<html><body><p>上</p>" + "<div>" * 3000 + "底")
