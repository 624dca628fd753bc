"""Every word that the pages say, in Chinese and in English. Nothing here comes from a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assistant import Progress, XietongError, progress_words

Language = Literal["zh", "en"]
DEFAULT_LANGUAGE: Language = "zh"

PAIRS: Mapping[str, tuple[str, str]] = {
    # the page
    "title": ("协同问答", "Xietong 协同问答"),
    "tagline": ("依据文件作答,句句附出处", "Answers from your documents, every sentence with its source"),
    "other_language": ("English", "中文"),
    "tab_chat": ("问答", "Ask"),
    "tab_documents": ("文档", "Documents"),
    "local_only": ("全部在本机运行,文件不外传", "Runs on this machine only; no file leaves it"),
    # readiness
    "loading": (
        "正在加载模型……可以先提问,就绪后自动作答。",
        "Loading the model … you may ask now; it answers when ready.",
    ),
    "indexing": (
        "首次启动,正在编入文档……可以先提问,就绪后自动作答。{progress}",
        "First start: reading the documents in … you may ask now; it answers when ready. {progress}",
    ),
    "failed": ("无法开始问答:{reason}", "Questions cannot be answered: {reason}"),
    # asking
    "question_label": ("问题", "Question"),
    "question_placeholder": (
        "就文件内容提问",
        "Ask about the documents",
    ),
    "keys": ("回车发送 · Shift+回车换行", "Enter sends · Shift+Enter breaks the line"),
    "send": ("发送", "Send"),
    "stop": ("停止", "Stop"),
    "new_conversation": ("新对话", "New conversation"),
    "welcome": ("想从文件里查什么?", "What would you like to find in the documents?"),
    "welcome_hint": (
        "指标、举措、清单、下一步安排都可以问。文件没有写的,会直说没有。",
        "Ask for figures, measures, lists or plans. What the documents do not say, the answer says plainly.",
    ),
    "examples": ("试试这些问题", "Try one of these"),
    "example_1": ("2021年天津港集装箱吞吐量是多少?", "2021年天津港集装箱吞吐量是多少?"),
    "example_2": ("引滦入津水质改善靠什么协议?", "引滦入津水质改善靠什么协议?"),
    "example_3": ("下一步在生态治理方面有哪些安排?", "下一步在生态治理方面有哪些安排?"),
    "example_4": ("What is the plan for Dongjiang?", "What is the plan for Dongjiang?"),
    # an answer
    "asked": ("问", "Question"),
    "blank_question": ("(空白)", "(blank)"),
    "conversation": ("对话", "Conversation"),
    "waiting": ("已收到问题,等待就绪后作答", "Question received; it is answered as soon as everything is ready"),
    "searching": ("正在查找原文……", "Looking through the documents …"),
    "stopped": ("已停止。", "Stopped."),
    "not_answered": ("没有作答:{reason}", "Not answered: {reason}"),
    "fault": (
        "程序出错,本题没有作答;可再问一次,详情见运行窗口。",
        "The program failed on this question; ask again, or see the terminal for details.",
    ),
    "understood_as": ("按此理解:{question}", "Understood as: {question}"),
    "missing": ("文件中没有:{missing}", "Not in the documents: {missing}"),
    "nearest": ("相近的原文,供参考", "Nearest passages, for reference"),
    "nearest_mark": ("相近{number}", "Near {number}"),
    "mark_label": ("出处{number}:{source}", "Source {number}: {source}"),
    "copy": ("复制(含出处)", "Copy with sources"),
    "copied": ("已复制", "Copied"),
    "copy_failed": ("未能复制,请手动选取", "Could not copy; please select the text"),
    # a source
    "sources": ("出处", "Sources"),
    "close": ("关闭", "Close"),
    "reader_empty": (
        "点回答里的编号,原文在这里打开,所引文字已标出。",
        "Click a number in an answer: the passage opens here, the quoted words marked.",
    ),
    "book_title": ("《{title}》", "{title}"),
    "paragraph": ("第{number}段", "para. {number}"),
    "page_number": ("第{number}页", "p. {number}"),
    "comma": (",", ", "),
    "semicolon": (";", "; "),
    "enumeration": ("、", ", "),
    "heading_path": ("所在标题", "Headings"),
    "other_sources": ("本条回答的出处", "Sources of this answer"),
    # documents
    "upload_label": (
        "添加文档:拖到这里,或点击选取(可多选)",
        "Add documents: drop files here, or click to choose (several at once)",
    ),
    "upload_hint": (
        "可添加 txt、md、docx、pdf、xlsx、csv、pptx、html 文件,单个不超过 {size}。同名新稿会替换旧稿,可撤销。",
        "txt, md, docx, pdf, xlsx, csv, pptx and html files, up to {size} each. A new file of the same name replaces "
        "the old one, which can be undone.",
    ),
    "upload_results": ("添加结果", "Outcome"),
    "upload_count": ("正在添加:已完成 {done}/{total} 个文件", "Adding: {done} of {total} files done"),
    "upload_done": ("添加结果({total} 个文件)", "Outcome ({total} files)"),
    "upload_goes_on": ("可以关闭本页,添加会继续", "You may close this page; adding goes on"),
    "upload_clear": ("清除", "Clear"),
    "upload_waiting": ("等待中", "waiting"),
    "upload_running": ("正在添加", "being added"),
    "upload_not_ready": ("等待模型就绪", "waiting for the model"),
    "turn": (
        "另一个进程正在写入,等待中……",
        "another process is writing; waiting for it to finish …",
    ),
    "added": ("已添加", "added"),
    "unchanged": ("内容未变,库中已有", "unchanged: the library has this content already"),
    "replaced": ("已替换同名旧稿", "replaced the earlier file of this name"),
    "unread_pages": ("第 {pages} 页是图片,没有读出文字", "page {pages}: a picture, not read"),
    "refused": ("未添加:{reason}", "refused: {reason}"),
    "upload_fault": ("程序出错,未添加;详情见运行窗口", "the program failed; not added, see the terminal"),
    "upload_broken_off": (
        "未添加:服务中断时尚未完成;请重新选取这个文件",
        "not added: the server ended before it was done; please choose the file again",
    ),
    "upload_foreign": (
        "“{name}”不是本页上传的文件:只读取本页上传的文件,请重新选取。",
        '"{name}" was not uploaded by this page: only uploaded files are read; please choose it again.',
    ),
    "upload_unkept": (
        "数据文件夹写不进去({reason});请检查权限和空间后重新选取",
        "the data folder cannot be written ({reason}); check its permissions and space and choose the file again",
    ),
    # two versions of one document
    "similar": ("与《{title}》几乎相同", "nearly the same as {title}"),
    "similar_kept": ("两份都留", "both kept"),
    "similar_replaced": ("已用它替换旧版", "the old version was replaced by it"),
    "offer_title": ("《{title}》已添加,与库中一份几乎相同", "{title} was added; one in the library is nearly the same"),
    "offer_same": ("逐句相同,只是文件不同。", "Every sentence is the same; only the files differ."),
    "offer_differ": ("共 {count} 句不同:", "{count} sentences differ:"),
    "offer_more": ("另有 {count} 句不同,未列出。", "{count} more are not shown."),
    "offer_old": ("库中原有", "Already there"),
    "offer_new": ("刚添加", "Just added"),
    "offer_none": ("(没有这一句)", "(no such sentence)"),
    "offer_about": ("{file} · {date} · {added} 添加", "{file} · {date} · added {added}"),
    "offer_replace": ("替换旧版", "Replace the old one"),
    "offer_replace_label": ("用刚添加的替换旧版《{title}》", "Replace the old version, {title}"),
    "offer_keep": ("两份都留", "Keep both"),
    "offer_hint": (
        "替换即移除原有的一份,{minutes} 分钟内可撤销。",
        "Replacing removes the old one; {minutes} minutes to undo.",
    ),
    "documents_heading": ("文档库({count} 份)", "Library ({count})"),
    "documents_empty": (
        "还没有文档。在上面添加文件后,就可以提问。",
        "No documents yet. Add files above, then ask about them.",
    ),
    "documents_indexing": (
        "正在首次编入文档,完成后在这里列出。",
        "The documents are being read in; they are listed here when done.",
    ),
    "column_title": ("标题", "Title"),
    "column_file": ("文件名", "File"),
    "column_paragraphs": ("段数", "Paras"),
    "column_characters": ("字数", "Chars"),
    "column_date": ("日期 / 时期", "Date / period"),
    "column_added": ("添加时间", "Added"),
    "column_action": ("操作", "Action"),
    "remove": ("移除", "Remove"),
    "remove_label": ("移除《{title}》", "Remove {title}"),
    "remove_question": ("移除后,回答不再引用它。确定移除?", "Answers will no longer cite it. Remove it?"),
    "remove_confirm": ("确定移除", "Remove"),
    "cancel": ("取消", "Cancel"),
    "removing": ("正在移除……", "Removing …"),
    "removed": ("已移除《{title}》。", "Removed {title}."),
    "removed_when": ("{removed} 移除,可撤销至 {until}", "removed {removed}; undo until {until}"),
    "undo": ("撤销移除", "Undo"),
    "undo_label": ("撤销移除《{title}》", "Undo the removal of {title}"),
    "taking_back": ("正在恢复……", "Taking it back …"),
    "taken_back": ("已恢复《{title}》。", "{title} is back."),
    "unknown": ("—", "—"),
    # figures
    "tab_figures": ("数据", "Figures"),
    "filter_text": ("查找", "Find"),
    "filter_text_hint": ("指标、主体或句中的词", "Words of indicator, entity or sentence"),
    "filter_document": ("文档", "Document"),
    "filter_kind": ("类别", "Kind"),
    "filter_period": ("时期", "Period"),
    "filter_all": ("全部", "All"),
    "figure_value": ("数据", "Figure"),
    "figure_indicator": ("指标", "Indicator"),
    "figure_period": ("时期", "Period"),
    "figure_change": ("变化", "Change"),
    "figure_entity": ("主体", "Entity"),
    "figure_kind": ("类别", "Kind"),
    "figure_quote": ("原句", "Sentence"),
    "figure_source": ("出处", "Source"),
    "figure_copy": ("复制", "Copy"),
    "figure_copying": ("复制", "Copy"),
    "figure_copy_label": ("复制“{value}”及其原句和出处", "Copy {value} with its sentence and source"),
    "figure_copied": ("{value}:“{quote}”({source})", "{value}: “{quote}” ({source})"),
    "kind_count": ("数量", "Count"),
    "kind_amount": ("数额", "Amount"),
    "kind_percent": ("比率", "Percent"),
    "kind_rank": ("位次", "Rank"),
    "kind_ordinal": ("序次", "Ordinal"),
    "kind_date": ("日期", "Date"),
    "kind_code": ("代号", "Code"),
    "figures_none": (
        "还没有数据。添加文档后,其中的每个数据都列在这里。",
        "No figures yet. Each figure of every document is listed here.",
    ),
    "figures_no_match": ("没有符合条件的数据;请放宽查找条件。", "No figure matches; widen the filters."),
    "figures_indexing": (
        "正在首次编入文档,完成后在这里列出其中的数据。",
        "The documents are being read in; their figures are listed here when done.",
    ),
    "figures_shown": ("第 {first}–{last} 条,共 {count} 条", "{first}–{last} of {count}"),
    "figures_pages": ("翻页", "Pages"),
    "figures_previous": ("上一页", "Previous"),
    "figures_next": ("下一页", "Next"),
    "download_csv": ("下载 CSV", "Download CSV"),
    "download_xlsx": ("下载 Excel", "Download Excel"),
    "charts": ("比较图", "Comparison"),
    "chart_choose": ("可比的指标:", "Indicators that can be compared:"),
    "chart_title": ("{indicator}(单位:{unit})", "{indicator} (unit: {unit})"),
    "chart_no_unit": ("无", "none"),
    "chart_hollow": (
        "空心的带“约”“以上”等限定,或写于该年结束之前(多为目标),不连线。",
        "Hollow: with a qualifier (about, over …), or written before the year was over (mostly targets); not joined.",
    ),
    "chart_table": ("以表格查看", "Show as a table"),
    "field_indicator": ("指标", "Indicator"),
    "field_value": ("数值", "Value"),
    "field_unit": ("单位", "Unit"),
    "field_raw": ("原文写法", "As written"),
    "field_period": ("时期", "Period"),
    "field_change": ("变化", "Change"),
    "field_entity": ("主体", "Entity"),
    "field_kind": ("类别", "Kind"),
    "field_document_id": ("文档编号", "Document"),
    "field_file_name": ("文件名", "File"),
    "field_paragraph": ("段", "Paragraph"),
    "field_page": ("页", "Page"),
    "field_start": ("起", "Start"),
    "field_end": ("止", "End"),
    "field_quote": ("原句", "Sentence"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language: `words("removed", title=…)`."""

    language: Language

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its `{names}` filled in. KeyError for an unknown key."""
        chinese, english = PAIRS[key]
        return (english if self.language == "en" else chinese).format(**values)

    def progress(self, step: Progress) -> str:
        """How far a file is."""
        chinese, english = progress_words(step)
        return english if self.language == "en" else chinese

    def of(self, pair: Mapping[str, str]) -> str:
        """The message of a mapping with the keys zh and en."""
        return pair[self.language]

    def error(self, error: XietongError) -> str:
        """The message of an error."""
        return error.en if self.language == "en" else error.zh

    def half(self, both: str) -> str:
        """The half in this language of a message "Chinese / English", as str(error) makes them."""
        chinese, _, english = both.partition(" / ")
        return english if self.language == "en" and english else chinese


def choose_language(accept_language: str) -> Language:
    """The language that an Accept-Language header prefers; Chinese unless it names English first."""
    ranked: list[tuple[float, int, Language]] = []
    for place, item in enumerate(accept_language.split(",")):
        tag, _, quality = item.strip().partition(";q=")
        primary = tag.partition("-")[0].strip().lower()
        if primary in ("zh", "en"):
            ranked.append((-_quality(quality), place, "en" if primary == "en" else "zh"))
    return min(ranked)[2] if ranked else DEFAULT_LANGUAGE


def _quality(text: str) -> float:
    try:
        return float(text or "1")
    except ValueError:
        return 0.0
