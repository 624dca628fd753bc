from pathlib import Path

import pytest

from assistant import InputRefused, Settings
from assistant.settings import DEFAULT_MIN_CONFIDENCE, TABLE
from index import Bounds, VectorServer


def refused(root: Path, environ: dict[str, str]) -> str:
    with pytest.raises(InputRefused) as refusal:
        Settings.load(root, environ)
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_without_any_setting_the_defaults_hold(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {}) == Settings(
        data=tmp_path / ".xietong",
        sources=tmp_path / "source_docs",
        embedding_model="bundled",
        max_file_bytes=50 * 1024 * 1024,
        bounds=Bounds(),
        undo_seconds=600,
        max_question_chars=1000,
        min_confidence=DEFAULT_MIN_CONFIDENCE / 100,
        host="127.0.0.1",
        port=7860,
    )


def test_the_environment_goes_before_the_file_and_the_file_before_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("XIETONG_DATA=from-file\nXIETONG_MAX_QUESTION=5\n", "utf-8")
    settings = Settings.load(tmp_path, {"XIETONG_DATA": "from-environment"})
    assert settings.data == tmp_path / "from-environment"
    assert (settings.max_question_chars, settings.bounds.characters) == (5, 3_000_000)


def test_relative_paths_lie_beside_app_py_and_whole_ones_stay(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path, {"XIETONG_DATA": "数据/甲", "XIETONG_SOURCES": "/srv/文件"})
    assert (settings.data, settings.sources) == (tmp_path / "数据" / "甲", Path("/srv/文件"))


def test_a_tilde_is_the_home_folder(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {"XIETONG_DATA": "~/x"}).data == Path.home() / "x"


def test_a_home_folder_of_nobody_is_refused(tmp_path: Path) -> None:
    assert "XIETONG_SOURCES" in refused(tmp_path, {"XIETONG_SOURCES": "~no-such-user-here/x"})


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_value_is_none(tmp_path: Path, empty: str) -> None:
    assert Settings.load(tmp_path, {name: empty for name, *_ in TABLE}) == Settings.load(tmp_path, {})
    assert Settings.load(tmp_path, {"XIETONG_USERS": empty}) == Settings.load(tmp_path, {})


def test_sizes_are_given_in_megabytes(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {"XIETONG_MAX_FILE_MB": " 3 "}).max_file_bytes == 3 * 2**20


@pytest.mark.parametrize("name", ["XIETONG_MAX_FILE_MB", "XIETONG_MAX_CHARACTERS", "XIETONG_MAX_QUESTION"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "１２", "1e3", "1 000", "1000000000", "9" * 5000, "²"])
def test_a_bound_that_is_no_whole_number_is_refused_with_the_rule(tmp_path: Path, name: str, value: str) -> None:
    said = refused(tmp_path, {name: value})
    assert name in said and value[:40] in said and "from 1 to 999999999" in said and len(said) < 500


def test_vectors_lie_here_unless_a_milvus_server_is_named(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {}).vectors is None
    assert Settings.load(tmp_path, {"XIETONG_VECTORS": "faiss"}).vectors is None
    named = {"XIETONG_VECTORS": " milvus+http://10.0.0.5 ", "XIETONG_VECTORS_TOKEN": "root:Milvus"}
    settings = Settings.load(tmp_path, named)
    assert settings.vectors == VectorServer("http://10.0.0.5:19530", "root:Milvus")
    assert "Milvus" not in repr(settings)
    assert Settings.load(tmp_path, {"XIETONG_VECTORS": "milvus+https://m.cn:443/"}).vectors == VectorServer(
        "https://m.cn:443"
    )


@pytest.mark.parametrize(
    "value",
    [
        *("milvus", "http://h:1", "milvus+ftp://h:1", "milvus+http://", "milvus+http://h:0", "milvus+http://h:x"),
        *("milvus+http://u:p@h:1", "milvus+http://h:1/path", "milvus+http://h:1?a", "qdrant", "FAISS"),
    ],
)
def test_another_engine_or_a_malformed_address_is_refused_and_not_ignored(tmp_path: Path, value: str) -> None:
    said = refused(tmp_path, {"XIETONG_VECTORS": value})
    assert "XIETONG_VECTORS" in said and value in said and "milvus+http://127.0.0.1:19530" in said


def test_the_file_of_users_lies_beside_app_py(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {}).users is None
    assert Settings.load(tmp_path, {"XIETONG_USERS": "users.jsonl"}).users == tmp_path / "users.jsonl"


def test_public_addresses_are_schemes_and_hosts(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path, {"XIETONG_PUBLIC_URL": "https://QA.example.cn/  http://10.0.0.5:7860"})
    assert settings.public_urls == ("https://qa.example.cn", "http://10.0.0.5:7860")


@pytest.mark.parametrize(
    "value", ["qa.example.cn", "ftp://a", "https://a/path", "https://u@a", "https://a:x", "https://a?b", "https://"]
)
def test_what_is_no_public_address_is_refused(tmp_path: Path, value: str) -> None:
    said = refused(tmp_path, {"XIETONG_PUBLIC_URL": value})
    assert "XIETONG_PUBLIC_URL" in said and value in said and "https://qa.example.cn" in said


def test_a_folder_beside_app_py_goes_before_a_hub_id(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {"XIETONG_EMBEDDING_MODEL": "org/model"}).embedding_model == "org/model"
    (tmp_path / "org" / "model").mkdir(parents=True)
    settings = Settings.load(tmp_path, {"XIETONG_EMBEDDING_MODEL": "org/model"})
    assert settings.embedding_model == str(tmp_path / "org" / "model")


def test_a_file_of_settings_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("XIETONG_DATA=数据".encode("gb18030"))
    said = refused(tmp_path, {})
    assert str(tmp_path / ".env") in said and "UTF-8" in said


def test_quotes_and_comments_of_a_file_of_settings_are_no_part_of_the_value(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('# 设置\nexport XIETONG_DATA="我的 数据" # 说明\nXIETONG_SOURCES\n', "utf-8")
    settings = Settings.load(tmp_path, {})
    assert (settings.data, settings.sources) == (tmp_path / "我的 数据", tmp_path / "source_docs")


def test_the_least_confidence_is_a_percentage(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, {"XIETONG_MIN_CONFIDENCE": "35"}).min_confidence == 0.35
    assert "1 到 100" in refused(tmp_path, {"XIETONG_MIN_CONFIDENCE": "101"})
    assert "XIETONG_MIN_CONFIDENCE" in refused(tmp_path, {"XIETONG_MIN_CONFIDENCE": "0.3"})
