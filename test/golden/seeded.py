"""Numbers out of seeds, for the scripts beside this: the streams of mulberry32 that the tests draw from, too."""

import numpy as np


def mulberry(seed, count):
    mask = np.uint64(0xFFFFFFFF)
    a = (np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x6D2B79F5)) & mask
    t = ((a ^ (a >> np.uint64(15))) * (a | np.uint64(1))) & mask
    t = ((t + (((t ^ (t >> np.uint64(7))) * (t | np.uint64(61))) & mask)) & mask) ^ t
    return (t ^ (t >> np.uint64(14))) & mask


def stream(seed, shape, amplitude, added=0.0):
    u = mulberry(seed, int(np.prod(shape))) / 4294967296
    values = ((2 * u - 1) * amplitude).astype(np.float32)
    return (values + np.float32(added)).astype(np.float32).astype(np.float64).reshape(shape)
