"""Writes metrics.json: likeness of seeded pictures by TensorFlow (tf.image.ssim, ssim_multiscale, psnr).

    python make_metrics.py    (tensorflow, numpy)

a = clip(0.7 blocks(seed) + 0.3 noise(seed + 1)), b = clip(gain a + amount noise(seed + 2) + shift), both scaled from [-1, 1] to the range;
blocks are 8 x 8 pixels of one value of their stream, [B, ceil(H / 8), ceil(W / 8), C].
"""

import json
from pathlib import Path

import numpy as np
import tensorflow as tf

WEIGHTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
CASES = {
    "one scale": dict(shape=[2, 24, 20, 3], seed=10, gain=0.9, amount=0.2, shift=0.05, range=[-1, 1], scales=1),
    "two scales, odd": dict(shape=[2, 41, 25, 3], seed=20, gain=0.8, amount=0.15, shift=0, range=[-1, 1], scales=2),
    "four scales, grey bytes": dict(shape=[1, 91, 97, 1], seed=30, gain=1, amount=0.3, shift=-0.1, range=[0, 255], scales=4),
    "five scales": dict(shape=[1, 161, 176, 3], seed=40, gain=0.95, amount=0.25, shift=0, range=[-1, 1], scales=5),
    "negative": dict(shape=[1, 32, 40, 3], seed=50, gain=-1, amount=0.05, shift=0, range=[0, 1], scales=2),
}


def stream(seed, shape):
    mask, one = np.uint64(0xFFFFFFFF), np.arange(1, np.prod(shape) + 1, dtype=np.uint64)
    a = (np.uint64(seed) + one * np.uint64(0x6D2B79F5)) & mask
    t = ((a ^ (a >> np.uint64(15))) * (a | np.uint64(1))) & mask
    t = ((t + (((t ^ (t >> np.uint64(7))) * (t | np.uint64(61))) & mask)) & mask) ^ t
    return (((t ^ (t >> np.uint64(14))) & mask) / 2.0**32 * 2 - 1).reshape(shape)


def pictures(shape, seed, gain, amount, shift, range, **_):
    batch, height, width, channels = shape
    small = stream(seed, [batch, -(-height // 8), -(-width // 8), channels])
    blocks = small.repeat(8, 1).repeat(8, 2)[:, :height, :width]
    a = np.clip(0.7 * blocks + 0.3 * stream(seed + 1, shape), -1, 1)
    b = np.clip(gain * a + amount * stream(seed + 2, shape) + shift, -1, 1)
    return [tf.constant(range[0] + (x + 1) / 2 * (range[1] - range[0]), tf.float64) for x in (a, b)]


out = {}
for name, case in CASES.items():
    a, b = pictures(**case)
    length = case["range"][1] - case["range"][0]
    low = case["range"][0]
    weights = np.array(WEIGHTS[: case["scales"]]) / sum(WEIGHTS[: case["scales"]])
    # In float32, as tf.image wants it; both move to [0, length], which the range means.
    x, y = [tf.cast(v - low, tf.float32) for v in (a, b)]
    mean = lambda v: float(np.mean(v.numpy().astype(np.float64)))
    out[name] = {
        **case,
        "ssim": mean(tf.image.ssim(x, y, length)),
        "msSsim": mean(tf.image.ssim_multiscale(x, y, length, power_factors=[float(w) for w in weights])),
        "psnr": mean(tf.image.psnr(x, y, length)),
        "l1": float(np.mean(np.abs(a.numpy() - b.numpy()))),
    }
Path(__file__).with_name("metrics.json").write_text(json.dumps(out, indent=1) + "\n")
