#pragma once

namespace luthier {
inline constexpr const char* kVersion = "0.1.0";
}
