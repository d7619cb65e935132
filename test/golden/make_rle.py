"""Masks in runs as pycocotools writes them: rle.json. Run as `python make_rle.py`; needs numpy and pycocotools (2.0.11)."""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as coco


def ring(height, width):
    """A ring with an island in it."""
    y, x = np.mgrid[0:height, 0:width]
    away = (x - 12) ** 2 + (y - 20) ** 2
    return (away < 120) & ~((away > 9) & (away < 60))


def noise(height, width):
    """Noise that any language can make, with columns that are all 0 and all 1."""
    y, x = np.mgrid[0:height, 0:width]
    dots = (x * 7919 + y * 104729 + x * y * 31) % 5 < 2
    dots[:, 5:9] = False
    dots[:, 12:15] = True
    return dots


def block(height, width):
    y, x = np.mgrid[0:height, 0:width]
    return (y >= 1000) & (y < 3500) & (x >= 2000) & (x < 2003)


cases = {"ring": ring(37, 29), "noise": noise(40, 23), "block": block(4000, 6000), "full": np.ones((3, 4), bool), "empty": np.zeros((3, 4), bool)}
golden = {}
for name, mask in cases.items():
    encoded = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    golden[name] = {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"].decode("ascii")}
Path(__file__).with_name("rle.json").write_text(json.dumps(golden, indent=2) + "\n")
