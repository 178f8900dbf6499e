#pragma once

namespace luthier {
/// Luthier's version, as CMakeLists.txt has it: "1.2.3".
extern const char* const kVersion;
}  // namespace luthier
