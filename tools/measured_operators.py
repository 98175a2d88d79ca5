"""Measured kernels as operators: what tools/fit_first_efficiency.py fits.

Turns the rows of kernels_{gemm,attention,mla,moe}.csv into flops and bytes, counted as
penstock/compute/layer_*.cpp counts them, and reads the peaks of accelerators from their files.
"""

import collections
import csv
import os
import re

# s: a kernel whose quickest tenth of the rows takes longer was not replayed from a CUDA graph
HOST_LAUNCH_FLOOR = 40e-6
FORMAT_OF = {
    "bfloat16": "bf16", "fp8": "fp8", "fp8_block": "fp8", "nvfp4": "nvfp4", "int4_wo": "int4",
    "w4a16_mxfp4": "mxfp4", "w4a8_mxfp4_mxfp8": "mxfp4",
}
# catalog/dtype.h: bytes of an element, block scales included
ELEMENT_BYTES = {"bf16": 2.0, "fp8": 1.0, "nvfp4": 0.5 + 1 / 16, "mxfp4": 0.5 + 1 / 32,
                 "int4": 0.5 + 2 / 128}


class Machine:
    """Peaks of one accelerator, as data/accelerators has them."""

    def __init__(self, text):
        def find(key):
            match = re.search(r"^\s*" + key + r":\s*(?:value:\s*)?([0-9.]+) ([A-Za-z/]+)", text,
                              re.MULTILINE)
            scale = {"TFLOP/s": 1e12, "PFLOP/s": 1e15, "GB/s": 1e9, "TB/s": 1e12}
            return float(match[1]) * scale[match[2]] if match else None

        self.bf16 = find("bf16")
        self.fp8 = find("fp8") or self.bf16
        self.fp4 = find("fp4") or self.fp8
        self.bandwidth = find("memory_bandwidth")
        self.architecture = re.search(r"^architecture:\s*(\S+)", text, re.MULTILINE)[1]

    def peak(self, fmt):
        return {"fp8": self.fp8, "nvfp4": self.fp4, "mxfp4": self.fp4}.get(fmt, self.bf16)


