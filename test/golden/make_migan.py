"""Writes migan.safetensors: MI-GAN's network, narrow and small, from seeded pictures and weights.

Worked out in float64 with numpy alone, operation by operation as in the graph of the published ONNX file:
    python make_migan.py                 (numpy, safetensors)
    python make_migan.py check FILE      (also onnx, onnxruntime) compares the same functions, with the weights of that
                                         file, to onnxruntime at 512 x 512
    python make_migan.py published FILE  (also onnxruntime) writes migan_published.safetensors: what the file's whole pipeline
                                         makes of three seeded pictures of 512 x 512, every other pixel inside a hole
"""

import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from seeded import mulberry, stream

CHANNELS = [5, 6, 8]  # at 16, 8 and 4 pixels
CASES = {"square": (1, 16, 16, 1), "tall": (2, 40, 24, 1), "low": (1, 8, 28, 1), "clipped": (1, 16, 16, 4000)}


def shapes_of(channels):
    """The network's tensors as the ONNX file names and lays them out."""
    count = len(channels)
    sizes = [4 * 2 ** (count - 1 - n) for n in range(count)]
    lower = channels[1:] + channels[-1:]
    shapes = {f"model.encoder.b{sizes[0]}.fromrgb.weight": (channels[0], 4, 1, 1), f"model.encoder.b{sizes[0]}.fromrgb.bias": (channels[0],)}
    for n, (size, own, below) in enumerate(zip(sizes, channels, lower)):
        last = n == count - 1
        layers = {"encoder": [(own, own), (own, below)], "synthesis": [(below, own), (own, own)]}
        for part, pairs in layers.items():
            for m, (given, made) in enumerate(pairs):
                name = f"model.{part}.b{size}.conv{m + 1}"
                shapes |= {f"{name}.conv1.weight": (given, 1, 3, 3), f"{name}.conv1.bias": (given,), f"{name}.conv2.weight": (made, given, 1, 1)}
                if part == "synthesis" and not last:
                    shapes[f"onnx::Add_{1668 + 5 * m + 22 * (count - 2 - n)}"] = (size, size)
        shapes |= {f"model.synthesis.b{size}.torgb.weight": (3, own, 1, 1), f"model.synthesis.b{size}.torgb.bias": (3,)}
    return shapes


def weights_of(shapes, first_gain):
    made = {}
    for n, name in enumerate(sorted(shapes)):
        shape = shapes[name]
        amplitude = np.sqrt(3 / np.prod(shape[1:])) if len(shape) == 4 else 0.3
        made[name] = stream(2000 + n, shape, amplitude * (first_gain if name.endswith("fromrgb.weight") else 1))
    return made


def activate(x):
    return np.clip(np.where(x > 0, x, 0.2 * x) * np.sqrt(2), -256, 256)


def depthwise(x, kernel, pads, stride=1):
    """x [B, C, H, W]; kernel [C, 1, k, k] or one [k, k] for all; pads [top, bottom, left, right]."""
    kernel = np.broadcast_to(kernel, (x.shape[1], 1, *kernel.shape[-2:]))[:, 0]
    padded = np.pad(x, ((0, 0), (0, 0), tuple(pads[:2]), tuple(pads[2:])))
    rows = (padded.shape[2] - kernel.shape[1]) // stride + 1
    columns = (padded.shape[3] - kernel.shape[2]) // stride + 1
    y = np.zeros((*x.shape[:2], rows, columns))
    for p in range(kernel.shape[1]):
        for q in range(kernel.shape[2]):
            y += kernel[None, :, p, q, None, None] * padded[:, :, p : p + stride * rows : stride, q : q + stride * columns : stride]
    return y


def pointwise(x, kernel, bias=0.0):
    return np.einsum("bchw,oc->bohw", x, kernel[:, :, 0, 0], optimize=True) + np.reshape(bias, (-1, 1, 1))


BINOMIAL = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def halve(x):
    return depthwise(x, BINOMIAL, [1, 1, 1, 1], 2)


