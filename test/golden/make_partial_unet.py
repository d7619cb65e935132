"""Writes partial_unet.safetensors: a small U-Net of partial, of gated, and of a PyTorch program's partial convolutions.

Worked out in float64 with numpy alone, from seeds: python make_partial_unet.py (numpy, safetensors).
The picture is stream 1 of mulberry32, the weights are streams 1000, 1001, .. in the order of their sorted names.
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from seeded import stream

HEIGHT, WIDTH, LEVELS = 32, 64, 5
WIDTHS = [6, 8, 9, 11, 11]
SIZES = [7, 5, 5, 3, 3]
EPSILON, SLOPE = 1e-5, 0.2
MEAN, DEVIATION = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def weights_of(shapes):
    """Kernels keep the scale of what goes through them; scales and variances are about 1, the rest about 0."""
    made = {}
    for n, name in enumerate(sorted(shapes)):
        shape = shapes[name]
        if len(shape) == 4:
            made[name] = stream(1000 + n, shape, np.sqrt(3 / np.prod(shape[:3])))
        else:
            around_one = name.endswith(("scale", "variance"))
            made[name] = stream(1000 + n, shape, 0.2, 1.0 if around_one else 0.0)
    return made


def norm_shapes(name, channels):
    return {f"{name}.norm.{part}": (channels,) for part in ("scale", "offset", "mean", "variance")}


def windows(x, size, stride):
    """[rows, columns, size, size, channels] of a picture with (size - 1) / 2 zeros on all sides."""
    margin = (size - 1) // 2
    padded = np.pad(x, ((margin, margin), (margin, margin), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(padded, (size, size), (0, 1))
    return view[::stride, ::stride].transpose(0, 1, 3, 4, 2)


def convolve(x, kernel, stride=1):
    return np.einsum("ijpqc,pqco->ijo", windows(x, kernel.shape[0], stride), kernel)


def normalize(x, w, name, train=False):
    mean, variance = (x.mean((0, 1)), x.var((0, 1))) if train else (w[f"{name}.norm.mean"], w[f"{name}.norm.variance"])
    return (x - mean) / np.sqrt(variance + EPSILON) * w[f"{name}.norm.scale"] + w[f"{name}.norm.offset"]


def relu(x):
    return np.maximum(x, 0)


def leaky(x):
    return np.where(x > 0, x, SLOPE * x)


def double(x):
    return x.repeat(2, 0).repeat(2, 1)


def partial(x, valid, kernel, bias, stride, by_share):
    """valid has x's channels. by_share: the sum is divided by the share of valid values, else by their number."""
    size = kernel.shape[0]
    total = convolve(np.where(valid > 0, x, 0), kernel, stride)
    count = windows(valid, size, stride).sum((2, 3, 4))[..., None]
    whole = size * size * x.shape[2] if by_share else 1
    y = np.where(count > 0, total * whole / np.maximum(count, 1) + bias, 0)
    return y, np.repeat((count > 0).astype(float), kernel.shape[3], 2)


def partial_shapes(levels=LEVELS):
    shapes, above = {}, 3
    for n in range(1, levels + 1):
        here = WIDTHS[n - 1]
        out = 3 if n == 1 else above
        shapes[f"encode{n}.weights"] = (SIZES[n - 1], SIZES[n - 1], above, here)
        shapes[f"decode{n}.weights"] = (3, 3, here + above, out)
        if n == 1:
            shapes["decode1.bias"] = (3,)
        else:
            shapes.update(norm_shapes(f"encode{n}", here) | norm_shapes(f"decode{n}", out))
        above = here
    return shapes


