"""Times a training step of HiFill as PyTorch makes it on the CPU: three steps of the adversary with a gradient penalty, one of
the generator, random weights and pictures.

    python bench/networks/hifill_training_torch.py [size] [batch] [steps]

Prints the median in seconds. Needs torch. It is a yardstick for time, not for values.
"""

import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

size, batch, steps = (int(a) for a in (sys.argv[1:] + ["256", "4", "3"][len(sys.argv) - 1 :]))
torch.manual_seed(0)


def same(x, kernel, stride, dilation):
    pads = []
    for n in (x.shape[3], x.shape[2]):
        total = max((-(-n // stride) - 1) * stride + (kernel - 1) * dilation + 1 - n, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


class Gated(nn.Module):
    def __init__(self, kernel, stride, dilation, inputs, outputs, kind, up=False):
        super().__init__()
        self.kernel, self.stride, self.dilation, self.kind, self.up = kernel, stride, dilation, kind, up
        self.features = nn.Conv2d(inputs, outputs, kernel, stride, dilation=dilation)
        self.gate = nn.Conv2d(inputs, 1, kernel, stride, dilation=dilation) if kind == "single" else nn.Conv2d(inputs, outputs, 1, stride)

    def forward(self, x):
        if self.up:
            x = F.interpolate(x, scale_factor=2, mode="bilinear")
        padded = same(x, self.kernel, self.stride, self.dilation)
        gate = self.gate(padded if self.kind == "single" else x)
        return F.elu(self.features(padded)) * torch.sigmoid(gate)


def chain(*layers):
    return nn.Sequential(*layers)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()

        def c(kernel, stride, dilation, inputs, outputs, up=False):
            return Gated(kernel, stride, dilation, inputs, outputs, "single", up)

        def r(stride, dilation, inputs, outputs, up=False):
            return Gated(3, stride, dilation, inputs, outputs, "pixel", up)

        dilations = [1] * 6 + [2] * 5 + [4] * 4 + [8] * 2 + [1] * 3
        self.coarse = chain(
            c(5, 2, 1, 4, 32), c(3, 1, 1, 32, 32), c(3, 2, 1, 32, 64), *[c(3, 1, d, 64, 64) for d in dilations],
            c(3, 1, 1, 64, 32, True), c(3, 1, 1, 32, 32), c(3, 1, 1, 32, 3, True),
        )
        self.down256 = chain(r(2, 1, 4, 32), r(1, 1, 32, 32))
        self.down128 = chain(r(2, 1, 32, 64), r(1, 1, 64, 64))
        self.down64 = chain(r(2, 1, 64, 128), r(1, 1, 128, 128), *[r(1, d, 128, 128) for d in (1, 2, 4, 8, 16)])
        self.attended, self.joined = r(1, 1, 128, 128), r(1, 1, 256, 128)
        self.up128 = chain(r(1, 1, 128, 64, True), r(1, 1, 64, 64))
        self.transferred128 = chain(r(1, 1, 64, 64), r(1, 2, 64, 64))
        self.up256 = chain(r(1, 1, 128, 32, True), r(1, 1, 32, 32))
        self.transferred256 = chain(r(1, 1, 32, 32), r(1, 2, 32, 32))
        self.rgb = r(1, 1, 64, 3, True)

    def attend(self, f, hole):
        b, channels, h, w = f.shape
        cells = (h // 2) * (w // 2)
        small = f[:, :, ::2, ::2]
        patches = F.unfold(small, 3, padding=1)
        reference = patches / patches.norm(dim=1, keepdim=True).clamp(min=1e-8)
        y = torch.bmm(patches.transpose(1, 2), reference)

        def fuse(y):
            p = F.pad(y, (1, 1, 1, 1))
            return p[:, :-2, :-2] + p[:, 1:-1, 1:-1] + p[:, 2:, 2:]

        def turn(y, rows, columns):
            return y.reshape(b, rows, columns, rows, columns).permute(0, 2, 1, 4, 3).reshape(b, cells, cells)

        y = turn(fuse(turn(fuse(y), h // 2, w // 2)), w // 2, h // 2)
        invalid = F.max_pool2d(F.max_pool2d(hole, 16), 3, 1, 1).reshape(b, 1, cells)
        scores = torch.softmax(y * (1 - invalid) * 10, 2) * (1 - invalid)
        raw = F.unfold(F.pad(f, (0, 1, 0, 1)), 3, stride=2)
        mixed = torch.bmm(raw, scores.transpose(1, 2))
        return F.fold(mixed, (h + 1, w + 1), 3, stride=2)[:, :, :-1, :-1], scores

    def transfer(self, x, scores):
        rate = int((x.shape[2] * x.shape[3] / scores.shape[1]) ** 0.5)
        options = dict(kernel_size=2 * rate, stride=rate, padding=rate // 2)
        return F.fold(torch.bmm(F.unfold(x, **options), scores.transpose(1, 2)), x.shape[2:], **options)

    def forward(self, image, hole):
        known = image * (1 - hole)
        half = torch.cat([known, hole], 1)[:, :, ::2, ::2]
        coarse = F.interpolate(self.coarse(half).clamp(-1, 1), scale_factor=2, mode="bilinear")
        at256 = self.down256(torch.cat([coarse * hole + known, hole], 1))
        at128 = self.down128(at256)
        at64 = self.down64(at128)
        looked_up, scores = self.attend(at64, hole)
        x = self.joined(torch.cat([at64, self.attended(looked_up)], 1))
        x = torch.cat([self.transferred128(self.transfer(at128, scores)), self.up128(x)], 1)
        x = torch.cat([self.transferred256(self.transfer(at256, scores)), self.up256(x)], 1)
        return coarse, self.rgb(x).clamp(-1, 1)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        channels = [3, 64, 128, 256, 256, 256, 256]
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, 5, 2) for a, b in zip(channels, channels[1:]))
        self.dense = nn.Linear((-(-size // 64)) ** 2 * 256, 1)

    def forward(self, x):
        for convolution in self.convolutions:
            x = F.leaky_relu(convolution(same(x, 5, 2, 1)), 0.2)
        return self.dense(x.flatten(1))


generator, discriminator = Generator(), Discriminator()
adam = [torch.optim.Adam(network.parameters(), 1e-4, (0.5, 0.9)) for network in (generator, discriminator)]


def draw():
    image = torch.rand(batch, 3, size, size) * 2 - 1
    hole = torch.zeros(batch, 1, size, size)
    hole[:, :, size // 4 : size // 2, size // 4 : size // 2] = 1
    return image, hole


def step():
    for _ in range(3):
        image, hole = draw()
        with torch.no_grad():
            fake = generator(image, hole)[1] * hole + image * (1 - hole)
        scores = discriminator(torch.cat([image, fake]))
        mix = image + torch.rand(batch, 1, 1, 1) * (fake - image)
        mix.requires_grad_(True)
        slope = torch.autograd.grad(discriminator(mix).sum(), mix, create_graph=True)[0]
        penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
        adam[1].zero_grad()
        (scores[batch:].mean() - scores[:batch].mean() + 10 * penalty).backward()
        adam[1].step()
    image, hole = draw()
    coarse, fine = generator(image, hole)
    inside = 1.2 * ((image - coarse).abs() * hole).mean() + ((image - fine).abs() * hole).mean()
    outside = 1.2 * ((image - coarse).abs() * (1 - hole)).mean() + ((image - fine).abs() * (1 - hole)).mean()
    loss = 1.2 * inside + 1.2 * outside / (1 - hole).mean() - 0.001 * discriminator(fine * hole + image * (1 - hole)).mean()
    adam[0].zero_grad()
    loss.backward()
    adam[0].step()


step()
times = []
for _ in range(steps):
    start = time.perf_counter()
    step()
    times.append(time.perf_counter() - start)
print(f"{sorted(times)[len(times) // 2]:.2f}")
