"""The training step of train-step.mjs in PyTorch on one thread: the same model, numbers, batches and optimisers.

Prints JSON: milliseconds of each step (wall, CPU), the losses, GFLOP/s of a matrix product. Arguments: steps, warm-up steps, relu or gelu.
"""
import json
import sys
import time

import numpy as np
import torch

BATCH, TOKENS, WIDTH, HEADS, INNER, CLASSES, VOCABULARY = 64, 40, 64, 4, 256, 2, 20000
RATE = 0.001
steps, warm, activation = int(sys.argv[1]), int(sys.argv[2]), getattr(torch.nn.functional, sys.argv[3])
torch.set_num_threads(1)


def numbers(shape, size, phase):
    """Made as train-step.mjs makes them."""
    count = int(np.prod(shape))
    values = size * np.sin(phase + 0.7 * np.arange(count, dtype=np.float64))
    return torch.tensor(values.reshape(shape).astype(np.float32), requires_grad=True)


embedding = numbers((VOCABULARY, WIDTH), 1.0, 0)
matrices = [numbers((WIDTH, WIDTH), WIDTH**-0.5, phase) for phase in (1, 2, 3, 4)]
up, down = numbers((WIDTH, INNER), WIDTH**-0.5, 5), numbers((INNER, WIDTH), INNER**-0.5, 6)
up_bias, down_bias = numbers((INNER,), 0.1, 7), numbers((WIDTH,), 0.1, 8)
head = numbers((WIDTH, CLASSES), WIDTH**-0.5, 9)
dense = torch.optim.Adam([*matrices, up, up_bias, down, down_bias, head], lr=RATE)
sparse = torch.optim.SparseAdam([embedding], lr=RATE)


def heads(x):
    return x.view(BATCH, TOKENS, HEADS, WIDTH // HEADS).transpose(1, 2)


def step(n):
    place = np.arange(BATCH * TOKENS, dtype=np.int64)
    ids = torch.from_numpy(((place * 7919 + n * 104729) % VOCABULARY).reshape(BATCH, TOKENS))
    labels = torch.from_numpy(np.arange(BATCH, dtype=np.int64) % CLASSES)
    x = torch.nn.functional.embedding(ids, embedding, sparse=True)
    q, k, v = (heads(x @ matrix) for matrix in matrices[:3])
    weights = torch.softmax(q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5, -1)
    x = x + (weights @ v).transpose(1, 2).reshape(BATCH, TOKENS, WIDTH) @ matrices[3]
    x = x + activation(x @ up + up_bias) @ down + down_bias
    loss = torch.nn.functional.cross_entropy(x.mean(1) @ head, labels)
    dense.zero_grad()
    sparse.zero_grad()
    loss.backward()
    dense.step()
    sparse.step()
    return loss.item()


times, losses = [], []
for n in range(warm + steps):
    before, cpu = time.perf_counter(), time.process_time()
    losses.append(step(n))
    if n >= warm:
        times.append([1000 * (time.perf_counter() - before), 1000 * (time.process_time() - cpu)])
square = torch.ones(256, 256)
cpu = time.process_time()
for _ in range(50):
    square @ square
gflops = 50 * 2 * 256**3 / (time.process_time() - cpu) / 1e9
print(json.dumps({"version": torch.__version__, "times": times, "losses": losses, "gflops": gflops}))
