#pragma once
// An error as a value: how the window carries and shows it.
#include <QString>
#include <exception>
#include <functional>
#include <optional>

namespace luthier {

struct ErrorText {
  QString title;   ///< what happened to the user's work
  QString what;    ///< with values
  QString why;     ///< the most likely cause; may be empty
  QString doThis;  ///< one step
  QString kind;    ///< of the core's error: "bad_input", ...
};

/// From the exception that is being handled; call inside a catch block.
ErrorText currentError(const QString& title);
/// Runs `action`; nullopt when it worked, else the error: the window's action boundary.
std::optional<ErrorText> attempt(const QString& title, const std::function<void()>& action);

}  // namespace luthier
