#!/usr/bin/env python3
"""Fits data/efficiency/*.yaml to measured kernels: the plain first set.

    tools/fit_first_efficiency.py MEASUREMENTS [DATA] [--report]

Reads kernels_{gemm,attention,mla,moe}.csv and serving_splitwise.csv of the folder MEASUREMENTS and
the accelerators' peaks from DATA/accelerators (default: data), writes DATA/efficiency/NAME.yaml
and, with --report, prints the residual table of docs/formulas/compute.md.

Per accelerator, kernel family and format it fits three numbers of
    t = fixed + max(flops / (peak * compute), bytes / (bandwidth * memory))
with flops and bytes counted as penstock/compute/layer_*.cpp counts them. `fixed` is the median of
the smallest calls; the two shares minimise the mean Huber loss of log(measured / predicted), by
Nelder and Mead's simplex. A row weighs bound / (bound + 20 us), its bound being the roofline at
full shares: steps of loaded instances consist of calls of tens of microseconds, and this form
cannot follow both ends. Residual quantiles take the same weights. Left out: rows that beat the
roofline, and kernels timed with their host launch.
Same input, same bytes out. `penstock calibrate`, once it exists, replaces this set by smooth
functions of shape.
"""

import collections
import math
import os
import sys
import textwrap

from measured_operators import Machine, quantile, read_kernels, read_skewed, rows_of

HUBER_DELTA = 0.2
WEIGHT_HALF = 20e-6  # s: calls whose bound is this long weigh half
SMALL = 3e-6  # s: calls whose bound is shorter show the fixed time
# Beside each id: the name in the measurement files, and whose board power stands in.
ACCELERATORS = {
    "a100_sxm_80": ("a100_sxm", "a100_sxm"),
    "h100_sxm": ("h100_sxm", "h200_sxm"),
    "h200_sxm": ("h200_sxm", "h200_sxm"),
    "b200_sxm": ("b200_sxm", "b200_sxm"),
    "gb200": ("gb200", "gb200"),
    "rtx_pro_6000": ("rtx_pro_6000_server", "b200_sxm"),
}
FAMILIES = ["gemm", "grouped_gemm", "attention_prefill", "attention_decode"]
FORMATS = ["bf16", "fp8", "nvfp4", "mxfp4", "int4"]
# Assumed where nothing was measured: (compute, memory, fixed). Element-wise kernels stream at about
# three quarters of the bandwidth at large sizes and take about 2 us in a CUDA graph, as small GEMMs
# do; scan kernels of linear attention reach less than attention kernels.
ASSUMED = {"elementwise": (1.0, 0.75, 2.0e-6), "linear_attention": (0.3, 0.6, 4.0e-6)}
ASSUMED_BAND = (0.6, 1.8)


# ---- fitting ----

def huber(x):
    x = abs(x)
    return 0.5 * x * x if x < HUBER_DELTA else HUBER_DELTA * (x - 0.5 * HUBER_DELTA)


def nelder_mead(loss, start, step, rounds):
    """Minimum of `loss` by the plain simplex method (Nelder and Mead 1965)."""
    size = len(start)
    simplex = [list(start)]
    for i in range(size):
        corner = list(start)
        corner[i] += step
        simplex.append(corner)
    scored = sorted((loss(x), x) for x in simplex)
    for _ in range(rounds):
        centre = [sum(x[i] for _, x in scored[:-1]) / size for i in range(size)]
        worst_loss, worst = scored[-1]

        def along(factor):
            x = [c + factor * (w - c) for c, w in zip(centre, worst)]
            return loss(x), x

        trial = along(-1.0)
        if trial[0] < scored[0][0]:
            trial = min(trial, along(-2.0))
        elif trial[0] >= scored[-2][0]:
            trial = min(along(0.5), along(-0.5))
        if trial[0] < worst_loss:
            scored[-1] = trial
        else:
            best = scored[0][1]
            scored = [scored[0]] + [(loss(y), y) for y in (
                [b + 0.5 * (v - b) for b, v in zip(best, x)] for _, x in scored[1:])]
        scored.sort()
    return scored[0][1]


def predicted(row, compute, memory, fixed):
    return row[1] + sum(fixed + max(a / compute, b / memory) for a, b in row[0])


def row_weight(row):
    return row[3] / (row[3] + WEIGHT_HALF)


