"""The assistant's own words, in the language of the question. Quotes are never translated."""

from assistant.question import Language
from index import traditional

_WORDS = {
    "not_found": ("文档中没有找到答案:{missing}。", "The documents do not say: {missing}."),
    "nothing": ("文档没有说到这个问题", "nothing in them speaks of this"),
    "empty_library": ("文档库是空的,请先添加文档", "the library is empty; add a document first"),
    "false_premise": ("文档的说法与问题不符:{missing}。", "The documents contradict the question: {missing}."),
    "command": (
        "只回答文档写明的内容,不作评价、猜测或其他事",
        "only what the documents say is answered: no opinions, guesses or other tasks",
    ),
    "empty_question": (
        "问题是空的:问题须含有文字,请写出要问的内容。",
        "The question is empty: it must have words; type what you want to know.",
    ),
    "long_question": (
        "问题有 {length} 字,超过上限 {bound}:请缩短问题,或调高设置 XIETONG_MAX_QUESTION。",
        "The question has {length} characters, over the bound of {bound}: shorten it, or raise XIETONG_MAX_QUESTION.",
    ),
}


def say(language: Language, key: str, **values: object) -> str:
    """A sentence of the assistant's own."""
    return pick(language, *_WORDS[key]).format(**values)


def pick(language: Language, zh: str, en: str) -> str:
    """The wording for a language; traditional characters are made from the simplified wording."""
    return en if language == "en" else traditional(zh) if language == "zh-Hant" else zh
