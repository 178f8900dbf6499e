#pragma once

namespace luthier {
/// What artefacts and proofs say that they were made by.
inline constexpr const char* kArtefactVersion = "0.1.0";
}  // namespace luthier
