#pragma once
// The preflight's figures as checks.
#include <vector>

#include "engine/preflight_step.h"

namespace luthier {

PreflightCheck memory_check(const MemorySetting& setting, const PreflightReport& report);
PreflightCheck step_time_check(const PreflightReport& report, const Recipe& recipe);
PreflightCheck disk_check(const PreflightReport& report, const Recipe& recipe);
PreflightCheck precision_check(const Prepared& parts);
PreflightCheck threads_check(const Recipe& recipe);

/// Findings of reading, loss tokens, classes, duplicates and leaks, end and padding. Cut rows are apart:
/// recipe/preflight.h.
std::vector<PreflightCheck> data_checks(const Prepared& parts, const PreflightReport& report);

/// First loss, gradients, fresh adapter.
std::vector<PreflightCheck> numeric_checks(const Prepared& parts, const DryStep& step);

}  // namespace luthier
