#include "penstock/validation/peers.h"

#include <array>

namespace penstock::validation {

std::span<const PeerFigure> peer_figures() {
  static constexpr std::array kFigures = {
      PeerFigure{"AIConfigurator",
                 "TPOT of its own InferenceX and gap runs, 475 of 713 rows priced",
                 "22 % median, 36 % mean", "run for this comparison at 5765aabbe^, November 2026",
                 "serving_static"},
      PeerFigure{"AIConfigurator", "TTFT of the same rows", "55 % median, 58 % mean",
                 "the same run", "serving_static"},
      PeerFigure{"AIConfigurator", "rows of its own sample that it prices", "67 %", "the same run",
                 "serving_static"},
      PeerFigure{"AIConfigurator 0.9", "end-to-end latency and TTFT of 7 vLLM runs on H100",
                 "11.8 % and 652 % median", "sim-to-real-accuracy-validation, by BLIS's authors",
                 ""},
      PeerFigure{"LLMServingSim 2",
                 "the vLLM runs of serving_requests, kernels profiled on those "
                 "very accelerators",
                 "TPOT mean to 1.7 %, latency mean to 2.2 %, TTFT mean to 13.6 %",
                 "its repository at 5daddb2", "serving_requests"},
      PeerFigure{"LLMServingSim 1.1", "end-to-end latency of 32 vLLM runs on H100",
                 "18.8 % median, TTFT 72.5 %", "sim-to-real-accuracy-validation", ""},
      PeerFigure{"BLIS, trained physics", "36 held-out vLLM runs on H100, A100, L40S",
                 "end to end 6.7 %, TTFT 17.6 %, gaps 7.1 % median", "its documentation", ""},
      PeerFigure{"BLIS, roofline", "13 vLLM runs on H100", "end to end 49 %, TTFT 279 % median",
                 "sim-to-real-accuracy-validation", ""},
      PeerFigure{"Vidur", "request latency against its own engine", "below 9 %", "MLSys 2024", ""},
      PeerFigure{"Vidur", "2 vLLM runs on H100", "end to end 2.4 %, TTFT 13.6 % median",
                 "sim-to-real-accuracy-validation", ""},
      PeerFigure{"InferSim", "its own six rates on H800 and H20",
                 "15.2, 15.1, 4.0, 15.0, 8.4 and 3.8 %",
                 "run for this comparison at f2293da, November 2026", "serving_infersim"},
      PeerFigure{"splitwise-sim", "interpolates the rows of serving_splitwise", "none published",
                 "its repository at 8f99e7d", "serving_splitwise"}};
  return kFigures;
}

}  // namespace penstock::validation
