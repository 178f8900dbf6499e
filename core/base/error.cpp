#include "base/error.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace luthier {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::bad_input:
      return "bad_input";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::io:
      return "io";
    case ErrorKind::disk_full:
      return "disk_full";
    case ErrorKind::out_of_memory:
      return "out_of_memory";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

namespace {
std::string joined(const std::string& message, const std::string& where, const std::string& hint) {
  std::string text = message;
  if (!where.empty()) text += "\n  where: " + where;
  if (!hint.empty()) text += "\n  do: " + hint;
  return text;
}
}  // namespace

Error::Error(ErrorKind kind, std::string message, std::string where, std::string hint)
    : std::runtime_error(joined(message, where, hint)),
      kind(kind),
      message(std::move(message)),
      where(std::move(where)),
      hint(std::move(hint)) {}

std::string Error::text() const { return joined(message, where, hint); }

void fail(ErrorKind kind, std::string message, std::string where, std::string hint) {
  throw Error(kind, std::move(message), std::move(where), std::move(hint));
}

void fail_errno(std::string message, std::string where, std::string hint) {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT;
  if (full && hint.empty()) hint = "free some space on that disk, then try again";
  throw Error(full ? ErrorKind::disk_full : ErrorKind::io, std::move(message) + ": " + std::strerror(code),
              std::move(where), std::move(hint));
}

}  // namespace luthier
