import re
from dataclasses import replace
from html import escape, unescape
from string import punctuation

import pytest
from markdown_it import MarkdownIt

from assistant import Answer, Fate, SavedTurn, Talk
from assistant.web.exporting import export
from assistant.web.markdown import markdown, plain
from assistant.web.texts import Words

ZH = Words("zh")
TALK = Talk("t1", "王芳", "天津港", "2024-05-06T00:00:00.000+00:00", "2024-05-06T12:00:00.000+00:00", 1)
GONE = {"d1": Fate("removed", "2026-11-20T12:00:00.000+00:00")}
NASTY = (
    "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![a](x)", "[^1]: x", "[x]: http://a", "# x", "> x",
    "- x", "+ x", "* x", "1. x", "12) x", "---", "***", "===", "| a | b |", "```", "~~~", "    code", "\tcode", "`c`",
    "*a* _b_ **c** ~~d~~", "&lt;b&gt; &amp; &#35;", "http://a.example www.a.example", "a@b.example", "$x^2$", "{.c}",
    "\\*a\\*", "\\", "a\n# b\n\n- c", "a\r\n> b", ": x", ":smile:", "<!-- x", "% x", "2021年,增长10.4%;比例1:2(约)。",
)  # fmt: skip


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


@pytest.mark.parametrize("text", [*NASTY, *(f"{one}a {one} b{one}" for one in punctuation), *punctuation])
def test_text_stays_text(text: str) -> None:
    shown = re.sub(r"[\r\n\t]+", " ", text).strip()
    html = rendered(plain(text))
    assert re.fullmatch(r"<p>[^<>]*</p>\n?", html, re.DOTALL), html
    assert unescape(html).strip().removeprefix("<p>").removesuffix("</p>") == shown


@pytest.mark.parametrize("text", NASTY)
def test_text_stays_text_wherever_it_stands(answered: Answer, text: str) -> None:
    quotes = tuple(replace(c, quote=text, document_title=text, file_name=text) for c in answered.citations)
    one = replace(answered, citations=quotes, short_answer=text, missing=text, standalone_question=text)
    turn = SavedTurn(1, text, one, TALK.created_at)
    html = rendered(markdown(export(replace(TALK, title=text), [turn], GONE, ZH), ZH))
    assert set(re.findall(r"</?(\w+)", html)) <= {"h1", "h2", "p", "strong", "em", "ol", "li"}
    assert escape(" ".join(text.split())[:12], quote=False).split("\\")[0] in " ".join(html.split())


def test_a_conversation_in_markdown(answered: Answer) -> None:
    said = markdown(export(TALK, [SavedTurn(1, "天津港怎样?", answered, TALK.created_at)], GONE, ZH), ZH)
    one, two, three = answered.citations
    name = "《天津市推进京津冀协同发展情况报告》"
    assert said == (
        "# 天津港\n\n协同问答导出 · 1 问 · 2024-05-06\n\n## 天津港怎样?\n\n**超2000万标准箱**\n\n"
        "吞吐量:2021年,天津港集装箱吞吐量完成超2000万标准箱。[^1]\n\n"
        "合作:29个泊位实现岸基供电全覆盖…津冀港口群合作持续深化。[^2][^3]\n\n"
        f"## 出处\n\n1. {name},report.txt,已撤回(2026-11-20)\n\n"
        f"[^1]: {name},第{one.paragraph}段:“{one.quote}” **已撤回(2026-11-20)**\n\n"
        f"[^2]: {name},第{two.paragraph}段:“{two.quote}” **已撤回(2026-11-20)**\n\n"
        f"[^3]: {name},第{three.paragraph}段:“{three.quote}” **已撤回(2026-11-20)**\n"
    )


def test_nearest_passages_are_a_list_with_notes(not_found: Answer) -> None:
    said = markdown(export(TALK, [SavedTurn(1, "问", not_found, TALK.created_at)], {}, ZH), ZH)
    assert f"\n\n{not_found.answer}\n\n相近的原文,供参考\n\n- 《" in said
    assert [line[-4:] for line in said.split("\n") if line.startswith("- ")] == ["[^1]", "[^2]"]
