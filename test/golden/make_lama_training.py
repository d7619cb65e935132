"""Writes lama_training.safetensors: the losses that LaMa is trained by, and their gradients, worked out by PyTorch in float64.

    python make_lama_training.py (numpy, torch, safetensors; node for the seeded pictures)

What the generator makes is that of lama.safetensors, `small.even.train.output`, which the authors' modules made of the same pictures.
The discriminator is of the authors' layers at 4 channels: its weights are streams 79000, 79001, .. of mulberry32 in the order of their
sorted names. Losses by the authors' program and configuration, big-lama; the feature extractor is two seeded convolutions.
"""

import json
import subprocess
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file, save_file

from seeded import stream

HERE = Path(__file__).parent
WIDTH, HALVINGS = 4, 4


def case(name):
    """A seeded picture in [0, 1] and its hole, channels first."""
    code = """
      import { readFileSync } from 'node:fs'
      import { proceduralImage, proceduralMask } from './procedural.js'
      const { height, width, image_seed, mask } = JSON.parse(readFileSync('lama-seeds.json')).cases[process.argv[1]]
      const [image, hole] = [proceduralImage(image_seed, height, width), proceduralMask(mask, height, width)]
      console.log(JSON.stringify({ height, width, image: [...image], hole: [...hole] }))"""
    made = json.loads(subprocess.check_output(["node", "--input-type=module", "-e", code, name], cwd=HERE))
    shape = (made["height"], made["width"])
    image = np.array(made["image"], np.float64).reshape(*shape, 3) / 255
    return image.transpose(2, 0, 1), np.array(made["hole"], np.float64).reshape(1, *shape)


def discriminator_weights():
    widths = [3] + [WIDTH * min(2**n, 8) for n in range(HALVINGS + 1)] + [1]
    shapes = {}
    for n, (before, after) in enumerate(zip(widths, widths[1:])):
        shapes[f"model{n}.0.weight"] = (after, before, 4, 4)
        shapes[f"model{n}.0.bias"] = (after,)
        if 0 < n <= HALVINGS:
            for part in ("weight", "bias", "running_mean", "running_var"):
                shapes[f"model{n}.1.{part}"] = (after,)
    made = {}
    for n, name in enumerate(sorted(shapes)):
        shape = shapes[name]
        amplitude = 1.5 * np.sqrt(3 / np.prod(shape[1:])) if len(shape) == 4 else 0.2
        around_one = name.endswith((".1.weight", "running_var"))
        made[name] = torch.tensor(stream(79000 + n, shape, amplitude, 1.0 if around_one else 0.0), requires_grad="running" not in name)
    return made


def look(x, w):
    """Scores and features, by the statistics of the batch."""
    features = []
    for n in range(HALVINGS + 1):
        x = F.conv2d(x, w[f"model{n}.0.weight"], w[f"model{n}.0.bias"], stride=2 if n < HALVINGS else 1, padding=2)
        if n > 0:
            x = F.batch_norm(x, None, None, w[f"model{n}.1.weight"], w[f"model{n}.1.bias"], training=True, eps=1e-5)
        x = F.leaky_relu(x, 0.2)
        features.append(x)
    n = HALVINGS + 1
    return F.conv2d(x, w[f"model{n}.0.weight"], w[f"model{n}.0.bias"], padding=2), features


def extract(x):
    """Of pictures in [-1, 1]."""
    first = F.relu(F.conv2d(2 * x - 1, torch.tensor(stream(79101, (3, 3, 3, 3), 0.5)), stride=2))
    return [first, F.relu(F.conv2d(first, torch.tensor(stream(79102, (4, 3, 3, 3), 0.5)), stride=2))]


def squared(a, b):
    return [F.mse_loss(x, y) for x, y in zip(a, b)]


images, holes = (torch.tensor(np.stack(each)) for each in zip(case("lama_small_a"), case("lama_small_b")))
output = load_file(HERE / "lama.safetensors")["small.even.train.output"].astype(np.float64).transpose(0, 3, 1, 2)
made = torch.tensor(output, requires_grad=True)
w = discriminator_weights()
trained = [name for name in w if w[name].requires_grad]
out = {}

# The generator's.
scores, features = look(made, w)
parts = {
    "valid": ((1 - holes) * (made - images).abs()).mean(),
    "adversarial": F.softplus(-scores).mean(),
    "features": torch.stack(squared(features, [f.detach() for f in look(images, w)[1]])).mean(),
    "perceptual": torch.stack(squared(extract(made), extract(images))).sum(),
}
total = 10 * parts["valid"] + 10 * parts["adversarial"] + 100 * parts["features"] + 30 * parts["perceptual"]
for name, part in {**parts, "total": total}.items():
    out[f"generator.{name}"] = part
    # The result is a sigmoid of what the last convolution gives, so that its bias has this gradient.
    (slope,) = torch.autograd.grad(part, made, retain_graph=True)
    out[f"generator.{name}.last_bias"] = (slope * made * (1 - made)).sum((0, 2, 3))

# The discriminator's: outside the hole what was made is to be taken for real.
real = images.clone().requires_grad_()
real_scores, fake_scores = look(real, w)[0], look(made.detach(), w)[0]
inside = F.interpolate(holes, size=fake_scores.shape[-2:], mode="nearest")
(slope,) = torch.autograd.grad(real_scores.sum(), real, create_graph=True)
parts = {
    "real": F.softplus(-real_scores).mean(),
    "fake": (inside * F.softplus(fake_scores) + (1 - inside) * F.softplus(-fake_scores)).mean(),
    "penalty": slope.square().sum((1, 2, 3)).mean(),
}
total = parts["real"] + parts["fake"] + 0.001 * parts["penalty"]
for name, part in {**parts, "total": total}.items():
    out[f"discriminator.{name}"] = part
for name, part in {"penalty": parts["penalty"], "total": total}.items():
    for weight, gradient in zip(trained, torch.autograd.grad(part, [w[each] for each in trained], retain_graph=True, allow_unused=True)):
        if gradient is not None:
            out[f"discriminator.{name}.{weight}"] = gradient.flatten()[:512]
            out[f"discriminator.{name}.{weight}.largest"] = gradient.abs().max()
save_file({name: value.detach().numpy().astype(np.float32).reshape(-1) for name, value in out.items()}, HERE / "lama_training.safetensors")
for name, value in out.items():
    if value.ndim == 0 and not name.endswith("largest"):
        print(name, value.item())
