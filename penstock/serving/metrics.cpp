#include "penstock/serving/metrics.h"

#include <array>

namespace penstock::serving {
namespace {

constexpr std::array kDocs = {
    MetricDoc{"serving.ttft", "s", "time to first token",
              "From a request's arrival at the router to the end of the step that produced its "
              "first output token. Queueing and every prefill step count. Completed requests only.",
              "t(first token) - t(arrival)", "vLLM benchmark_serving; MLPerf Inference"},
    MetricDoc{"serving.tpot", "s", "time per output token",
              "Mean time between the output tokens of one request after the first, one value a "
              "request; requests with a single output token have none. Statistics are over "
              "requests.",
              "(t(last token) - t(first token)) / (output tokens - 1)",
              "vLLM benchmark_serving; MLPerf Inference"},
    MetricDoc{"serving.itl", "s", "inter-token latency",
              "Time between two consecutive output tokens of a request, one value a token. "
              "Statistics are over all tokens of all requests, so long requests weigh more than in "
              "TPOT. Where drafts are verified, the tokens of one step come together and count as "
              "one.",
              "t(token i+1) - t(token i)", "vLLM benchmark_serving"},
    MetricDoc{"serving.latency", "s", "request latency",
              "From arrival to the last output token of a completed request.",
              "t(last token) - t(arrival)", "vLLM benchmark_serving (E2EL)"},
    MetricDoc{"serving.queue_time", "s", "queue time",
              "From arrival to the start of the first step that works on the request.",
              "t(first scheduled) - t(arrival)", "vLLM request_queue_time_seconds"},
    MetricDoc{"serving.output_throughput", "token/s", "output throughput",
              "Output tokens of completed requests over the duration of the run.",
              "completed output tokens / duration", "vLLM benchmark_serving"},
    MetricDoc{
        "serving.input_throughput", "token/s", "input throughput",
        "Prompt tokens of completed requests over the duration of the run; tokens served from "
        "the prefix cache count.",
        "completed input tokens / duration", "vLLM benchmark_serving"},
    MetricDoc{"serving.output_throughput_per_accelerator", "token/s",
              "output throughput per "
              "accelerator",
              "Output throughput over all accelerators of the pool, busy or not.",
              "output throughput / accelerators", "InferenceX"},
    MetricDoc{"serving.request_throughput", "request/s", "request throughput",
              "Completed requests over the duration of the run.", "completed / duration",
              "vLLM benchmark_serving"},
    MetricDoc{"serving.goodput", "request/s", "goodput",
              "Completed requests that met every SLO of the scenario, over the duration. Without "
              "SLOs every completed request is good.",
              "good requests / duration", "Zhong et al. 2024 (DistServe)"},
    MetricDoc{"serving.good_fraction", "", "share of good requests",
              "Requests that completed within every SLO over all that arrived: rejections and "
              "time-outs count against it.",
              "good requests / arrived requests", "Zhong et al. 2024 (DistServe)"},
    MetricDoc{"serving.requests", "request", "requests by fate",
              "Requests that arrived, completed, were rejected, or timed out; and preemptions of "
              "running requests (one request may be preempted more than once).",
              "arrived = completed + rejected + timed out", "definition"},
    MetricDoc{"serving.duration", "s", "duration of the run",
              "From the start of the clock (the first arrival) to the last output token.",
              "t(last token)", "definition"},
    MetricDoc{"serving.utilization", "", "utilization",
              "Share of the duration in which an instance runs a step, averaged over instances.",
              "busy time / (instances * duration)", "definition"},
    MetricDoc{"serving.batch", "sequence", "decoding sequences in a step",
              "Mean number of sequences that decode in a step that decodes at all.",
              "sequences in decode steps / decode steps", "definition"},
    MetricDoc{"serving.decode_yield", "token", "tokens a decode step yields",
              "Output tokens that a decode step brings a sequence, in the mean; only where drafts "
              "are verified. Drafts beyond the end of an output are lost, so short outputs yield "
              "less than the acceptance implies.",
              "decode tokens / sequences in decode steps", "definition"},
    MetricDoc{"serving.kv_usage", "", "KV pages in use",
              "Share of KV pages held by running requests; idle cached prefixes count as free. "
              "Mean and peak over the samples of the run.",
              "pages in use / pages", "vLLM gpu_cache_usage_perc"},
    MetricDoc{"serving.prefix_hit_fraction", "", "prefix cache hits",
              "Prompt tokens of completed requests that were reused instead of computed.",
              "reused prompt tokens / prompt tokens", "vLLM prefix_cache_hits"},
    MetricDoc{"serving.mfu", "", "model FLOP utilization",
              "Operations of all steps over what the accelerators could do at their dense peak for "
              "16-bit products in the whole duration. Recomputation after preemption counts as "
              "work done, so this is a hardware utilization (HFU) when requests are preempted.",
              "operations / (peak * accelerators * duration)", "Chowdhery et al. 2022 (PaLM)"},
    MetricDoc{
        "serving.power", "W", "power per accelerator",
        "Mean board power of one accelerator over the duration: idle power all the time, "
        "activity energy in steps. First estimate: activity coefficients of the accelerator's "
        "efficiency set.",
        "energy / (accelerators * duration)", "definition"},
    MetricDoc{"serving.energy_per_output_token", "J/token", "energy per output token",
              "Board energy of all accelerators of the pool, idle time included, over the output "
              "tokens of completed requests. First estimate; no host, network or cooling.",
              "energy / completed output tokens", "definition"},
    MetricDoc{"economics.cost", "$", "cost of the run",
              "Accelerator-hours of the pool times the accelerator-hour price. First estimate.",
              "accelerators * duration * price", "definition"},
    MetricDoc{"economics.cost_per_million_output_tokens", "$", "cost per million output tokens",
              "Cost of the run over the output tokens of completed requests, times a million; "
              "prompt tokens are not billed apart. First estimate.",
              "cost / completed output tokens * 1e6", "definition"},
};

}  // namespace

std::span<const MetricDoc> metric_docs() { return kDocs; }

}  // namespace penstock::serving
