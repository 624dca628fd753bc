from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from index import layers
from index.joint import JointNetwork, row_of, unpacked
from index.judge import CHARACTERS, MAX_CONTEXT, MAX_QUESTION, MAX_SENTENCE, Text
from index.layers import quickest_product, scripted
from tests.training import network as trained

SHAPE = {"dim": 64, "width": 32, "layers": 2, "heads": 4}
LETTERS = "天津滨海新区二百零三家企业,"
needs_int8 = pytest.mark.skipif(not quickest_product(), reason="this processor multiplies no int8")
Triple = tuple[Text, Text | None, Text]


def text(tokens: int, seed: int) -> Text:
    """So many random tokens of one character each, some of them without any."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(tokens, SHAPE["dim"])) + 1
    vectors *= 127 / np.linalg.norm(vectors, axis=1, keepdims=True)
    words = tuple(rng.choice(["", *LETTERS], tokens).tolist())
    characters = [(ord(w) % CHARACTERS + 1,) * 2 if w else (0, 0) for w in words]
    spans = np.stack([np.arange(tokens), np.arange(1, tokens + 1)], axis=1).astype(np.int32)
    return Text(
        "".join(words), vectors.round().astype(np.int8), spans, words, np.array(characters, np.int64).reshape(-1, 2)
    )


TRIPLES: Sequence[Triple] = (
    (text(7, 1), text(5, 2), text(30, 3)),
    (text(7, 1), None, text(30, 3)),
    (text(1, 4), text(1, 5), text(1, 6)),
    (text(9, 7), text(0, 0), text(2, 8)),
    (text(MAX_QUESTION, 9), text(MAX_CONTEXT, 10), text(MAX_SENTENCE, 11)),
)


@pytest.fixture(scope="module")
def whole() -> trained.JointNetwork:
    torch.manual_seed(3)
    network = trained.JointNetwork(**SHAPE).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, 0, 0.2)
    network.mean.normal_(0, 0.1)
    network.spread.uniform_(0.05, 0.2)
    return network


def outputs(network: trained.JointNetwork, made: Callable[[Any], Any]) -> Iterator[tuple[float, float, float]]:
    """Of each triple: the log-odds, those of the network as it is trained, and how far probabilities lie apart."""
    one_by_one = made(JointNetwork(network.state_dict(), SHAPE["layers"], SHAPE["heads"]))
    with torch.inference_mode():
        logits, logs = network(trained.rows_of(TRIPLES))
        for row, (question, context, sentence) in enumerate(TRIPLES):
            answer, own = (t.numpy() for t in one_by_one(*row_of(question, context, sentence)))
            begin = 1 + len(question.tokens) + (len(context.tokens) if context else 0)
            expected = logs[row, begin : begin + len(sentence.tokens)].numpy()
            assert own.shape == expected.shape
            yield float(answer[0]), float(logits[row]), float(np.abs(np.exp(own) - np.exp(expected)).max())


@pytest.mark.parametrize("made", [scripted, lambda network: network])
def test_one_row_is_read_as_the_trained_network_reads_it_among_padded_ones(
    whole: trained.JointNetwork, made: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "quickest_product", lambda: None)
    for answer, expected, apart in outputs(whole, made):
        assert answer == pytest.approx(expected, abs=1e-3)
        assert apart < 1e-4


@needs_int8
def test_8_bit_products_change_little(whole: trained.JointNetwork) -> None:
    found = list(outputs(whole, scripted))
    spread = np.std([expected for _, expected, _ in found])
    for answer, expected, apart in found:
        assert abs(answer - expected) < 0.1 * spread
        assert apart < 0.05


def test_weights_are_stored_in_a_byte_each_and_come_back_close(whole: trained.JointNetwork) -> None:
    state = whole.state_dict()
    stored = trained.packed(state)
    assert stored["layers.0.qkv.weight"].dtype == np.int8
    again = unpacked(stored)
    assert again.keys() == state.keys()
    for name, value in state.items():
        assert torch.allclose(again[name], value, atol=float(value.abs().max()) / 100), name