def partial_unet(image, hole, w, by_share=True, train=False, levels=LEVELS):
    features, masks = [image], [np.repeat(1 - hole, 3, 2)]
    for n in range(1, levels + 1):
        y, m = partial(features[-1], masks[-1], w[f"encode{n}.weights"], 0.0, 2, by_share)
        features.append(relu(y if n == 1 else normalize(y, w, f"encode{n}", train)))
        masks.append(m)
    x, m = features[-1], masks[-1]
    for n in range(levels, 0, -1):
        x = np.concatenate([double(x), features[n - 1]], 2)
        m = np.concatenate([double(m), masks[n - 1]], 2)
        x, m = partial(x, m, w[f"decode{n}.weights"], w["decode1.bias"] if n == 1 else 0.0, 1, by_share)
        if n > 1:
            x = leaky(normalize(x, w, f"decode{n}", train))
    return x, masks


def gated_shapes(gate):
    shapes, above = {}, 4
    for n in range(1, LEVELS + 1):
        here = WIDTHS[n - 1]
        rows = [("encode", SIZES[n - 1], above, here), ("decode", 3, here + above, 3 if n == 1 else above)]
        for side, size, into, out in rows:
            name = f"{side}{n}"
            plain = name == "decode1"
            shapes[f"{name}.weights"] = (size, size, into, out)
            shapes[f"{name}.bias"] = (out,)
            if not plain:
                gates = 1 if gate == "single-channel" else out
                shapes[f"{name}.gate_weights"] = (size, size, into, gates)
                shapes[f"{name}.gate_bias"] = (gates,)
            if n > 1:
                shapes.update(norm_shapes(name, out))
        above = here
    return shapes


def gated(x, w, name, stride, activation, normalized):
    y = activation(convolve(x, w[f"{name}.weights"], stride) + w[f"{name}.bias"])
    gate = convolve(x, w[f"{name}.gate_weights"], stride) + w[f"{name}.gate_bias"]
    y = y / (1 + np.exp(-gate))
    return normalize(y, w, name) if normalized else y


def gated_unet(image, hole, w):
    features = [np.concatenate([image * (1 - hole), hole], 2)]
    for n in range(1, LEVELS + 1):
        features.append(gated(features[-1], w, f"encode{n}", 2, relu, n > 1))
    x = features[-1]
    for n in range(LEVELS, 0, -1):
        x = np.concatenate([double(x), features[n - 1]], 2)
        if n > 1:
            x = gated(x, w, f"decode{n}", 1, leaky, True)
    return convolve(x, w["decode1.weights"]) + w["decode1.bias"]


def main():
    image = stream(1, (HEIGHT, WIDTH, 3), 1.0)
    # A hole so wide that whole windows see nothing of the picture for a level or two, and a small one.
    hole = np.zeros((HEIGHT, WIDTH, 1))
    hole[3:30, 20:61] = 1
    hole[8:11, 5:9] = 1
    w = weights_of(partial_shapes())
    out, masks = partial_unet(image, hole, w)
    result = {"hole": hole, "partial.image": out, "partial.train": partial_unet(image, hole, w, train=True)[0]}
    for n, mask in enumerate(masks[1:], 1):
        result[f"partial.valid{n}"] = mask[..., :1]
    # Two levels see too little to close the hole: masks count on the way up, too.
    result["shallow.image"] = partial_unet(image, hole, weights_of(partial_shapes(2)), levels=2)[0]
    # The PyTorch program: ImageNet's normalisation, kernels that are larger by the size of a window.
    theirs = {name: v * np.prod(v.shape[:3]) if v.ndim == 4 else v for name, v in w.items()}
    unit = partial_unet(((image + 1) / 2 - MEAN) / DEVIATION, hole, theirs, by_share=False)[0]
    result["pytorch.image"] = (unit * DEVIATION + MEAN) * 2 - 1
    for gate in ("full", "single-channel"):
        result[f"gated.{gate}.image"] = gated_unet(image, hole, weights_of(gated_shapes(gate)))
    for name, value in result.items():
        print(f"{name:28} {list(value.shape)} mean {value.mean():.3f} deviation {value.std():.3f} beyond 1: {(abs(value) > 1).mean():.3f}")
    arrays = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in result.items()}
    save_file(arrays, Path(__file__).with_name("partial_unet.safetensors"))


if __name__ == "__main__":
    main()
