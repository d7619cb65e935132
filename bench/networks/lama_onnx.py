"""Writes big-lama with seeded weights twice: as a safetensors file with the authors' names, and as an ONNX graph of a fixed size
with norms folded in and its transforms as products with constant matrices, which is the quickest form that onnxruntime was seen
to run it in. Python with onnx and numpy.

    python3 lama_onnx.py FOLDER SIZE
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder, size = Path(sys.argv[1]), int(sys.argv[2])
WIDTH, DOWNS, BLOCKS, LOCAL, GLOBAL = 64, 3, 18, 128, 384
random = np.random.default_rng(0)
tensors = {}


def kernel(name, shape, gain=1.0, inputs=1):
    fan = np.prod(shape[1:]) if inputs == 1 else shape[0] * 9 / 4
    tensors[f"{name}.weight"] = (random.uniform(-1, 1, shape) * gain * np.sqrt(3 / fan)).astype(np.float32)


def norm(name, channels, scale=1.0):
    for part, (mean, spread) in {"weight": (scale, 0.1 * scale), "bias": (0, 0.1), "running_mean": (0, 0.2), "running_var": (1, 0.3)}.items():
        tensors[f"{name}.{part}"] = (mean + spread * random.uniform(-1, 1, channels)).astype(np.float32)


nodes, constants = [], []


def constant(values):
    name = f"c{len(constants)}"
    constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
    return name


def op(kind, *inputs, outputs=1, **attributes):
    names = [f"t{len(nodes)}_{n}" for n in range(outputs)]
    nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
    return names[0] if outputs == 1 else names


def folded(name):
    factor = tensors[f"{name}.weight"].astype(np.float64) / np.sqrt(tensors[f"{name}.running_var"].astype(np.float64) + 1e-5)
    return factor, tensors[f"{name}.bias"] - tensors[f"{name}.running_mean"] * factor


def conv(x, name, after=None, bias=True, stride=1):
    """A convolution, mirrored at the border, with the norm behind it."""
    values = tensors[f"{name}.weight"]
    factor, offset = folded(after) if after else (np.ones(values.shape[0]), None)
    margin = values.shape[2] // 2
    if margin:
        x = op("Pad", x, constant(np.array([0, 0, margin, margin] * 2, np.int64)), mode="reflect")
    inputs = [x, constant((values * factor[:, None, None, None]).astype(np.float32))]
    if offset is not None and bias:
        inputs.append(constant(offset.astype(np.float32)))
    return op("Conv", *inputs, strides=[stride, stride])


def plain(x, module, to, shape, stride):
    kernel(f"model.{module}.ffc.convl2{to}", shape, 1.5)
    norm(f"model.{module}.bn_{to}", shape[0])
    return op("Relu", conv(x, f"model.{module}.ffc.convl2{to}", f"model.{module}.bn_{to}", stride=stride))


side = size // 2**DOWNS
half = side // 2 + 1
angle = 2 * np.pi * (np.outer(np.arange(side), np.arange(side)) % side) / side
cosine, sine = np.cos(angle) / np.sqrt(side), np.sin(angle) / np.sqrt(side)
double = np.array([1 if k == 0 or 2 * k == side else 2 for k in range(half)])
single = np.array([0 if k == 0 or 2 * k == side else 2 for k in range(half)])
turns = np.block([[cosine, sine], [-sine, cosine]])
matrices = {
    "real": cosine[:, :half], "imaginary": -sine[:, :half], "forth": turns, "back": turns.T,
    "p": (cosine[:, :half] * double).T, "q": (-sine[:, :half] * single).T,
}
matrices = {name: constant(values.astype(np.float32)) for name, values in matrices.items()}


def shaped(x, *shape):
    return op("Reshape", x, constant(np.array(shape, np.int64)))


def spectral(x, name):
    """Without its last convolution: that is the caller's, who knows the norm behind it."""
    channels = GLOBAL // 2
    kernel(f"{name}.conv1.0", (channels, GLOBAL, 1, 1), 1.3)
    norm(f"{name}.conv1.1", channels)
    kernel(f"{name}.fu.conv_layer", (GLOBAL, GLOBAL, 1, 1), 1.3)
    norm(f"{name}.fu.bn", GLOBAL)
    kernel(f"{name}.conv2", (GLOBAL, channels, 1, 1), 1.3)
    reduced = op("Relu", conv(x, f"{name}.conv1.0", f"{name}.conv1.1"))
    lines = op("Concat", op("MatMul", reduced, matrices["real"]), op("MatMul", reduced, matrices["imaginary"]), axis=2)
    spectrum = shaped(op("MatMul", matrices["forth"], lines), 1, 2 * channels, side, half)
    mixed = op("Relu", conv(spectrum, f"{name}.fu.conv_layer", f"{name}.fu.bn"))
    columns = op("MatMul", matrices["back"], shaped(mixed, 1, channels, 2 * side, half))
    real, imaginary = op("Split", columns, outputs=2, axis=2, num_outputs=2)
    picture = op("Add", op("MatMul", real, matrices["p"]), op("MatMul", imaginary, matrices["q"]))
    return op("Add", reduced, picture)


