#pragma once
#include <cmath>
#include <cstdint>
#include <limits>

namespace luthier {

/// Which evaluation of a run is the best so far, by the metric that it watches: what training keeps, and what the
/// curves ring. Of equal ones the surer, with the smaller loss, is kept; it is no improvement to wait for, though.
struct BestEvaluation {
  enum class Verdict { worse, surer, better };

  bool higher_is_better = true;
  double margin = 0;       ///< an improvement has to be larger than this
  std::int64_t step = -1;  ///< of the best; -1: there was none
  double value = 0, loss = 0;

  Verdict take(std::int64_t at, double its_value, double its_loss) {
    const bool better = std::isfinite(its_value) &&
                        (step < 0 || (higher_is_better ? its_value > value + margin : its_value < value - margin));
    if (!better && !(its_value == value && its_loss < loss)) return Verdict::worse;
    step = at;
    value = its_value;
    loss = std::isfinite(its_loss) ? its_loss : std::numeric_limits<double>::max();
    return better ? Verdict::better : Verdict::surer;
  }
};

}  // namespace luthier
