#pragma once
// nlohmann::json under one name, and reading and writing of JSON files with errors that say line and column.
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace luthier {

using Json = nlohmann::json;                 ///< keys sorted
using OrderedJson = nlohmann::ordered_json;  ///< keys in the order of insertion: for what people read

/// Parses `text`; `where` names it in the error (bad_input), which says line and column. A byte order mark is skipped;
/// duplicate keys: the last one counts; nesting is limited to 512 levels.
Json parse_json(std::string_view text, const std::string& where);

/// Reads and parses a file of at most `limit_bytes`.
Json read_json(const std::filesystem::path& path, std::size_t limit_bytes = 256u << 20);

/// Writes atomically (see files.h), indented by two spaces, with a final newline.
void write_json(const std::filesystem::path& path, const Json& value);
void write_json(const std::filesystem::path& path, const OrderedJson& value);

}  // namespace luthier
