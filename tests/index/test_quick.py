import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, current_thread
from typing import Any

import numpy as np
import pytest

from index import layers
from index.bundled import bundled_path, read_packed
from index.embedding import BUNDLED_PROMPTS, SentenceTransformerEmbedder, load_bundled_sentence_transformer
from index.layers import FBGEMM, FloatLinear, Int8Linear, Int8LinearOfGelu, PackedProduct, VnniProduct, quickest_product
from index.quick import PASS_THREADS, QuickEmbedder

torch: Any = pytest.importorskip("torch")
TEXTS = [
    "2023年,天津港集装箱吞吐量完成2218.7万标准箱,比上年增长5.5%。",
    "京津冀",
    "Hello world, this is a longer sentence about rail transport between the three regions.",
    "",
    "推进京津冀协同发展,是习近平总书记亲自谋划、亲自部署、亲自推动的重大国家战略。" * 14,
    "全角ＡＢＣ 和 空格",
    "项目 | 2022年 | 2023年\n一般公共预算收入 | 1846.69 | 2027.34",
]
PRODUCTS = [
    VnniProduct,  # slow where the processor lacks it, and right
    pytest.param(
        PackedProduct,
        marks=pytest.mark.skipif(torch.backends.quantized.engine not in FBGEMM, reason="PyTorch has no FBGEMM here"),
    ),
]


@pytest.fixture(scope="module")
def exact() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(load_bundled_sentence_transformer(), "multilingual-e5-small", "float32")


@pytest.fixture(scope="module")
def quick(model: Any) -> QuickEmbedder:
    if not isinstance(model, QuickEmbedder):
        pytest.skip("this machine has an accelerator")
    return model


def test_a_long_text_gives_way_to_questions_before_each_layer(
    quick: QuickEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(quick._turns, "give_way", lambda: asked.append("?"))
    quick.encode(["京津冀"], "query")
    quick.encode(["京津冀"], "passage")  # as short as a question
    assert asked == []
    quick.encode(["推进京津冀协同发展,疏解北京非首都功能。" * 30], "passage")
    assert len(asked) == len(quick._model._layers)


@pytest.mark.parametrize("role", ["query", "passage"])
def test_int8_agrees_with_float32(quick: QuickEmbedder, exact: SentenceTransformerEmbedder, role: Any) -> None:
    least, least_of_tokens = (0.999, 0.996) if quickest_product() is VnniProduct else (0.998, 0.985)
    for one, expected in zip(quick.encode(TEXTS, role), exact.encode(TEXTS, role), strict=True):
        assert one.vector @ expected.vector >= least
        assert ((one.tokens * expected.tokens).sum(axis=1) >= least_of_tokens).all()
        np.testing.assert_array_equal(one.offsets, expected.offsets)
        assert one.vector.dtype == one.tokens.dtype == np.float32


@pytest.mark.parametrize("role", ["query", "passage"])
def test_a_text_has_the_same_vectors_in_any_company(quick: QuickEmbedder, role: Any) -> None:
    for text, together in zip(TEXTS, quick.encode(TEXTS, role), strict=True):
        alone = quick.encode([text], role)[0]
        assert alone.vector @ together.vector >= 0.9995
        assert ((alone.tokens * together.tokens).sum(axis=1) >= 0.996).all()


def test_threads_get_what_one_thread_gets(quick: QuickEmbedder) -> None:
    short = [text for text in TEXTS if len(text) < 100]
    alone = [quick.encode([text], "query")[0] for text in short]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: quick.encode([text], "query")[0], short * 4))
    for one, expected in zip(found, alone * 4, strict=True):
        np.testing.assert_allclose(one.vector, expected.vector, atol=1e-6)


def test_passes_for_indexing_go_side_by_side_on_a_thread_each_and_a_query_goes_on_its_own(
    quick: QuickEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int]] = []
    together = Barrier(quick.threads, timeout=10)  # broken where the passes came one after the other
    states = quick._model.states

    def waited_for(ids: Any, between: Any = None) -> Any:
        if between:  # a long pass
            together.wait()
        return states(ids, between)

    monkeypatch.setattr(torch, "set_num_threads", lambda n: told.append((current_thread().name, n)))
    monkeypatch.setattr(quick._model, "states", waited_for)
    quick.encode(["推进京津冀协同发展,疏解北京非首都功能。" * 30] * quick.threads, "passage")
    assert {n for _, n in told} == {PASS_THREADS} and len({name for name, _ in told}) == quick.threads
    told.clear()
    quick.encode(["问"], "query")
    assert told == [(current_thread().name, PASS_THREADS)]


