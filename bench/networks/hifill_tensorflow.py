"""Times HiFill's generator as TensorFlow runs it: the same layers and the attention written as in the authors' program
(convolutions with patches for kernels), random weights, one 512 x 512 picture, a compiled graph.

    python bench/networks/hifill_tensorflow.py [runs]

Prints the median in milliseconds. Needs tensorflow-cpu. It is a yardstick for time, not for values.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

generator = np.random.default_rng(0)


def weights(*shape):
    return tf.constant(generator.normal(0, 0.05, shape).astype(np.float32))


class Gated:
    def __init__(self, size, stride, dilation, inputs, outputs, kind, up=False):
        self.stride, self.dilation, self.kind, self.up = stride, dilation, kind, up
        self.w, self.b = weights(size, size, inputs, outputs), weights(outputs)
        gate = (size, size, inputs, 1) if kind == "single" else (1, 1, inputs, outputs)
        self.gw, self.gb = weights(*gate), weights(gate[-1])

    def __call__(self, x):
        if self.up:
            h, w = x.shape[1:3]
            x = tf.compat.v1.image.resize_bilinear(x, (2 * h, 2 * w))
        dilation = self.dilation if self.kind == "single" else 1
        features = tf.nn.conv2d(x, self.w, self.stride, "SAME", dilations=self.dilation) + self.b
        gate = tf.nn.conv2d(x, self.gw, self.stride, "SAME", dilations=dilation) + self.gb
        return tf.nn.elu(features) * tf.sigmoid(gate)


def coarse_layers():
    def one(size, stride, dilation, inputs, outputs, up=False):
        return Gated(size, stride, dilation, inputs, outputs, "single", up)

    yield one(5, 2, 1, 4, 32)
    yield one(3, 1, 1, 32, 32)
    yield one(3, 2, 1, 32, 64)
    for dilation in [1] * 3 + [1] * 3 + [2] * 5 + [4] * 4 + [8] * 2 + [1] * 3:
        yield one(3, 1, dilation, 64, 64)
    yield one(3, 1, 1, 64, 32, True)
    yield one(3, 1, 1, 32, 32)
    yield one(3, 1, 1, 32, 3, True)


def refine(size, stride, dilation, inputs, outputs, up=False):
    return Gated(size, stride, dilation, inputs, outputs, "pixel", up)


coarse = list(coarse_layers())
down256 = [refine(3, 2, 1, 4, 32), refine(3, 1, 1, 32, 32)]
down128 = [refine(3, 2, 1, 32, 64), refine(3, 1, 1, 64, 64)]
down64 = [refine(3, 2, 1, 64, 128), refine(3, 1, 1, 128, 128)] + [refine(3, 1, d, 128, 128) for d in (1, 2, 4, 8, 16)]
attended, joined = refine(3, 1, 1, 128, 128), refine(3, 1, 1, 256, 128)
up128 = [refine(3, 1, 1, 128, 64, True), refine(3, 1, 1, 64, 64)]
transferred128 = [refine(3, 1, 1, 64, 64), refine(3, 1, 2, 64, 64)]
up256 = [refine(3, 1, 1, 128, 32, True), refine(3, 1, 1, 32, 32)]
transferred256 = [refine(3, 1, 1, 32, 32), refine(3, 1, 2, 32, 32)]
rgb = refine(3, 1, 1, 64, 3, True)


def chain(x, layers):
    for layer in layers:
        x = layer(x)
    return x


def patches(x, size, stride):
    return tf.image.extract_patches(x, [1, size, size, 1], [1, stride, stride, 1], [1, 1, 1, 1], "SAME")


def fuse(y):
    return tf.nn.conv2d(y, tf.reshape(tf.eye(3), [3, 3, 1, 1]), 1, "SAME")


def attend(features, mask):
    channels = features.shape[3]
    raw = tf.transpose(tf.reshape(patches(features, 3, 2), [1024, 3, 3, channels]), [1, 2, 3, 0])
    small = features[:, ::2, ::2]
    reference = tf.transpose(tf.reshape(patches(small, 3, 1), [1024, 3, 3, channels]), [1, 2, 3, 0])
    reference /= tf.maximum(tf.sqrt(tf.reduce_sum(reference**2, [0, 1, 2], keepdims=True)), 1e-8)
    y = tf.nn.conv2d(small, reference, 1, "SAME")
    y = fuse(tf.reshape(y, [1, 1024, 1024, 1]))
    y = tf.transpose(tf.reshape(y, [1, 32, 32, 32, 32]), [0, 2, 1, 4, 3])
    y = fuse(tf.reshape(y, [1, 1024, 1024, 1]))
    y = tf.reshape(tf.transpose(tf.reshape(y, [1, 32, 32, 32, 32]), [0, 2, 1, 4, 3]), [1, 32, 32, 1024])
    cells = tf.nn.max_pool2d(tf.nn.max_pool2d(mask, 16, 16, "SAME"), 3, 1, "SAME")
    valid = tf.reshape(1 - cells, [1, 1, 1, 1024])
    scores = tf.nn.softmax(y * valid * 10) * valid
    return tf.nn.conv2d_transpose(scores, raw, features.shape, 2, "SAME"), scores


def transfer(x, scores):
    rate, channels = x.shape[1] // 32, x.shape[3]
    kernel = tf.transpose(tf.reshape(patches(x, 2 * rate, rate), [1024, 2 * rate, 2 * rate, channels]), [1, 2, 3, 0])
    return tf.nn.conv2d_transpose(scores, kernel, x.shape, rate, "SAME")


@tf.function
def generate(image, mask):
    image = image * (1 - mask)
    half = tf.compat.v1.image.resize_bilinear(tf.concat([image, mask], 3), (256, 256))
    first = tf.compat.v1.image.resize_bilinear(tf.clip_by_value(chain(half, coarse), -1, 1), (512, 512))
    at256 = chain(tf.concat([first * mask + image * (1 - mask), mask], 3), down256)
    at128 = chain(at256, down128)
    at64 = chain(at128, down64)
    looked_up, scores = attend(at64, mask)
    x = joined(tf.concat([at64, attended(looked_up)], 3))
    x = tf.concat([chain(transfer(at128, scores), transferred128), chain(x, up128)], 3)
    x = tf.concat([chain(transfer(at256, scores), transferred256), chain(x, up256)], 3)
    return tf.clip_by_value(rgb(x), -1, 1)


image = tf.constant(generator.uniform(-1, 1, (1, 512, 512, 3)).astype(np.float32))
hole = np.zeros((1, 512, 512, 1), np.float32)
hole[:, 150:330, 180:360] = 1
hole = tf.constant(hole)
for _ in range(3):
    generate(image, hole).numpy()
times = []
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 10):
    start = time.perf_counter()
    generate(image, hole).numpy()
    times.append(1000 * (time.perf_counter() - start))
print(f"{np.median(times):.1f}")
