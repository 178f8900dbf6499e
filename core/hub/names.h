#pragma once
// Names that come from people or from the hub and become parts of paths.
#include <string>
#include <string_view>

namespace luthier {

struct ModelName {
  std::string id;        ///< ORG/NAME, or NAME for the oldest models
  std::string revision;  ///< a branch, tag or commit; "main" when none was given
};

/// "ORG/NAME[@REVISION]"; bad_input for what the hub allows no model to be called.
ModelName parse_model_name(const std::string& text);

/// True for a relative path whose every part is an ordinary name: no "..", backslash, drive or control character.
bool is_safe_path(std::string_view path);

/// A commit: 40 lower-case hexadecimal digits.
bool is_commit(std::string_view text);

}  // namespace luthier
