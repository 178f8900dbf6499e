#pragma once
#include "base/error.h"

namespace luthier {
/// Tells what went wrong: to people on standard error, with `json` to machines as {"error": {...}} on standard output.
/// Returns the exit code: 2 for wrong input, 1 for anything else.
int report(const Error& error, bool json);
}  // namespace luthier
