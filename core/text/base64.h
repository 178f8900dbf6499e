#pragma once
// Base64 (RFC 4648): character maps in tokenizer.json and tokens in tiktoken files are written in it.
#include <optional>
#include <string>
#include <string_view>

namespace luthier::text {

/// The bytes, or nullopt for what is not base64. Padding may be missing.
std::optional<std::string> from_base64(std::string_view encoded);
std::string to_base64(std::string_view bytes);

}  // namespace luthier::text