def rows_of(folder, name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def causal_pairs(tokens, context, cap):
    """Query-key pairs, as compute::causal_pairs."""
    free = min(max(cap - context, 0), tokens)
    return free * context + free * (free + 1) // 2 + (tokens - free) * cap


# ---- one measured row -> (family, format, flops, bytes, fixed calls, extra seconds) parts ----

def gemm_work(r):
    m, n, k = int(r["m"]), int(r["n"]), int(r["k"])
    fmt = FORMAT_OF.get(r["dtype"])
    # models have no narrower layers, and narrow shapes time the launch alone
    if fmt is None or min(n, k) < 1024:
        return None
    return ("gemm", fmt, [(2.0 * m * n * k, n * k * ELEMENT_BYTES[fmt] + 2.0 * m * (n + k))], [])


def attention_work(r):
    batch, query, context = int(r["batch"]), int(r["query_len"]), int(r["context_len"])
    heads, kv_heads, dim = int(r["num_q_heads"]), int(r["num_kv_heads"]), int(r["head_dim"])
    window = int(r["window_tokens"]) or 1 << 62
    kv_byte = ELEMENT_BYTES[FORMAT_OF[r["kv_dtype"]]]
    family = "attention_" + r["phase"]
    if r["phase"] == "prefill" and query == 1:
        return None  # runs the decode kernel
    if r["phase"] == "decode" and context < 127:
        return None  # thousands of sequences with a handful of tokens each: no instance serves so
    pairs = causal_pairs(query, context, window)
    held = min(context + query, window + query - 1)
    flops = batch * pairs * 4.0 * heads * dim
    moved = batch * (held * 2.0 * kv_heads * dim * kv_byte + query * 2.0 * heads * dim * 2.0)
    return (family, FORMAT_OF[r["dtype"]], [(flops, moved)], [])


def mla_work(r):
    if r["scope"] != "kernel":
        return None
    batch, query, context = int(r["batch"]), int(r["query_len"]), int(r["context_len"])
    heads, rank, rope = int(r["num_heads"]), int(r["kv_lora_rank"]), int(r["qk_rope_head_dim"])
    qk, value = int(r["qk_nope_head_dim"]) + rope, int(r["v_head_dim"])
    pairs = causal_pairs(query, context, 1 << 62)
    if r["phase"] == "decode":
        kv_byte = ELEMENT_BYTES[FORMAT_OF[r["kv_dtype"]]]
        flops = batch * pairs * 2.0 * heads * (2 * rank + rope)
        moved = batch * ((context + 1) * (rank + rope) * kv_byte + heads * (2 * rank + rope) * 2.0)
        return ("attention_decode", FORMAT_OF[r["dtype"]], [(flops, moved)], [])
    flops = batch * pairs * 2.0 * heads * (qk + value)
    moved = batch * (2 * query + context) * heads * (qk + value) * 2.0
    return ("attention_prefill", FORMAT_OF[r["dtype"]], [(flops, moved)], [])


def moe_work(r):
    fmt = FORMAT_OF.get(r["dtype"])
    if fmt is None or r["kernel"].endswith("min_latency"):
        return None
    ranks = int(r["moe_ep"])
    tokens, topk, hidden = int(r["num_tokens"]), int(r["topk"]), int(r["hidden_size"])
    experts = int(r["num_experts"])
    width = -(-int(r["inter_size"]) // int(r["moe_tp"]))
    up = width if "nongated" in r["kernel"] else 2 * width
    rows = tokens * topk / ranks
    # balanced routing reaches every expert before it comes to any of them twice
    reached = min(experts, tokens * topk) / ranks
    parts = [(2.0 * rows * n * k, reached * n * k * ELEMENT_BYTES[fmt] + rows * (n + k) * 2.0)
             for n, k in ((up, hidden), (hidden, width))]
    moved = [(tokens * experts * 2.0 + 3.0 * rows * hidden) * 2.0, rows * (up + width) * 2.0]
    return ("grouped_gemm", fmt, parts, moved)


def quantile(values, share, weights=None):
    """Weighted quantile: the value below which `share` of the weight lies, interpolated."""
    pairs = sorted(zip(values, weights or [1.0] * len(values)))
    total = sum(w for _, w in pairs)
    passed, place, before = 0.0, [], None
    for value, weight in pairs:
        middle = (passed + 0.5 * weight) / total
        passed += weight
        if middle >= share:
            if before is None:
                return value
            return before[1] + (value - before[1]) * (share - before[0]) / (middle - before[0])
        before = (middle, value)
    return pairs[-1][0]


def label_of(r):
    return tuple(r.get(key) for key in ("accelerator", "framework", "framework_version", "kernel",
                                        "dtype", "kv_dtype", "phase", "scope"))


def host_launched(rows):
    """Labels of kernels that show a floor no accelerator needs, for their smallest calls."""
    times = collections.defaultdict(list)
    for r in rows:
        times[label_of(r)].append(float(r["latency_us"]) * 1e-6)
    return {key for key, t in times.items() if quantile(t, 0.1) > HOST_LAUNCH_FLOOR}


def moe_key(r):
    return r["accelerator"], r["framework"], r["framework_version"], r["dtype"]


def fit_for_moe(rows):
    """Balanced rows; of releases measured under skewed routing only, those of one expert group.

    There the rank does all the work, so that its rows are known; how many experts they reach is
    not, and the balanced count stands in.
    """
    balanced = {moe_key(r) for r in rows if r["distribution"] == "balanced"}
    return [r for r in rows if r["distribution"] == "balanced" or
            (moe_key(r) not in balanced and r["moe_ep"] == "1")]


def read_kernels(folder):
    """(accelerator, family, format) -> [(parts, element-wise bytes, seconds)]; and power rows."""
    kernels, powered = collections.defaultdict(list), collections.defaultdict(list)
    for name, work in (("gemm", gemm_work), ("attention", attention_work), ("mla", mla_work),
                       ("moe", moe_work)):
        rows = list(rows_of(folder, "kernels_" + name + ".csv"))
        if name == "moe":
            rows = fit_for_moe(rows)
        # a fused MoE layer is several kernels long: no floor tells its launch apart
        slow = set() if name == "moe" else host_launched(rows)
        for r in rows:
            found = None if label_of(r) in slow else work(r)
            if found is None:
                continue
            family, fmt, parts, moved = found
            item = (parts, moved, float(r["latency_us"]) * 1e-6)
            if r["power_w"]:  # an older release: never mixed with the newest one's times
                powered[r["accelerator"]].append((family, fmt, item, float(r["power_w"])))
            else:
                kernels[r["accelerator"], family, fmt].append(item)
    return kernels, powered


def read_skewed(folder):
    """Expert layers of one group under skewed routing, keyed and shaped as read_kernels does."""
    kernels = collections.defaultdict(list)
    for r in rows_of(folder, "kernels_moe.csv"):
        found = moe_work(r) if r["moe_ep"] == "1" and not r["power_w"] else None
        if found is None or r["distribution"] == "balanced":
            continue
        family, fmt, parts, moved = found
        item = (parts, moved, float(r["latency_us"]) * 1e-6)
        kernels[r["accelerator"], family, fmt].append(item)
    return kernels
