#pragma once
#include "engine/prepare.h"

namespace luthier {

/// Estimates the peak of training (weights, gradients, optimizer, activations of the longest batch) and compares it
/// with what this process may use, before the kernel would kill it. out_of_memory says what it would need and what to
/// change.
void check_memory(const Prepared& parts);

/// The estimate in bytes: see check_memory.
std::uint64_t estimate_training_bytes(const Prepared& parts);

}  // namespace luthier