class Fit:
    """Coefficients of one family in one format, with the quantiles of measured / predicted."""

    def __init__(self, compute, memory, fixed, ratios, weights=None):
        self.compute, self.memory, self.fixed = compute, memory, fixed
        self.rows = len(ratios)
        self.low, self.middle, self.high = (quantile(ratios, p, weights) for p in (0.1, 0.5, 0.9))
        self.error = quantile([abs(math.log(x)) for x in ratios], 0.5, weights)


def timed_rows(items, machine, fmt):
    """[(seconds at full shares of each part, seconds around them, measured, bound)]"""
    _, stream, launch = ASSUMED["elementwise"]
    rows = []
    for parts, moved, seconds in items:
        timed = [(flops / machine.peak(fmt), size / machine.bandwidth) for flops, size in parts]
        around = sum(launch + size / (machine.bandwidth * stream) for size in moved)
        bound = sum(max(pair) for pair in timed) + sum(moved) / machine.bandwidth
        # no kernel beats the roofline; what seems to was served by a cache or measured wrongly
        if bound < seconds:
            rows.append((timed, around, seconds, bound))
    return rows


def fixed_time(rows):
    """Median over the smallest calls of what is not their work."""
    small = [row for row in rows if row[3] < SMALL]
    if len(small) < 10:
        small = sorted(rows, key=lambda row: row[3])[:20]
    rest = [(row[2] - row[1] - sum(max(p) for p in row[0])) / len(row[0]) for row in small]
    return max(0.5e-6, quantile(rest, 0.5))


def fit_kernel(items, machine, fmt):
    rows = timed_rows(items, machine, fmt)
    if len(rows) < 20:
        return None
    fixed = fixed_time(rows)
    weights = [row_weight(row) for row in rows]
    total = sum(weights)

    def clamped(x):
        return [min(1.0, max(0.02, math.exp(v))) for v in x]

    def loss(x):
        p = clamped(x)
        lost = sum(w * huber(math.log(row[2] / predicted(row, *p, fixed)))
                   for row, w in zip(rows, weights))
        # a weak pull towards the start keeps a share that no row determines from wandering
        return lost / total + 1e-4 * sum((a - b) ** 2 for a, b in zip(x, start))

    start = [math.log(0.6), math.log(0.7)]
    best = nelder_mead(loss, start, 0.3, 80)
    p = clamped(nelder_mead(loss, best, 0.1, 40))
    return Fit(*p, fixed, [row[2] / predicted(row, *p, fixed) for row in rows], weights)


