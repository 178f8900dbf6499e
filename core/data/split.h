#pragma once
// Dividing rows into training, validation and test.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace luthier {

enum class Split : std::uint8_t { train, validation, test };

/// train/training, validation/valid/val/dev/eval, test/testing, in any case; nullopt for anything else.
std::optional<Split> split_by_name(const std::string& name);

struct SplitShares {
  double validation = 0, test = 0;  ///< of all rows; together below 1 (bad_input otherwise)
};

/// One row as splitting sees it.
struct SplitRow {
  std::uint64_t content = 0;  ///< hash: rows of equal content stay together, so that nothing leaks
  std::int32_t stratum = 0;   ///< the label's id where classes are to keep their shares, else 0
};

/// A split for each row, a function of rows and seed. Each stratum keeps its share (largest remainders) and at least
/// one row in training; a share above 0 gets at least one row where there are enough.
std::vector<Split> split_by_share(const std::vector<SplitRow>& rows, SplitShares shares, std::uint64_t seed);

}  // namespace luthier