def fourier(local, around, module, scale):
    for part, shape in {"l2l": (LOCAL, LOCAL), "l2g": (GLOBAL, LOCAL), "g2l": (LOCAL, GLOBAL)}.items():
        kernel(f"{module}.ffc.conv{part}", (*shape, 3, 3))
    norm(f"{module}.bn_l", LOCAL, scale)
    norm(f"{module}.bn_g", GLOBAL, scale)
    bn_l, bn_g = f"{module}.bn_l", f"{module}.bn_g"
    mixed = spectral(around, f"{module}.ffc.convg2g")
    to_local = op("Add", conv(local, f"{module}.ffc.convl2l", bn_l), conv(around, f"{module}.ffc.convg2l", bn_l, bias=False))
    to_global = op("Add", conv(local, f"{module}.ffc.convl2g", bn_g), conv(mixed, f"{module}.ffc.convg2g.conv2", bn_g, bias=False))
    return op("Relu", to_local), op("Relu", to_global)


known = op("Mul", "image", op("Sub", constant(np.float32(1)), "mask"))
x = plain(op("Concat", known, "mask", axis=1), 1, "l", (WIDTH, 4, 7, 7), 1)
for n in range(2, DOWNS + 1):
    x = plain(x, n, "l", (WIDTH * 2 ** (n - 1), WIDTH * 2 ** (n - 2), 3, 3), 2)
inputs = WIDTH * 2 ** (DOWNS - 1)
local, around = (plain(x, DOWNS + 1, to, (channels, inputs, 3, 3), 2) for to, channels in (("l", LOCAL), ("g", GLOBAL)))
for n in range(BLOCKS):
    first = fourier(local, around, f"model.{DOWNS + 2 + n}.conv1", 1)
    second = fourier(*first, f"model.{DOWNS + 2 + n}.conv2", 0.125)
    local, around = op("Add", local, second[0]), op("Add", around, second[1])
x = op("Concat", local, around, axis=1)
module = DOWNS + BLOCKS + 3
for n in range(DOWNS, 0, -1):
    inputs, outputs = WIDTH * 2**n, WIDTH * 2 ** (n - 1)
    kernel(f"model.{module}", (inputs, outputs, 3, 3), 1.2, inputs=0)
    tensors[f"model.{module}.bias"] = random.uniform(-0.1, 0.1, outputs).astype(np.float32)
    norm(f"model.{module + 1}", outputs)
    factor, offset = folded(f"model.{module + 1}")
    values = (tensors[f"model.{module}.weight"] * factor[None, :, None, None]).astype(np.float32)
    bias = (tensors[f"model.{module}.bias"] * factor + offset).astype(np.float32)
    x = op("Relu", op("ConvTranspose", x, constant(values), constant(bias), strides=[2, 2], pads=[1] * 4, output_padding=[1, 1]))
    module += 3
kernel(f"model.{module + 1}", (3, WIDTH, 7, 7), 0.8)
tensors[f"model.{module + 1}.bias"] = random.uniform(-0.1, 0.1, 3).astype(np.float32)
x = op("Pad", x, constant(np.array([0, 0, 3, 3] * 2, np.int64)), mode="reflect")
x = op("Conv", x, constant(tensors[f"model.{module + 1}.weight"]), constant(tensors[f"model.{module + 1}.bias"]))
nodes.append(helper.make_node("Sigmoid", [x], ["output"]))

value = lambda name, channels: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, size, size])
graph = helper.make_graph(nodes, "lama", [value("image", 3), value("mask", 1)], [value("output", 3)], constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
onnx.save(model, folder / "big-lama.onnx")

header, offset = {}, 0
for name, values in tensors.items():
    header[f"generator.{name}"] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
    offset += values.nbytes
text = json.dumps(header).encode()
with open(folder / "big-lama.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    for values in tensors.values():
        file.write(values.tobytes())
print(sum(values.size for name, values in tensors.items() if "running" not in name))
