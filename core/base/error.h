#pragma once
// The one exception of the core: what went wrong, where, and what to do about it. Thrown anywhere, caught at the top of
// a job, of the command line, or at the window's action boundary.
#include <stdexcept>
#include <string>
#include <string_view>

namespace luthier {

enum class ErrorKind {
  bad_input,      ///< a file, recipe or argument is wrong: exit code 2
  not_found,      ///< a named thing does not exist: exit code 2
  unsupported,    ///< well-formed, but Luthier does not do this: exit code 2
  io,             ///< reading or writing failed
  disk_full,      ///< no space left: a run pauses
  out_of_memory,  ///< the device or the process limit is too small
  conflict,       ///< somebody else holds what is needed
  cancelled,      ///< the user said so
  internal        ///< a mistake in Luthier
};

/// "bad_input", "not_found", ...: as written into the store and into --json output.
std::string_view to_string(ErrorKind kind);

class Error : public std::runtime_error {
 public:
  /// `message`: what happened. `where`: file, line, recipe path or tensor name; may be empty. `hint`: one step to take.
  Error(ErrorKind kind, std::string message, std::string where = {}, std::string hint = {});

  ErrorKind kind;
  std::string message, where, hint;

  /// The three parts on up to three lines, as the command line prints them.
  std::string text() const;
};

[[noreturn]] void fail(ErrorKind kind, std::string message, std::string where = {}, std::string hint = {});

/// Throws io or disk_full (by errno) with the system's reason added to `message`.
[[noreturn]] void fail_errno(std::string message, std::string where, std::string hint = {});

}  // namespace luthier
