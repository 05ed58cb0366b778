"""Record between which values the inputs of an encoder's products lie, for them to be made in eight-bit integers.

    python -m quotestance.training.ranges MODEL

MODEL is a model folder; its scorer and reader are given anew what `model/eight_bit.py` needs. Training and release do
this by themselves. The text is that of our own passages.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from quotestance.model.components import MANIFEST, add_ranges
from quotestance.model.eight_bit import PLACES, bert_layers
from quotestance.model.scorer import Scorer
from quotestance.model.segmentation import segment
from quotestance.model.settings import Settings
from quotestance.model.tagger import Tagger
from quotestance.training.examples import passage_of
from quotestance.training.labels import LabelledArticle, read_labels, statements_of
from quotestance.training.own_data import PASSAGES

Kind = Literal["scorer", "reader"]
_ARTICLES = 24  # some 120 passages of the scorer's
_PLAIN = Settings(device="cpu", precision="float32")


def record_ranges(folder: Path, kind: Kind) -> None:
    """Add ranges to the component `kind` of a model folder; one whose encoder is no plain BERT is left as it is.

    Raises ModelError when the component cannot be loaded.
    """
    part = (Scorer if kind == "scorer" else Tagger).load(folder / kind, _PLAIN)
    if not bert_layers(part.encoder):
        return
    own = read_labels([PASSAGES]).articles
    with _recording(part.encoder) as ranges:
        _read(part, own[:: max(1, len(own) // _ARTICLES)])
    add_ranges(folder / kind, ranges)


def _read(part: Scorer | Tagger, articles: tuple[LabelledArticle, ...]) -> None:
    if isinstance(part, Scorer):
        part.logits([passage_of(s, part.config.limits) for s in statements_of(articles)])
    else:
        part.tag([segment(article.text) for article in articles])


@contextmanager
def _recording(encoder: PreTrainedModel) -> Iterator[dict[str, Tensor]]:
    """Fill the result, while it lasts, with the least and greatest input of each channel by `layer.place`.

    Only tokens count: what rows are filled up with is not read for its own sake.
    """
    ranges: dict[str, Tensor] = {}
    tokens = torch.empty(0)

    def mark(_: nn.Module, __: tuple[Any, ...], named: dict[str, Any]) -> None:
        nonlocal tokens
        tokens = named["attention_mask"].bool()

    def watch(name: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
        def widen(_: nn.Module, inputs: tuple[Any, ...]) -> None:
            low, high = inputs[0][tokens].aminmax(dim=0)
            known = ranges.get(name, torch.stack([low, high]))
            ranges[name] = torch.stack([torch.minimum(low, known[0]), torch.maximum(high, known[1])])

        return widen

    handles = [encoder.register_forward_pre_hook(mark, with_kwargs=True)]
    handles += [
        layer.get_submodule(place).register_forward_pre_hook(watch(f"{name}.{place}"))
        for name, layer in bert_layers(encoder).items()
        for place in PLACES
    ]
    try:
        yield ranges
    finally:
        for handle in handles:
            handle.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    folder = parser.parse_args().model
    kinds: tuple[Kind, ...] = ("scorer", "reader")
    for kind in kinds:
        if (folder / kind / MANIFEST).is_file():
            record_ranges(folder, kind)


if __name__ == "__main__":
    main()
