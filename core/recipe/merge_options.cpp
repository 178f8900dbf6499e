#include "recipe/merge_options.h"

namespace luthier {

void MergeOptions::describe(OptionVisitor& v) {
  v.choice({.key = "how",
            .label = "How",
            .help = "cat: the exact weighted sum of the updates, ranks added up. linear, ties, dare_linear, dare_ties, "
                    "magnitude_prune: factor by factor, of equal ranks. With _svd: on the updates, brought back to a "
                    "rank."},
           merge_kinds(), how);
  v.number({.key = "density",
            .label = "Density",
            .help = "Share of the numbers that ties, dare and magnitude_prune keep.",
            .min = 0.001,
            .max = 1},
           density);
  v.choice({.key = "majority_sign",
            .label = "Majority",
            .help = "ties: which sign wins, by the sum of the values (total) or by counting (frequency).",
            .level = OptionLevel::advanced},
           {"total", "frequency"}, majority_sign);
  v.integer({.key = "rank",
             .label = "Rank",
             .help = "svd: of the result; 0: the largest of the adapters'.",
             .min = 0,
             .max = 4096,
             .level = OptionLevel::advanced},
            rank);
  v.integer({.key = "seed",
             .label = "Seed",
             .help = "dare: decides which numbers are dropped.",
             .min = 0,
             .max = 1e15,
             .level = OptionLevel::advanced},
            seed);
}

const std::vector<std::string>& merge_kinds() {
  static const std::vector<std::string> kinds = {
      "cat",      "linear",          "ties",          "dare_linear",        "dare_ties", "magnitude_prune", "svd",
      "ties_svd", "dare_linear_svd", "dare_ties_svd", "magnitude_prune_svd"};
  return kinds;
}

bool merges_updates(const std::string& how) { return how.ends_with("svd"); }

bool merge_prunes(const std::string& how) { return how != "cat" && how != "linear" && how != "svd"; }

}  // namespace luthier