def double(x):
    spread = np.zeros((*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3]))
    spread[:, :, ::2, ::2] = x
    return depthwise(spread, 4 * BINOMIAL, [2, 1, 2, 1])


def noise_for(square, height, width):
    side = square.shape[0]
    return np.tile(square, (-(-height // side), -(-width // side)))[:height, :width]


def separable(x, w, name, resize=None, noise=None):
    x = activate(depthwise(x, w[f"{name}.conv1.weight"], [1, 1, 1, 1]) + w[f"{name}.conv1.bias"][:, None, None])
    x = pointwise(halve(x) if resize == "down" else x, w[f"{name}.conv2.weight"])
    x = double(x) if resize == "up" else x
    return activate(x if noise is None else x + noise_for(w[noise], *x.shape[2:]))


def network(image, hole, w, count):
    """image [B, 3, H, W] in [-1, 1], hole [B, 1, H, W]; count is the number of sizes."""
    sizes = [4 * 2 ** (count - 1 - n) for n in range(count)]
    valid = 1 - hole
    first = f"model.encoder.b{sizes[0]}.fromrgb"
    x = activate(pointwise(np.concatenate([valid - 0.5, image * valid], 1), w[f"{first}.weight"], w[f"{first}.bias"]))
    skips = []
    for size in sizes:
        name = f"model.encoder.b{size}"
        skips.append(separable(x, w, f"{name}.conv1"))
        x = separable(skips[-1], w, f"{name}.conv2", None if size == 4 else "down")
    colours = None
    for n in reversed(range(count)):
        name = f"model.synthesis.b{sizes[n]}"
        noises = [None, None] if sizes[n] == 4 else [f"onnx::Add_{1668 + 5 * m + 22 * (count - 2 - n)}" for m in range(2)]
        x = separable(x, w, f"{name}.conv1", None if sizes[n] == 4 else "up", noises[0]) + skips[n]
        x = separable(x, w, f"{name}.conv2", None, noises[1])
        own = pointwise(x, w[f"{name}.torgb.weight"], w[f"{name}.torgb.bias"])
        colours = own if colours is None else double(colours) + own
    return colours


def picture(seed, batch, height, width):
    image = stream(seed, (batch, height, width, 3), 1.0)
    hole = np.zeros((batch, height, width, 1))
    hole[:, height // 4 : height // 2 + 2, width // 3 : 2 * width // 3] = 1
    hole[1:, -2:] = 1
    return image, hole


def run(image, hole, w):
    return network(image.transpose(0, 3, 1, 2), hole.transpose(0, 3, 1, 2), w, len(CHANNELS)).transpose(0, 2, 3, 1)


def gradient(image, hole, w, places, step=1e-6):
    """Of the sum of the result times the picture, by central differences, in the picture that goes in."""
    slopes = []
    for place in places:
        totals = []
        for sign in (1, -1):
            moved = image.copy()
            moved.flat[place] += sign * step
            totals.append((run(moved, hole, w) * image).sum())
        slopes.append((totals[0] - totals[1]) / (2 * step))
    return np.array(slopes)


def write():
    shapes = shapes_of(CHANNELS)
    out = {}
    for n, (case, (batch, height, width, first_gain)) in enumerate(CASES.items()):
        image, hole = picture(1900 + n, batch, height, width)
        weights = weights_of(shapes, first_gain)
        y = run(image, hole, weights)
        out |= {f"{case}.image": image, f"{case}.hole": hole, f"{case}.y": y}
        if case == "low":
            places = np.arange(24) * 29 % image.size
            out |= {"low.gradient": gradient(image, hole, weights, places), "low.places": places}
        print(case, y.shape, "largest", np.abs(y).max())
    save_file({key: np.ascontiguousarray(value, np.float32) for key, value in out.items()}, Path(__file__).with_name("migan.safetensors"))


def check(path):
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    graph = onnx.load(path).graph
    given, wanted = "/Concat_23_output_0", "/model/synthesis/b512/Add_1_output_0"
    nodes, names = [], {wanted}
    for node in reversed(graph.node):
        if names.intersection(node.output):
            nodes.insert(0, node)
            names.update(name for name in node.input if name != given)
    inner = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(given, TensorProto.FLOAT, [1, 4, 512, 512])],
        [helper.make_tensor_value_info(wanted, TensorProto.FLOAT, [1, 3, 512, 512])],
        [tensor for tensor in graph.initializer if tensor.name in names],
    )
    model = helper.make_model(inner, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    weights = {tensor.name: numpy_helper.to_array(tensor).astype(np.float64) for tensor in graph.initializer}
    image, hole = (np.ascontiguousarray(x.transpose(0, 3, 1, 2)) for x in picture(1900, 1, 512, 512))
    ours = network(image, hole, weights, 8)
    x = np.concatenate([0.5 - hole, image * (1 - hole)], 1).astype(np.float32)
    theirs = onnxruntime.InferenceSession(model.SerializeToString()).run(None, {given: x})[0]
    print("largest value", np.abs(theirs).max(), "largest difference", np.abs(ours - theirs).max())
    missing = {name for name in weights if not name.endswith((".filter.weight", ".filter_const"))} - set(shapes_of([64, 128, 256] + [512] * 5))
    print("not of the network:", missing, "parameters", sum(weights[name].size for name in shapes_of([64, 128, 256] + [512] * 5) if not name.startswith("onnx")))


def integer_sine(p):
    p = p & 1023
    half = p & 511
    s = (half * (512 - half)) >> 8
    return np.where(p < 512, s, -s)


def procedural_image(seed, height, width):
    """As proceduralImage of procedural.js makes it: [height, width, 3], uint8."""
    word = lambda i, by=seed: int(mulberry(by, i + 1)[i])
    tile = mulberry(seed + 1, 24 * 24 * 3).astype(np.int64) % 64 - 32
    tile = tile.reshape(24, 24, 3)
    rows, columns = np.mgrid[:height, :width]
    out = np.zeros((height, width, 3), np.uint8)
    striped = integer_sine(3 * columns + 5 * rows) > 0
    for c in range(3):
        gx, gy = word(200 + 2 * c) % 129 - 64, word(201 + 2 * c) % 129 - 64
        v = 32768 + ((gx * (columns - 256) + gy * (rows - 256)) >> 1)
        for k in range(12):
            b, r = (c * 12 + k) * 4, 33 if k < 6 else 161
            fx, fy, phase = word(b) % r - (r - 1) // 2, word(b + 1) % r - (r - 1) // 2, word(b + 2) % 1024
            v = v + (4 + word(b + 3) % (40 if k < 6 else 16)) * integer_sine(fx * columns + fy * rows + phase)
        v = v + np.where(striped, 256 * tile[rows % 24, columns % 24, c], 0)
        out[:, :, c] = np.clip(v >> 8, 0, 255)
    return out


# Seeds of pictures; the middles (row, column) and radii of their holes.
DISCS = [(11, (256, 256), 80), (23, (200, 300), 110), (37, (300, 180), 95)]


def published(path):
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    out = {}
    rows, columns = np.mgrid[:512, :512]
    for n, (seed, middle, radius) in enumerate(DISCS):
        image = procedural_image(seed, 512, 512)
        hole = (columns - middle[1]) ** 2 + (rows - middle[0]) ** 2 <= radius**2
        mask = np.where(hole, 0, 255).astype(np.uint8)[None, None]
        (filled,) = session.run(None, {"image": image.transpose(2, 0, 1)[None], "mask": mask})
        side = 48
        box = filled[0].transpose(1, 2, 0)[middle[0] - side : middle[0] + side : 2, middle[1] - side : middle[1] + side : 2]
        out[f"{n}.y"] = np.ascontiguousarray(box, np.int32)
        print(n, box.shape, "mean", box.mean(), "deviation", box.std())
    save_file(out, Path(__file__).with_name("migan_published.safetensors"))


if __name__ == "__main__":
    {"check": check, "published": published}[sys.argv[1]](sys.argv[2]) if sys.argv[1:] else write()