def test_no_more_passes_are_on_the_way_than_can_be_at_work(
    quick: QuickEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    pass_ = quick._pass

    def noted(tokens: Any, role: Any) -> Any:
        begun.append(len(tokens))
        return pass_(tokens, role)

    monkeypatch.setattr(quick, "_pass", noted)
    over = [0]

    def rests(done: int) -> None:
        time.sleep(0.05)
        over.append(sum(begun) - done)

    quick.encode(["推进京津冀协同发展,疏解北京非首都功能。" * 20] * 12, "passage", rests)
    assert 0 <= max(over) < quick.threads


def test_progress_rises_to_the_number_of_texts(quick: QuickEmbedder) -> None:
    told: list[int] = []
    quick.encode(["京津冀"] * 70, "passage", told.append)
    assert told == sorted(set(told))
    assert told[-1] == 70 and len(told) > 1


def test_no_texts(quick: QuickEmbedder) -> None:
    assert quick.encode([], "query") == []


def test_the_bundled_model_loads_without_sentence_transformers_where_it_can(quick: QuickEmbedder) -> None:
    code = "import sys; from index import load_embedder as load; load('bundled'); print(sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert "'torch'" in done.stdout
    assert "'sentence_transformers'" not in done.stdout


def test_without_8_bit_products_the_vectors_are_those_of_float32(
    exact: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "quickest_product", lambda: None)
    embedder = QuickEmbedder(read_packed(bundled_path()), "", "", BUNDLED_PROMPTS)
    for one, expected in zip(embedder.encode(TEXTS, "passage"), exact.encode(TEXTS, "passage"), strict=True):
        np.testing.assert_allclose(one.vector, expected.vector, atol=1e-5)
        np.testing.assert_allclose(one.tokens, expected.tokens, atol=1e-4)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_linear_by_int8_is_near_the_exact_one_with_and_without_what_is_known_of_its_rows(product: Any) -> None:
    generator = torch.Generator().manual_seed(1)
    rows, weight = torch.randn(40, 64, generator=generator), torch.randn(48, 64, generator=generator)
    rows[:, 3] *= 40  # a large channel
    exact = FloatLinear(weight, torch.randn(48, generator=generator))
    truth = exact(rows)

    def error(found: Any) -> float:
        return float((found - truth).norm() / truth.norm())

    plain, balanced = (error(Int8Linear(exact, product, reach)(rows)) for reach in (None, rows.abs().amax(dim=0)))
    assert balanced < 0.02
    assert balanced < plain < 0.1
    above = rows.clamp(min=-0.17)
    truth = exact(above)
    assert error(Int8LinearOfGelu(exact, product)(above)) < error(Int8Linear(exact, product)(above)) < 0.05


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("raised", [0.0, 128.0])
def test_sums_of_the_largest_numbers_are_exact(product: Any, raised: float) -> None:
    weight = torch.full((3, 1536), 1.0)
    weight[1], weight[2, ::2] = -1.0, -1.0
    rows = torch.full((2, 1536), 127.0)
    rows[1, ::3] = -128.0
    bias, scale = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([[0.5], [2.0]])
    found = product(weight, raised)(rows.clone(), scale, bias)
    np.testing.assert_allclose(found.numpy(), (((rows + raised) @ weight.t()) * scale + bias).numpy(), rtol=1e-5)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_row_of_zeros_gives_the_bias(product: Any) -> None:
    exact = FloatLinear(torch.ones(2, 4), torch.tensor([0.5, -1.0]))
    for linear in (Int8Linear(exact, product), Int8LinearOfGelu(exact, product)):
        np.testing.assert_allclose(linear(torch.zeros(1, 4)).numpy(), [[0.5, -1.0]], atol=0.02)


def test_each_processor_has_the_product_that_is_quickest_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for able, engine, product in (
        ({"avx512_vnni": True, "avx2": True}, "x86", VnniProduct),
        ({"avx2": True}, "x86", PackedProduct),
        ({"avx2": True}, "onednn", None),
        ({"architecture": "aarch64"}, "qnnpack", None),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda able=able: able)
        monkeypatch.setattr(layers, "_engine", lambda engine=engine: engine)
        assert quickest_product.__wrapped__() is product


def test_the_model_of_the_setting_is_the_quick_one_exactly_where_there_is_no_accelerator(model: Any) -> None:
    assert isinstance(model, QuickEmbedder) != torch.accelerator.is_available()
    assert model.name == "multilingual-e5-small"
