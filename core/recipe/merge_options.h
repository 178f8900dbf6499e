#pragma once
// How several adapters become one.
#include <cstdint>
#include <string>
#include <vector>

#include "base/options.h"

namespace luthier {

struct MergeOptions {
  /// cat: the exact weighted sum of the updates, ranks added up. linear, ties, dare_linear, dare_ties, magnitude_prune:
  /// factor by factor, of equal ranks, as PEFT's add_weighted_adapter. The same names with _svd, and svd for linear: on
  /// the updates themselves, brought back to `rank`.
  std::string how = "cat";
  double density = 0.5;                 ///< share of the numbers that pruning keeps
  std::string majority_sign = "total";  ///< ties: by the sum of the values (total) or by counting signs (frequency)
  std::int64_t rank = 0;                ///< svd: of the result; 0: the largest of the adapters'
  std::int64_t seed = 42;               ///< dare: which numbers are dropped
  void describe(OptionVisitor& v);
};

const std::vector<std::string>& merge_kinds();
/// Whether the kind works on updates and brings them back to a rank.
bool merges_updates(const std::string& how);
/// Whether the kind drops numbers, so that `density` counts.
bool merge_prunes(const std::string& how);

}  // namespace luthier
