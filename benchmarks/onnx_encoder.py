"""A BERT encoder as an ONNX graph with ONNX Runtime's fused operators, in float32 or with int8 matrices."""

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from torch import Tensor
from transformers import PreTrainedModel

Kind = Literal["float32", "int8", "int8 by block"]
Array = NDArray[np.float32]
_FUSED = "com.microsoft"
_BLOCK = 128


class _Graph:
    def __init__(self, state: Mapping[str, Array], kind: Kind, heads: int, epsilon: float) -> None:
        self.state, self.kind, self.heads, self.epsilon = state, kind, heads, epsilon
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def product(self, source: str, weight: Array, output: str) -> str:
        """`source` times the transposed weight, (out, in), without a bias."""
        if self.kind == "float32":
            return self.node("MatMul", [source, self.constant(f"{output}.w", weight.T)], output)
        if self.kind == "int8":
            scale = np.abs(weight).max(1) / 127
            rounded = np.round(weight / scale[:, None]).astype(np.int8).T
            names = [
                self.constant(f"{output}.w", rounded),
                self.constant(f"{output}.s", scale.astype(np.float32)),
                self.constant(f"{output}.z", np.zeros(len(scale), np.int8)),
            ]
            return self.node("DynamicQuantizeMatMul", [source, *names], output, _FUSED)
        rows, columns = weight.shape
        blocks = weight.reshape(rows, columns // _BLOCK, _BLOCK)
        scales = np.abs(blocks).max(-1) / 127
        stored = (np.round(blocks / scales[..., None]) + 128).astype(np.uint8)
        names = [self.constant(f"{output}.w", stored), self.constant(f"{output}.s", scales.astype(np.float32))]
        shape = {"K": columns, "N": rows, "bits": 8, "block_size": _BLOCK, "accuracy_level": 4}
        return self.node("MatMulNBits", [source, *names], output, _FUSED, **shape)

    def part(self, name: str) -> str:
        return self.constant(name, self.state[name])

    def layer(self, source: str, at: str) -> str:
        qkv = [f"{at}.attention.self.{name}" for name in ("query", "key", "value")]
        width = self.state[f"{qkv[0]}.weight"].shape[0]
        joined = self.product(source, np.concatenate([self.state[f"{n}.weight"] for n in qkv]), f"{at}.qkv")
        sizes = self.constant(f"{at}.sizes", np.array([width] * 3, np.int64))
        parts = [f"{at}.q", f"{at}.k", f"{at}.v"]
        self.nodes.append(helper.make_node("Split", [joined, sizes], parts, axis=-1))
        bias = self.constant(f"{at}.qkv.b", np.concatenate([self.state[f"{n}.bias"] for n in qkv]))
        attended = self.node(
            "MultiHeadAttention", [*parts, bias, "mask"], f"{at}.attended", _FUSED, num_heads=self.heads
        )
        middle = self._residual(attended, source, f"{at}.attention.output")
        wide = self.product(middle, self.state[f"{at}.intermediate.dense.weight"], f"{at}.wide")
        wide = self.node("BiasGelu", [wide, self.part(f"{at}.intermediate.dense.bias")], f"{at}.gelu", _FUSED)
        return self._residual(wide, middle, f"{at}.output")

    def _residual(self, source: str, skipped: str, at: str) -> str:
        out = self.product(source, self.state[f"{at}.dense.weight"], f"{at}.product")
        norm = [self.part(f"{at}.LayerNorm.{name}") for name in ("weight", "bias")]
        inputs = [out, skipped, *norm, self.part(f"{at}.dense.bias")]
        return self.node("SkipLayerNormalization", inputs, f"{at}.out", _FUSED, epsilon=self.epsilon)


def onnx_encoder(encoder: PreTrainedModel, kind: Kind) -> ModelProto:
    """The graph from `embedded` (batch, tokens, hidden) and `mask` (batch, tokens) to `hidden`, of a BertModel."""
    config = encoder.config
    state = {name: tensor.detach().float().numpy() for name, tensor in encoder.state_dict().items()}
    graph = _Graph(state, kind, config.num_attention_heads, config.layer_norm_eps)
    places = state["embeddings.position_embeddings.weight"] + state["embeddings.token_type_embeddings.weight"][0]
    graph.nodes.append(helper.make_node("Shape", ["embedded"], ["tokens"], start=1, end=2))
    zero = graph.constant("zero", np.array([0], np.int64))
    graph.node("Slice", [graph.constant("places", places), zero, "tokens", zero], "place")
    graph.node("Add", ["embedded", "place"], "summed")
    norm = [graph.part(f"embeddings.LayerNorm.{name}") for name in ("weight", "bias")]
    at = graph.node("LayerNormalization", ["summed", *norm], "hidden.0", axis=-1, epsilon=graph.epsilon)
    for number in range(config.num_hidden_layers):
        at = graph.layer(at, f"encoder.layer.{number}")
    graph.node("Identity", [at], "hidden")
    shape = ["batch", "tokens", config.hidden_size]
    inputs = [
        helper.make_tensor_value_info("embedded", TensorProto.FLOAT, shape),
        helper.make_tensor_value_info("mask", TensorProto.INT32, shape[:2]),
    ]
    outputs = [helper.make_tensor_value_info("hidden", TensorProto.FLOAT, shape)]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_FUSED, 1)]
    body = helper.make_graph(graph.nodes, "encoder", inputs, outputs, graph.constants)
    return helper.make_model(body, opset_imports=opsets, ir_version=9)


def session(encoder: PreTrainedModel, kind: Kind, threads: int) -> Callable[[Tensor, Tensor], Tensor]:
    """A function from embedded tokens and their mask to hidden vectors."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    model = onnx_encoder(encoder, kind).SerializeToString()
    running = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(embedded: Tensor, mask: Tensor) -> Tensor:
        feed = {"embedded": embedded.numpy(), "mask": mask.to(torch.int32).numpy()}
        return torch.from_numpy(running.run(None, feed)[0])

    return run
