#include "hub/names.h"

#include <algorithm>

#include "base/error.h"

namespace luthier {

namespace {

constexpr std::size_t kPartLimit = 96, kPathLimit = 1024;

bool is_part(std::string_view part) {
  const auto allowed = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           letter == '-' || letter == '_' || letter == '.';
  };
  return !part.empty() && part.size() <= kPartLimit && std::all_of(part.begin(), part.end(), allowed) &&
         part.front() != '.' && part.front() != '-' && part.back() != '.' && part.back() != '-' &&
         part.find("--") == std::string_view::npos && part.find("..") == std::string_view::npos;
}

}  // namespace

ModelName parse_model_name(const std::string& text) {
  const std::size_t at = text.find('@');
  ModelName name{text.substr(0, at), at == std::string::npos ? "main" : text.substr(at + 1)};
  const std::size_t slash = name.id.find('/');
  const bool good = slash == std::string::npos
                        ? is_part(name.id)
                        : is_part(name.id.substr(0, slash)) && is_part(name.id.substr(slash + 1));
  if (!good || !is_safe_path(name.revision))
    fail(ErrorKind::bad_input, "this is no name of a model on the hub", text,
         "write ORG/NAME or ORG/NAME@REVISION, as on the model's page");
  return name;
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > kPathLimit) return false;
  const auto bad = [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f || letter == '\\' || letter == ':';
  };
  if (std::any_of(path.begin(), path.end(), bad)) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

bool is_commit(std::string_view text) {
  const auto digit = [](char letter) { return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f'); };
  return text.size() == 40 && std::all_of(text.begin(), text.end(), digit);
}

}  // namespace luthier