def fit_power(rows):
    """Shares of the limit from rows of (compute activity, memory activity, board power share)."""
    # a board that runs kernels without work draws little more than an idle one
    quiet = sorted(rows, key=lambda row: max(row[:2]))[:max(20, len(rows) // 5)]
    idle = quantile([row[2] for row in quiet], 0.1)
    weights = [max(row[:2]) for row in rows]

    def clamped(x):
        return [min(1.0 - idle, max(0.0, v)) for v in x]

    def predict(row, shares):
        return min(1.0, idle + shares[0] * row[0] + shares[1] * row[1])

    def loss(x):
        shares = clamped(x)
        lost = sum(w * huber(math.log(row[2] / predict(row, shares)))
                   for row, w in zip(rows, weights))
        return lost / sum(weights) + sum((a - b) ** 2 for a, b in zip(x, shares))

    best = clamped(nelder_mead(loss, [0.5, 0.4], 0.1, 200))
    ratios = [row[2] / predict(row, best) for row in rows]
    return [idle] + best, ratios, weights


def activity(item, machine, fmt):
    """Shares of the peak and of the bandwidth that a measured call used."""
    parts, moved, seconds = item
    flops = sum(part[0] for part in parts) / machine.peak(fmt)
    size = (sum(part[1] for part in parts) + sum(moved)) / machine.bandwidth
    return flops / seconds, size / seconds


def kernel_power(rows, machine, limit):
    used = [(*activity(item, machine, fmt), watts / limit) for _, fmt, item, watts in rows]
    return fit_power([row for row in used if max(row[:2]) < 1.0])


# Parameters and KV bytes a token, by the model cards of Llama 2 70B and BLOOM 176B
SERVED = {"llama2-70b": (69.0e9, 327680.0), "bloom-176b": (176.2e9, 4014080.0)}


def serving_power(folder, machine):
    """Power shares of the A100 from whole runs: prompt and token phases mixed as they were."""
    rows = []
    for r in rows_of(folder, "serving_splitwise.csv"):
        if r["hardware"] != "a100-80gb" or not r["average_power_fraction_of_tdp"]:
            continue
        parameters, kv = SERVED[r["model"]]
        ranks, batch = int(r["tp"]), int(r["batch"])
        prompt, output = int(r["prompt_tokens"]), int(r["output_tokens"])
        seconds = float(r["e2e_ms"]) * 1e-3
        flops = 2.0 * parameters * batch * (prompt + output) / ranks
        held = batch * (prompt + output / 2.0) * kv
        moved = output * (2.0 * parameters + held) / ranks
        rows.append((flops / machine.bf16 / seconds, moved / machine.bandwidth / seconds,
                     float(r["average_power_fraction_of_tdp"])))
    return fit_power(rows)


# ---- writing ----

def number(x):
    return f"{x:.3g}"


def kernel_line(family, fmt, fit):
    return (f"  - {{family: {family}, dtype: {fmt}, compute: {number(fit.compute)}, "
            f"memory: {number(fit.memory)}, fixed: {number(fit.fixed * 1e6)} us,\n"
            f"     low: {number(fit.low)}, high: {number(fit.high)}, rows: {fit.rows}}}\n")


def assumed_fit(family):
    fit = Fit(*ASSUMED[family], [1.0])
    fit.low, fit.high, fit.rows = *ASSUMED_BAND, 0
    return fit


def write_set(path, head, kernels, power):
    with open(path, "w", encoding="utf-8") as file:
        for key, text in head:
            file.write(textwrap.fill(f"{key}: {text}", 98, subsequent_indent="    ") + "\n")
        file.write("kernels:\n")
        for (family, fmt), fit in kernels:
            file.write(kernel_line(family, fmt, fit))
        file.write("  # nothing was measured for these two: assumed\n")
        for family in ("linear_attention", "elementwise"):
            file.write(kernel_line(family, "bf16", assumed_fit(family)))
        file.write("power:\n" + "".join(
            f"  {key}: {number(share)}\n"
            for key, share in zip(("idle", "compute", "memory"), power)))


SOURCE = ("NVIDIA ai-dynamo/aiconfigurator at 095f58a5 (Apache-2.0), {rows} kernel timings of "
          "TensorRT-LLM, SGLang and vLLM, fitted by tools/fit_first_efficiency.py; {power}")
POWER_SOURCE = {
    "a100_sxm": "power from the batch runs of splitwise-sim (MIT)",
    "own": "power from the same source's board-power rows",
}


def median_set(sets):
    """Coefficients for an accelerator nobody measured: medians, bands as wide as any, widened."""
    kernels = []
    for key in [(f, d) for f in FAMILIES for d in FORMATS]:
        fits = [fit for _, fitted, _ in sets for k, fit in fitted if k == key]
        if fits:
            kernels.append((key, median_fit(fits)))
    power = [quantile([p[i] for _, _, p in sets], 0.5) for i in range(3)]
    return kernels, power


def median_fit(fits):
    fit = Fit(*(quantile([getattr(f, name) for f in fits], 0.5)
                for name in ("compute", "memory", "fixed")), [1.0])
    fit.low = min(f.low for f in fits) * 0.7
    fit.high = max(f.high for f in fits) * 1.4
    fit.rows = sum(f.rows for f in fits)
    return fit


def report(sets, powers):
    print("| accelerator | family | format | compute | memory | fixed us | rows | median error "
          "| p10 | median | p90 |\n|---|---|---|---|---|---|---|---|---|---|---|")
    for name, kernels, _ in sets:
        for (family, fmt), fit in kernels:
            numbers = [number(fit.compute), number(fit.memory), number(fit.fixed * 1e6)]
            print(f"| {name} | {family} | {fmt} | " + " | ".join(numbers) +
                  f" | {fit.rows} | {100 * (math.exp(fit.error) - 1):.0f} % | {fit.low:.2f} | "
                  f"{fit.middle:.2f} | {fit.high:.2f} |")
    print("\n| accelerator | idle | compute | memory | rows | p10 | p90 |\n"
          "|---|---|---|---|---|---|---|")
    for name, (shares, ratios, weights) in powers.items():
        print(f"| {name} | " + " | ".join(number(x) for x in shares) + f" | {len(ratios)} | "
              f"{quantile(ratios, 0.1, weights):.2f} | {quantile(ratios, 0.9, weights):.2f} |")


def report_unseen(title, unseen, sets, machines):
    """How a fit does on rows that it never saw; `unseen` is keyed as read_kernels' kernels."""
    print(f"\n{title}\n\n| accelerator | family | format | rows | median error | p10 | median "
          "| p90 | in band |\n|---|---|---|---|---|---|---|---|---|")
    for name, kernels, _, _ in sets:
        for (family, fmt), fit in kernels:
            rows = timed_rows(unseen[(ACCELERATORS[name][0], family, fmt)], machines[name], fmt)
            if len(rows) < 20:
                continue
            weights = [row_weight(row) for row in rows]
            ratios = [row[2] / predicted(row, fit.compute, fit.memory, fit.fixed) for row in rows]
            inside = sum(w for x, w in zip(ratios, weights) if fit.low <= x <= fit.high)
            error = quantile([abs(math.log(x)) for x in ratios], 0.5, weights)
            spread = [f"{quantile(ratios, p, weights):.2f}" for p in (0.1, 0.5, 0.9)]
            share = 100 * inside / sum(weights)
            print(" | ".join([f"| {name} | {family} | {fmt} | {len(rows)}",
                              f"{100 * (math.exp(error) - 1):.0f} %", *spread,
                              f"{share:.0f} % |"]))


def older_releases(folder):
    older = collections.defaultdict(list)
    for accelerator, rows in read_kernels(folder)[1].items():
        for family, fmt, item, _ in rows:
            older[accelerator, family, fmt].append(item)
    return older


LIMITS = {"h200_sxm": 700.0, "b200_sxm": 1000.0, "gb200": 1200.0}  # W, when power was measured


def fit_all(folder, machines):
    kernels, powered = read_kernels(folder)
    powers = {"a100_sxm": serving_power(folder, machines["a100_sxm_80"])}
    for name, limit in LIMITS.items():
        powers[name] = kernel_power(powered[name], machines[name], limit)
    sets = []
    for name, (measured, power) in ACCELERATORS.items():
        fitted = []
        for key in [(f, d) for f in FAMILIES for d in FORMATS]:
            fit = fit_kernel(kernels[(measured, *key)], machines[name], key[1])
            if fit is not None:
                fitted.append((key, fit))
        sets.append((name, fitted, powers[power][0]))
    return sets, powers


def write_all(sets, machines, data):
    for name, kernels, power in sets:
        measured, power_of = ACCELERATORS[name]
        text = POWER_SOURCE.get(measured, POWER_SOURCE["own"])
        if power_of != measured:
            text = f"power shares of {power_of} stand in"
        head = [("id", name), ("summary", f"\"Plain first efficiencies of {name}\""),
                ("source", '"' + SOURCE.format(rows=sum(f.rows for _, f in kernels),
                                               power=text) + '"'),
                ("date", "2026-07"), ("confidence", "medium"),
                ("architecture", machines[name].architecture)]
        write_set(os.path.join(data, "efficiency", name + ".yaml"), head, kernels, power)
    head = [("id", "default"),
            ("summary", '"For accelerators without a measured kin: medians, with wide bands"'),
            ("source", '"Medians over the sets beside this one, by tools/fit_first_efficiency.py; '
                       'the band spans all of theirs and 40 % more"'),
            ("date", "2026-07"), ("confidence", "low")]
    write_set(os.path.join(data, "efficiency", "default.yaml"), head, *median_set(sets))


def main(arguments):
    places = [a for a in arguments if not a.startswith("--")]
    if not places:
        print(__doc__, file=sys.stderr)
        return 2
    data = places[1] if len(places) > 1 else "data"
    machines = {}
    for name in ACCELERATORS:
        path = os.path.join(data, "accelerators", name + ".yaml")
        with open(path, encoding="utf-8") as file:
            machines[name] = Machine(file.read())
    sets, powers = fit_all(places[0], machines)
    os.makedirs(os.path.join(data, "efficiency"), exist_ok=True)
    write_all(sets, machines, data)
    if "--report" in arguments:
        report(sets, powers)
        report_unseen("Older release:", older_releases(places[0]), sets, machines)
        report_unseen("Skewed routing:", read_skewed(places[0]), sets, machines)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
