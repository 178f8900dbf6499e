#pragma once
// A preflight that nobody ran: what the command prints, for pictures of the window. The numbers are made up.
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"

namespace luthier::testing {

/// What luthier-cli preflight says of the starter; `verdict`: ready, warnings, blocked.
inline Json played_preflight(const std::string& verdict) {
  const bool warns = verdict != "ready", blocks = verdict == "blocked";
  const auto check = [](const char* id, const char* group, const char* label, const char* severity, const char* value,
                        const char* message, const Json& fixes = Json::array()) {
    return Json{{"id", id},       {"group", group},     {"label", label}, {"severity", severity},
                {"value", value}, {"message", message}, {"fixes", fixes}};
  };
  Json checks = Json::array();
  checks.push_back(blocks ? check("memory", "device", "Memory", "error", "31.2 of 24.1 GB",
                                  "By estimate the run needs 7.1 GB more than there is, so the dry step was left out.",
                                  {{{"label", "Halve the batch: 15.9 GB"},
                                    {"set", {"training.batch_size=8", "training.gradient_accumulation=2"}}},
                                   {{"label", "Shorter rows: 18.2 GB"}, {"set", {"data.max_tokens=32"}}}})
                          : check("memory", "device", "Memory", "pass", "87.8 MB of 24.1 GB", "24.0 GB to spare."));
  checks.push_back(check("step_time", "device", "Step time", "pass", "0.034 s",
                         "720 steps, 10 evaluations, 2 checkpoints: 31 s. Longest rows take 0.06 s."));
  checks.push_back(check("disk", "device", "Disk", "pass", "98.4 MB", "70.5 GB free."));
  checks.push_back(warns ? check("cut_rows", "data", "Cut rows", "warning", "37 (3.2 %)",
                                 "Longer than 32 tokens: their ends are not read.",
                                 {{{"label", "Raise to 64: 102 MB"}, {"set", {"data.max_tokens=64"}}}})
                         : check("cut_rows", "data", "Cut rows", "pass", "0", "The longest row has 56 of 64 tokens."));
  checks.push_back(check("loss_tokens", "data", "Loss", "pass", "1,152 rows", "Every row has a label."));
  checks.push_back(warns ? check("leaks", "data", "Leaks", "warning", "3", "Rows of the test part are in train too.",
                                 {{{"label", "Drop them from train"}, {"set", {"data.drop_leaks=true"}}}})
                         : check("leaks", "data", "Leaks", "pass", "0", "No row of validation or test is in train."));
  checks.push_back(check("first_loss", "numerics", "First loss", "pass", "2.117",
                         "Near ln(8) = 2.08, as a head drawn at random gives."));
  checks.push_back(check("gradients", "numerics", "Gradients", "pass", "41 of 41",
                         "Every trainable tensor receives a finite gradient."));
  checks.push_back(check("precision", "numerics", "Precision", "pass", "fp32", "The processor computes in fp32."));
  const double weights = 14.1e6, optimizer = 28.1e6, activations = blocks ? 31.1e9 : 29.3e6;
  const Json estimate = {{"weights", weights},
                         {"gradients", weights},
                         {"optimizer", optimizer},
                         {"activations", activations},
                         {"total", 2 * weights + optimizer + activations}};
  Json measured = estimate;
  measured["activations"] = 31.5e6;
  measured["total"] = 87.8e6;
  if (blocks) measured = {{"weights", 0}, {"gradients", 0}, {"optimizer", 0}, {"activations", 0}, {"total", 0}};
  return {{"verdict", verdict},
          {"seconds", 1.9},
          {"steps", 720},
          {"epochs", 10},
          {"step_seconds", 0.034},
          {"longest_step_seconds", 0.06},
          {"total_seconds", 31},
          {"evaluations", 10},
          {"checkpoints", 2},
          {"memory", {{"estimate", estimate}, {"measured", measured}, {"available", 24.1e9}, {"limit", 25.3e9}}},
          {"disk", {{"needed", 98.4e6}, {"free", 70.5e9}, {"folder", "/data/luthier"}}},
          {"tokens",
           {{"total", 240000},
            {"rows", 1152},
            {"loss", 11520},
            {"context", warns ? 220100 : 228480},
            {"cut", warns ? 8380 : 0},
            {"cut_rows", warns ? 37 : 0},
            {"padding_share", 0.07}}},
          {"checks", checks}};
}

}  // namespace luthier::testing
