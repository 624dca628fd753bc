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
    "within": ("在哪些文档里找(默认全部)", "Documents to ask (all by default)"),
    "edit": ("改问", "Edit"),
    "edit_label": ("改问第 {number} 问", "Edit question {number}"),
    "edit_hint": (
        "改好后发送;这一问及之后的问答会被替换",
        "Send when done; this question and what follows it are replaced",
    ),
    # conversations
    "talks": ("对话列表", "Conversations"),
    "talks_show": ("对话", "Conversations"),
    "talks_search": ("搜索对话", "Search conversations"),
    "talks_none": ("提问后,对话自动保存在这里。", "Conversations are kept here once you ask."),
    "talks_none_found": ("没有对话含有这些字。", "No conversation holds these words."),
    "today": ("今天", "Today"),
    "yesterday": ("昨天", "Yesterday"),
    "days_ago": ("{days} 天前", "{days} days ago"),
    "rename": ("改名", "Rename"),
    "rename_label": ("给对话“{title}”改名", "Rename the conversation “{title}”"),
    "delete": ("删除", "Delete"),
    "delete_label": ("删除对话“{title}”", "Delete the conversation “{title}”"),
    "deleted": ("已删除“{title}”。", "“{title}” was deleted."),
    "delete_undo": ("撤销删除", "Undo"),
    "export_docx": ("导出 Word", "Word"),
    "export_md": ("导出 Markdown", "Markdown"),
    "welcome": ("想从文件里查什么?", "What would you like to find in the documents?"),
    "welcome_hint": (
        "指标、举措、清单、下一步安排都可以问。文件没有写的,会直说没有。",
        "Ask for figures, measures, lists or plans. What the documents do not say, the answer says plainly.",
    ),
    "examples": ("试试这些问题", "Try one of these"),
    "example_1": (
        "2021年天津港集装箱吞吐量是多少?",
        "How many municipal powers were handed down to Binhai New Area?",
    ),
    "example_2": ("引滦入津水质改善靠什么协议?", "How many berths have shore power?"),
    "example_3": ("下一步在生态治理方面有哪些安排?", "下一步在生态治理方面有哪些安排?"),
    "example_4": ("What is the plan for Dongjiang?", "What is the plan for Dongjiang?"),
    # an answer
    "asked": ("问", "Question"),
    "blank_question": ("(空白)", "(blank)"),
    "conversation": ("对话", "Conversation"),
    "waiting": ("已收到问题,等待就绪后作答", "Question received; it is answered as soon as everything is ready"),
    "searching": ("正在查找原文……", "Looking through the documents …"),
    "stopped": ("已停止。", "Stopped."),
    "one_by_one": (
        "上一问还在作答,请稍等再发送。",
        "The question before is still being answered; send this one after it.",
    ),
    "not_kept": ("这条回答没有存进对话:{reason}", "This answer was not kept: {reason}"),
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
    "copy_short": ("复制这个数值(含出处)", "Copy this value with its source"),
    "copy_sentence": ("复制这句(含出处)", "Copy this sentence with its source"),
    "source_replaced": (
        "《{title}》已替换({date}):以上引自替换前的文本。",
        "{title} was replaced on {date}: the quotes above are from the text before that.",
    ),
    "source_removed": (
        "《{title}》已撤回({date}):以上引自撤回前的文本。",
        "{title} was withdrawn on {date}: the quotes above are from its text as it was.",
    ),
    "next_questions": ("还可以问", "You may also ask"),
    "reworded_questions": ("文件能回答的相近问题", "Near questions that the documents answer"),
    "feedback": ("评价这条回答", "Rate this answer"),
    "feedback_helpful": ("有用", "Helpful"),
    "feedback_wrong_number": ("数字错", "Wrong number"),
    "feedback_wrong_source": ("出处错", "Wrong source"),
    "feedback_should_have_been_found": ("文件里有,该找到", "It is in the documents"),
    "feedback_note": ("哪里不对?(可不填)", "What is wrong? (optional)"),
    "feedback_send": ("提交说明", "Send the note"),
    "feedback_kept": ("已记下,谢谢。", "Noted, thank you."),
    "copy": ("复制(含出处)", "Copy with sources"),
    "copied": ("已复制", "Copied"),
    "copy_failed": ("未能复制,请手动选取", "Could not copy; please select the text"),
    # a source
    "sources": ("出处", "Sources"),
    "close": ("关闭", "Close"),
    "book_title": ("《{title}》", "{title}"),
    "paragraph": ("第{number}段", "para. {number}"),
    "page_number": ("第{number}页", "p. {number}"),
    "comma": (",", ", "),
    "semicolon": (";", "; "),
    "enumeration": ("、", ", "),
    "heading_path": ("所在标题", "Headings"),
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
    # looking for passages
    "find": ("查找", "Find"),
    "find_label": ("在全部文档里查找段落", "Find passages in all documents"),
    "find_placeholder": ("在全部文档里查找段落", "Find passages in all documents"),
    "find_results": ("找到的段落", "Passages found"),
    "find_nothing": ("没有相近的段落。", "No passage comes near."),
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
    "column_size": ("规模", "Size"),
    "count_pages": ("{count} 页", "{count} pages"),
    "count_paragraphs": ("{count} 段", "{count} paras"),
    "count_characters": ("{count} 字", "{count} chars"),
    "outline": ("目录", "Outline"),
    "outline_label": ("《{title}》的目录", "Outline of {title}"),
    "outline_none": ("这份文档没有标题层级。", "This document has no headings."),
    "renew": ("换新版", "Replace"),
    "renew_label": ("用新文件替换《{title}》", "Replace {title} with a new file"),
    "renew_choose": (
        "选取一个新文件来替换《{title}》:拖到上面或点击选取。加入后旧版移除,可撤销。",
        "Choose one file to replace {title}: drop it above, or click to choose. The old version is removed once the "
        "new one is in, which can be undone.",
    ),
    "renew_several": (
        "选了多个文件,没有替换《{title}》;它们会一起加入。",
        "Several files were chosen, so {title} is not replaced; they are added beside it.",
    ),
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
    # exports
    "export_about": ("协同问答导出 · {count} 问 · {day}", "Exported from Xietong · {count} questions · {day}"),
    "export_unanswered": ("(未作答)", "(not answered)"),
    "export_replaced": ("已替换({day})", "replaced on {day}"),
    "export_removed": ("已撤回({day})", "withdrawn on {day}"),
    "export_unknown": ("已不在库中", "no longer in the library"),
    "colon": (":", ": "),
    "quoted": ("“{quote}”", "“{quote}”"),
    # the reader
    "reader_empty": (
        "点回答里的编号,整份文件在这里打开,所引文字已标出。",
        "Click a number in an answer: the whole document opens here, the quoted words marked.",
    ),
    "reader_original": ("下载原件", "Original file"),
    "reader_table": ("表格", "Table"),
    "reader_tools": ("原文工具", "Tools of the reader"),
    "reader_link": ("复制链接", "Copy link"),
    "reader_linked": ("已复制链接", "Link copied"),
    "reader_wide": ("宽屏", "Wide"),
    "reader_previous": ("上一处引文", "Previous citation"),
    "reader_next": ("下一处引文", "Next citation"),
    "reader_counted": ("引文 {at}/{of}", "Citation {at}/{of}"),
    "reader_outline": ("目录", "Outline"),
    "reader_below": ("下级 {count} 项", "{count} below"),
    "reader_find": ("查找", "Find"),
    "reader_search": ("在本文件中查找", "Find in this document"),
    "reader_hits": ("{at}/{of}", "{at}/{of}"),
    "reader_none": ("没有找到", "Not found"),
    "reader_earlier": ("上一处", "Previous hit"),
    "reader_later": ("下一处", "Next hit"),
    "reader_views": ("显示方式", "View"),
    "reader_text": ("文字", "Text"),
    "reader_page": ("原页", "Page image"),
    "reader_image": ("{title},第{page}页", "{title}, page {page}"),
    "reader_back": ("上一页", "Previous page"),
    "reader_forward": ("下一页", "Next page"),
    "reader_turn": (
        "第 {page} 页还没有画:正有别的页在画,等了 {seconds} 秒;请稍后再点。",
        "page {page} is not drawn yet: others are being drawn, and its turn did not come within {seconds} s; click "
        "again in a moment.",
    ),
    "reader_before": ("前文", "Earlier text"),
    "reader_after": ("后文", "Later text"),
    "reader_opened": ("已打开{title}", "{title} is open"),
    "reader_lost": ("未能打开,请检查连接后再点一次。", "Could not be opened; check the connection and click again."),
    "reader_other": (
        "此处现在的文字与回答所引的不同;回答所引的原文在下面。",
        "The text here now differs from what the answer quotes; what it quoted is below.",
    ),
    "reader_replaced": ("这份文件已被新的版本替换。", "This document has been replaced by a newer version."),
    "reader_removed": ("这份文件已从文档库移除。", "This document has been removed from the library."),
    "reader_unknown": ("文档库中没有这份文件。", "The library has no such document."),
    "reader_gone_at": ("({at})", " ({at})"),
    "reader_latest": ("打开现在的版本《{title}》", "Open the present version, {title}"),
    "preview": ("预览", "Preview"),
    "preview_label": ("预览《{title}》", "Preview {title}"),
    # users
    "refused_title": ("没有执行", "Not done"),
    "not_signed_in": (
        "没有登录,或登录已结束:须先登录;请打开 /login 登录,程序请带上有效的令牌。",
        "Nobody is signed in, or the session has ended: sign in first at /login; programs must send a valid token.",
    ),
    "not_editor": (
        "您的角色是只读:添加、替换、移除文档须有编辑权限;请找管理员把角色改为 editor。",
        "Your role is reader: adding, replacing and removing documents needs the role editor; ask whoever runs this "
        "server for it.",
    ),
    "not_own_page": (
        "这个页面不属于您的登录:每次登录只能用自己打开的页面;请刷新网页。",
        "This page is not of your session: each session uses the pages that it opened; reload the page.",
    ),
    "api_busy": ("正忙,请稍后再试。", "Busy; try again in a moment."),
    "api_query": (
        "查询须有 1 到 {bound} 个字符,请改短或写出内容。",
        "A query must have 1 to {bound} characters; shorten it, or say what to look for.",
    ),
    "api_text": ("{name} 须是文字,请改成字符串。", "{name} must be text; send a string."),
    "api_list": ("documents 须是编号的列表。", "documents must be a list of ids."),
    "api_count": ("k 须是 1 到 {bound} 的整数。", "k must be a whole number from 1 to {bound}."),
    "api_history": (
        'history 须是列表 [{{"question", "answer"}}]。',
        'history must be a list [{{"question", "answer"}}].',
    ),
    "api_place": (
        "start 和 end 须是 0 到 {length} 之间的整数,start 在前,相距至多 {bound}。",
        "start and end must be whole numbers from 0 to {length}, start first, at most {bound} apart.",
    ),
    "login_title": ("登录 · 协同问答", "Sign in · Xietong"),
    "login_name": ("用户名", "Name"),
    "login_password": ("口令", "Password"),
    "login_submit": ("登录", "Sign in"),
    "login_hint": (
        "没有账号或忘了口令,请找管理员:用户由他在服务器上添加。",
        "No account, or a forgotten password? Ask whoever runs this server: users are added there.",
    ),
    "login_wrong": ("用户名或口令不对,请重新输入。", "The name or the password is wrong; please enter them again."),
    "login_wait": (
        "试的次数太多,请 {seconds} 秒后再试。",
        "Too many attempts; please try again in {seconds} seconds.",
    ),
    "login_closed": (
        "用户文件读不出来,暂时无法登录;请告诉管理员,运行窗口里写明了原因。",
        "The file of users cannot be read, so nobody can sign in; tell whoever runs this server: its terminal says "
        "why.",
    ),
    "login_unreadable": ("表单读不懂,请重新输入。", "The form could not be read; please enter it again."),
    "login_ended": (
        "登录已结束,页面不再更新。没有发出的文字可以先复制下来。",
        "Your session has ended; this page is no longer brought up to date. Copy what you have not sent.",
    ),
    "login_again": ("重新登录", "Sign in again"),
    "logout": ("退出", "Sign out"),
    "role_reader": ("只读", "reader"),
    "role_editor": ("可编辑", "editor"),
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
    # plans
    "tab_plans": ("计划", "Plans"),
    "plans_intro": (
        "每一条计划旁边,是文件自己对它的报告:本文件的进展,或次年报告的结果。没有报告的,会直说没有。",
        "Beside each plan stands what the documents report of it: progress told in the same document, or the outcome "
        "told a year later. Where nothing is reported, it says so.",
    ),
    "plans_document": ("文件", "Document"),
    "plans_every": ("全部文件", "All documents"),
    "plans_text": ("查找", "Find"),
    "plans_text_hint": ("在计划与进展中查找", "Find in plans and progress"),
    "plans_told": ("显示", "Show"),
    "plans_all": ("全部", "All"),
    "plans_with": ("有进展", "With progress"),
    "plans_without": ("没有报告", "Nothing reported"),
    "plans_indexing": ("正在编入文档,完成后对照……", "The documents are being read in; then they are compared …"),
    "plans_working": ("正在对照计划与进展……{progress}", "Comparing plans with progress … {progress}"),
    "plans_none": ("文件没有报告进展", "no progress reported"),
    "plans_nothing": (
        "这里没有计划:已有的文件没有“下一步”“工作安排”一类的部分。",
        "No plans here: the documents hold no part that sets tasks for the time to come.",
    ),
    "plans_no_match": ("没有符合条件的计划;请放宽筛选。", "No plan matches; try a wider filter."),
    "plans_count": ("共 {count} 条计划,{told} 条有进展", "{count} plans, {told} of them with progress"),
    "plans_export": ("导出 CSV", "Export CSV"),
    "plans_more": ("再显示 {count} 条(还有 {left} 条)", "Show {count} more ({left} left)"),
    "plans_by_topic": ("各主题的计划与进展", "Plans and progress by topic"),
    "plans_by_document": ("各文件的计划与进展", "Plans and progress by document"),
    "plans_more_topics": ("另有 {count} 个主题未画出", "{count} more topics are not drawn"),
    "plans_sure": ("有报告", "reported"),
    "plans_near": ("相近,请核对", "related, please check"),
    "plans_silent": ("没有报告", "nothing reported"),
    "plans_bar": (
        "{topic}:有报告 {sure} 条,相近 {near} 条,没有报告 {silent} 条",
        "{topic}: {sure} reported, {near} related, {silent} with nothing reported",
    ),
    "plans_plan": ("计划", "Plan"),
    "plans_progress": ("进展", "Progress"),
    "plans_later": ("次年报告", "A year later"),
    "plans_open": ("打开原文:{where}", "Open the source: {where}"),
    "plans_no_topic": ("(没有标题)", "(no heading)"),
    "plans_csv_document": ("文件", "Document"),
    "plans_csv_topic": ("主题", "Topic"),
    "plans_csv_paragraph": ("段", "Paragraph"),
    "plans_csv_match": ("程度", "Match"),
    # Several servers
    "sessions_unusable": (
        "登录记录“{path}”无法使用({reason}):它须可读可写;请检查权限和空间,或停止服务后删去该文件"
        "(大家须重新登录,别无损失)。",
        'the sign-ins in "{path}" cannot be used ({reason}): the file must be readable and writable; check permissions '
        "and space, or stop the servers and delete it (everybody signs in again, nothing else is lost).",
    ),
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
