"""Several scorers that teach one: their averaged answers are what it learns to give, beside the labels.

Method: knowledge distillation (Hinton et al. 2015) from an ensemble. The softened answers also say how near a passage
is to the other stances, and passages without labels can be learnt from too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import log_softmax, softmax

from quotestance.model.components import read_component
from quotestance.model.errors import ModelError
from quotestance.model.stance_network import StanceNetwork
from quotestance.training.base import load_base
from quotestance.training.trained_on import manifest

_SOFTNESS = 2.0  # what logits are divided by: scorers are too sure of what they were trained on


class Teachers:
    """Networks that are only asked. They read what the learner reads, so all have its tokenizer and marks."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        self._networks = [network.eval().requires_grad_(False) for network in networks]

    @classmethod
    def load(cls, folders: Sequence[Path], marker_ids: Sequence[int]) -> "Teachers":
        """Raises ModelError when a folder holds no scorer, or one whose tokenizer has other marks."""
        networks = []
        for folder in folders:
            base = load_base(folder)
            network = StanceNetwork(base.encoder, base.config.hidden_size, marker_ids)
            try:
                network.load_state_dict(dict(base.head), strict=False)
            except RuntimeError as error:
                raise ModelError(f"{folder}: no scorer of the learner's kind: {error}") from error
            if not base.head:
                raise ModelError(f"{folder}: a bare encoder has nothing to teach")
            networks.append(network)
        return cls(networks)

    @torch.no_grad()
    def answers(self, input_ids: Tensor, attention_mask: Tensor, quote_mask: Tensor) -> Tensor:
        """Their averaged logits, (batch, 3); the inputs are those of `StanceNetwork`."""
        logits = [n.to(input_ids.device)(input_ids, attention_mask, quote_mask).float() for n in self._networks]
        return torch.stack(logits).mean(0)


def record_of(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """What a learner's manifest says of its teachers: their versions and how they were trained."""
    teachers = [read_component(folder / "scorer", "scorer") for folder in folders]
    return [{"version": t.version, **t.manifest.get("training", {})} for t in teachers]


def data_of(folders: Sequence[Path]) -> list[dict[str, Any]]:
    """The manifests' entries of the files that teachers were trained on: a learner has them at second hand."""
    return [entry for folder in folders for entry in manifest(folder / "scorer").get("data", [])]


def lesson_loss(logits: Tensor, answers: Tensor) -> Tensor:
    """How far the learner's `logits` are from the teachers' `answers`, both (batch, 3) logits: (batch,)."""
    wanted = softmax(answers / _SOFTNESS, dim=-1)
    # times the square, so that its gradients are as large as those of the labels
    return -(wanted * log_softmax(logits / _SOFTNESS, dim=-1)).sum(-1) * _SOFTNESS**2
