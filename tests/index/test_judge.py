import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from index import Embedder, Judge, load_judge
from index.search import as_int8
from tests.assistant.hits import passage
from tests.training.network import JointNetwork, packed

QUESTION = "武清区新增了多少家企业?"
SENTENCES = ["武清区去年新增企业三百家。", "宝坻区的湿地得到保护,去年新增企业二百家,比上年增长一成。", "今年完工。"]
CONTEXTS = ["武清区政府工作报告", "", "蓟州区"]
SHAPE = {"dim": 64, "width": 32, "layers": 1, "heads": 4}


@pytest.fixture
def weights(tmp_path: Path) -> Callable[..., Path]:
    """A file of random weights, as if it had been trained with the tests' embedder."""

    def write(base: str = "bigrams 1", bias: float = 0.0) -> Path:
        torch.manual_seed(3)
        network = JointNetwork(**SHAPE)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, 0, 0.5)
        with torch.no_grad():
            network.answer.bias.fill_(bias)
        settings = {"base": base, **SHAPE, "slope": 0.5, "shift": 0.1}
        path = tmp_path / "judge.safetensors"
        save_file(packed(network.state_dict()), path, {"judge": json.dumps(settings)})
        return path

    return write


@pytest.fixture
def judge(weights: Callable[..., Path], embedder: Embedder) -> Judge:
    found = load_judge(weights(), embedder)
    assert found is not None
    return found


def test_without_weights_there_is_no_judge(tmp_path: Path, embedder: Embedder) -> None:
    assert load_judge(tmp_path / "none.safetensors", embedder) is None


def test_with_another_model_than_it_was_trained_with_there_is_no_judge(
    weights: Callable[..., Path], embedder: Embedder
) -> None:
    assert load_judge(weights("another 1"), embedder) is None
    assert load_judge(weights("bigrams 2"), embedder) is None


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"\xff" * 64,
        lambda whole: whole[:4000],
        lambda whole: whole.replace(b"qkv", b"qkw"),
        lambda whole: whole.replace(b'\\"slope\\": 0.5', b'\\"slopf\\": 0.5'),
        lambda whole: whole.replace(b'\\"heads\\": 4', b'\\"heads\\": 5'),
    ],
)
def test_with_a_damaged_file_there_is_no_judge_and_the_log_says_so(
    weights: Callable[..., Path],
    embedder: Embedder,
    spoilt: bytes | Callable[[bytes], bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = weights()
    whole = path.read_bytes()
    damaged = spoilt(whole) if callable(spoilt) else spoilt
    assert damaged != whole
    path.write_bytes(damaged)
    assert load_judge(path, embedder) is None
    assert "cannot be read" in caplog.text


def test_weights_that_are_no_numbers_make_no_judge(weights: Callable[..., Path], embedder: Embedder) -> None:
    assert load_judge(weights(bias=float("nan")), embedder) is None


def test_each_sentence_gets_its_reading_whatever_stands_beside_it(judge: Judge) -> None:
    together = judge.read(QUESTION, SENTENCES, CONTEXTS)
    for sentence, context, reading in zip(SENTENCES, CONTEXTS, together, strict=True):
        (alone,) = judge.read(QUESTION, [sentence], [context])
        assert alone.answers == pytest.approx(reading.answers, abs=0.02)
        assert 0 < reading.answers < 1
        assert len(reading.starts) == len(reading.ends) > 0
        assert alone.starts == pytest.approx(reading.starts, abs=0.2)
        assert np.exp(reading.starts).sum() < 1 > np.exp(reading.ends).sum()  # what is left is that of "none"


def test_without_a_spare_core_the_same_is_read_one_after_another(judge: Judge, embedder: Embedder) -> None:
    threads: list[str] = []

    def network(*texts: Any) -> Any:
        threads.append(threading.current_thread().name)
        return judge._network(*texts)

    one_core = Judge(network, embedder, judge._slope, judge._shift, lambda: False)
    assert one_core.read(QUESTION, SENTENCES, CONTEXTS) == judge.read(QUESTION, SENTENCES, CONTEXTS)
    assert threads == [threading.current_thread().name] * len(SENTENCES)


def test_the_context_counts(judge: Judge) -> None:
    (bare,), (placed,) = judge.read(QUESTION, SENTENCES[:1]), judge.read(QUESTION, SENTENCES[:1], CONTEXTS[:1])
    assert bare.answers != placed.answers


def test_nothing_to_read_and_texts_without_words(judge: Judge) -> None:
    assert judge.read(QUESTION, []) == []
    assert len(judge.read("?", ["。", "!"])) == 2
    empty = (np.zeros((0, 64), np.int8), np.zeros((0, 2), np.int32))
    nothing, read = judge.read(QUESTION, ["…", SENTENCES[0]], (), [empty, None])
    assert (nothing.answers, len(nothing.starts)) == (0.5, 0)
    assert read.answers == pytest.approx(judge.read(QUESTION, SENTENCES[:1])[0].answers, abs=0.02)


def test_kept_token_vectors_are_used_and_tell_the_same(judge: Judge, embedder: Any) -> None:
    encodings = embedder.encode(SENTENCES, "passage")
    kept = [(as_int8(e.tokens), e.offsets) for e in encodings]
    before = judge.read(QUESTION, SENTENCES, CONTEXTS)
    embedder.encoded.clear()
    assert judge.read(QUESTION, SENTENCES, CONTEXTS, kept) == before
    assert embedder.encoded == [QUESTION]
    named = {c: embedder.encode([c], "passage")[0] for c in CONTEXTS if c}
    passages = [passage("。", c) for c in CONTEXTS]
    above = {p: (as_int8(named[c].tokens), named[c].offsets) for p, c in zip(passages, CONTEXTS, strict=True) if c}
    anew = Judge(judge._network, embedder, judge._slope, judge._shift, line=above.get)
    embedder.encoded.clear()
    assert anew.read(QUESTION, SENTENCES, CONTEXTS, kept, passages) == before
    assert embedder.encoded == [QUESTION]
    fresh = ["别的区新增企业一百家。"]
    anew.read(QUESTION, fresh, (), [None])
    assert embedder.encoded == [QUESTION, QUESTION, *fresh]


def test_tokens_of_a_tables_header_stand_before_the_sentence(judge: Judge, embedder: Embedder) -> None:
    header, row = "指标 | 单位 ", "企业 | 三百家"
    (whole,) = embedder.encode([header + row], "passage")
    kept = [(as_int8(whole.tokens), (whole.offsets - len(header)).astype(np.int32))]
    (reading,) = judge.read(QUESTION, [row], (), kept)
    assert len(reading.starts) == len(whole.offsets)


def test_several_threads_read_what_one_reads(judge: Judge) -> None:
    expected = judge.read(QUESTION, SENTENCES, CONTEXTS)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: judge.read(QUESTION, SENTENCES, CONTEXTS), range(12)))
    assert all(one == expected for one in found)
