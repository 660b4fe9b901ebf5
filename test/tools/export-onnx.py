"""Makes test/vectors/onnx: encoders exported by torch.onnx, and their float64 logits.

    python3 test/tools/export-onnx.py test/vectors/onnx        (torch 1.13)

The modules are written out here after the modelling code of the transformers library (BERT, DistilBERT, RoBERTa for
sequence classification, in evaluation mode), with the ways that its versions have had to write masks, scales and
activations. Weights are random; the exporter decides how the graph looks.
"""
import json
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

LOWEST = torch.finfo(torch.float32).min
ACTIVATIONS = {
    "gelu": F.gelu,
    "relu": F.relu,
    "gelu_new": lambda x: 0.5 * x * (1.0 + torch.tanh(math.sqrt(2.0 / math.pi) * (x + 0.044715 * torch.pow(x, 3.0)))),
    "gelu_pytorch_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
}


class Embeddings(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.family, d = c["family"], c["d"]
        self.padding = 1 if self.family == "roberta" else 0
        self.words = nn.Embedding(c["vocabulary"], d)
        self.places = nn.Embedding(c["places"], d)
        if self.family != "distilbert":
            self.types = nn.Embedding(1 if self.family == "roberta" else 2, d)
        self.norm = nn.LayerNorm(d, eps=c["epsilon"])
        self.dropout = nn.Dropout(0.1)
        self.register_buffer("position_ids", torch.arange(c["places"]).expand((1, -1)))
        self.register_buffer("type_ids", torch.zeros((1, c["places"]), dtype=torch.long), persistent=False)

    def forward(self, ids, types):
        batch, n = ids.size()
        if self.family == "roberta":
            mask = ids.ne(self.padding).int()
            places = ((torch.cumsum(mask, dim=1).type_as(mask) + 0) * mask).long() + self.padding
        else:
            places = self.position_ids[:, 0:n]
        x = self.words(ids)
        if self.family != "distilbert":
            x = x + self.types(self.type_ids[:, :n].expand(batch, n) if types is None else types)
        return self.dropout(self.norm(x + self.places(places)))


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        d = c["d"]
        self.d, self.heads, self.style, self.act = d, c["heads"], c["style"], ACTIVATIONS[c["act"]]
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.inner, self.outer = nn.Linear(d, c["inner"]), nn.Linear(c["inner"], d)
        self.norm1, self.norm2 = (nn.LayerNorm(d, eps=c["epsilon"]) for _ in range(2))
        self.dropout = nn.Dropout(0.1)

    def cut(self, x):
        return x.view(x.size()[:-1] + (self.heads, self.d // self.heads)).permute(0, 2, 1, 3)

    def context(self, x, mask):
        width = self.d // self.heads
        if self.style == "masked_fill":
            batch, n, _ = x.size()
            q, k, v = (y.view(batch, -1, self.heads, width).transpose(1, 2) for y in (self.q(x), self.k(x), self.v(x)))
            scores = torch.matmul(q / math.sqrt(width), k.transpose(2, 3))
            absent = (mask == 0).view((batch, 1, 1, n)).expand_as(scores)
            weights = self.dropout(F.softmax(scores.masked_fill(absent, torch.tensor(LOWEST)), dim=-1))
            return torch.matmul(weights, v).transpose(1, 2).contiguous().view(batch, -1, self.d)
        q, k, v = self.cut(self.q(x)), self.cut(self.k(x)), self.cut(self.v(x))
        if self.style == "sdpa":  # as scaled_dot_product_attention is exported
            root = math.sqrt(1 / math.sqrt(q.size(-1)))
            weights = torch.softmax(torch.matmul(q * root, k.transpose(-2, -1) * root) + mask, -1)
            return torch.matmul(weights, v).transpose(1, 2).reshape(x.size(0), x.size(1), self.d)
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(width) + mask
        context = torch.matmul(self.dropout(F.softmax(scores, dim=-1)), v).permute(0, 2, 1, 3).contiguous()
        return context.view(context.size()[:-2] + (self.d,))

    def forward(self, x, mask):
        a = self.norm1(self.dropout(self.o(self.context(x, mask))) + x)
        return self.norm2(self.dropout(self.outer(self.act(self.inner(a)))) + a)


class Classifier(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.family, self.style = c["family"], c["style"]
        self.embeddings = Embeddings(c)
        self.layers = nn.ModuleList([Layer(c) for _ in range(c["layers"])])
        self.dense, self.classifier = nn.Linear(c["d"], c["d"]), nn.Linear(c["d"], c["labels"])
        self.dropout = nn.Dropout(0.1)

    def mask(self, mask):
        batch, n = mask.shape
        if self.style == "masked_fill":
            return mask
        if self.style == "sdpa":
            inverse = 1.0 - mask[:, None, None, :].expand(batch, 1, n, n).to(torch.float32)
            return inverse.masked_fill(inverse.to(torch.bool), LOWEST)
        return (1.0 - mask[:, None, None, :].to(torch.float32)) * (-10000.0 if self.style == "10000" else LOWEST)

    def forward(self, input_ids, attention_mask, token_type_ids=None):
        x, mask = self.embeddings(input_ids, token_type_ids), self.mask(attention_mask)
        for layer in self.layers:
            x = layer(x, mask)
        if self.family == "roberta":
            return self.classifier(self.dropout(torch.tanh(self.dense(self.dropout(x[:, 0, :])))))
        pooled = self.dense(x[:, 0])
        return self.classifier(self.dropout(F.relu(pooled) if self.family == "distilbert" else torch.tanh(pooled)))


CASES = [
    # family, style of attention and mask, activation, opset, constant folding, token types as an input
    ("bert", "lowest", "gelu", 11, True, True),
    ("bert", "10000", "gelu_new", 14, False, False),
    ("bert", "lowest", "silu", 17, True, True),
    ("distilbert", "masked_fill", "gelu", 12, True, False),
    ("roberta", "lowest", "gelu", 13, True, False),
    ("roberta", "sdpa", "gelu_pytorch_tanh", 14, True, False),
]


def main(folder):
    torch.set_num_threads(1)
    written = []
    for i, (family, style, act, opset, folding, typed) in enumerate(CASES):
        torch.manual_seed(i)
        c = dict(family=family, style=style, act=act, d=8, heads=2, inner=12, layers=2, labels=3, vocabulary=24, places=16)
        c["epsilon"] = 1e-5 if family == "roberta" else 1e-12
        model = Classifier(c).eval()
        with torch.no_grad():
            for p in model.parameters():
                p.copy_(torch.randn_like(p) * 0.5)
        ids = torch.randint(0, 24, (2, 9))
        names = ["input_ids", "attention_mask"] + (["token_type_ids"] if typed else [])
        args = (ids, torch.ones_like(ids)) + ((torch.zeros_like(ids),) if typed else ())
        axes = {name: {0: "batch", 1: "sequence"} for name in names}
        axes["logits"] = {0: "batch"}
        file = f"{family}-{style}-{act}-opset{opset}.onnx"
        torch.onnx.export(
            model, args, f"{folder}/{file}", input_names=names, output_names=["logits"],
            dynamic_axes=axes, opset_version=opset, do_constant_folding=folding,
        )
        model.double()
        texts = [torch.randint(0, 24, (1, n)) for n in (1, 2, 6, 14)]
        texts[2][0, 3] = 1  # which is RoBERTa's padding, as a text can spell it
        with torch.no_grad():
            logits = [model(x, torch.ones_like(x))[0].tolist() for x in texts]
        written.append({**c, "file": file, "texts": [{"ids": x[0].tolist(), "logits": y} for x, y in zip(texts, logits)]})
    with open(f"{folder}/logits.json", "w") as out:
        json.dump({"made_by": f"test/tools/export-onnx.py, torch {torch.__version__}", "cases": written}, out, indent=1)
        out.write("\n")


main(sys.argv[1])
