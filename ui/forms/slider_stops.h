#pragma once
// Where an option's slider can stand: round values of the range that people use, which is often much narrower than
// what is allowed.
#include <vector>

#include "base/options.h"

namespace luthier {

/// In rising order; empty: the option gets no slider.
std::vector<double> sliderStops(const OptionSpec& spec);

}  // namespace luthier
