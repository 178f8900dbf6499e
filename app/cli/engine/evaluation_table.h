#pragma once
#include <string>

#include "eval/evaluate.h"

namespace luthier {

/// An evaluation to read in a terminal: the metrics, then labels, entities, calibration and some answers where there
/// are any.
std::string evaluation_table(const Evaluation& result);

}  // namespace luthier
