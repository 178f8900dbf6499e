#include "base/json.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"

namespace luthier {

namespace {
constexpr int kDepthLimit = 512;

std::string position(std::string_view text, std::size_t byte) {
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i + 1 < byte && i < text.size(); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

template <class Value>
void write(const std::filesystem::path& path, const Value& value) {
  write_atomically(path, value.dump(2, ' ', false, Value::error_handler_t::replace) + "\n");
}
}  // namespace

Json parse_json(std::string_view text, const std::string& where) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  try {
    const auto depth_check = [&](int depth, Json::parse_event_t, Json&) {
      if (depth > kDepthLimit) fail(ErrorKind::bad_input, "the JSON is nested too deeply", where);
      return true;
    };
    return Json::parse(text.begin(), text.end(), depth_check);
  } catch (const Json::parse_error& error) {
    std::string reason = error.what();
    if (const auto colon = reason.rfind(": "); colon != std::string::npos) reason = reason.substr(colon + 2);
    fail(ErrorKind::bad_input, "this is not valid JSON: " + reason, where + ", " + position(text, error.byte));
  } catch (const Json::out_of_range&) {  // 1e100000
    fail(ErrorKind::bad_input, "the JSON holds a number that is too large", where);
  }
}

Json read_json(const std::filesystem::path& path, std::size_t limit_bytes) {
  return parse_json(read_file(path, limit_bytes), path.string());
}

void write_json(const std::filesystem::path& path, const Json& value) { write(path, value); }
void write_json(const std::filesystem::path& path, const OrderedJson& value) { write(path, value); }

}  // namespace luthier
