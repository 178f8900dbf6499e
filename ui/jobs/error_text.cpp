#include "jobs/error_text.h"

#include "base/error.h"

namespace luthier {

ErrorText currentError(const QString& title) {
  ErrorText text;
  text.title = title;
  try {
    throw;
  } catch (const Error& error) {
    text.what = QString::fromStdString(error.message);
    if (!error.where.empty()) text.what += "\n" + QString::fromStdString(error.where);
    text.doThis = QString::fromStdString(error.hint);
    text.kind = QString::fromUtf8(to_string(error.kind).data(), qsizetype(to_string(error.kind).size()));
  } catch (const std::exception& error) {
    text.what = QString::fromUtf8(error.what());
    text.kind = "internal";
  }
  return text;
}

std::optional<ErrorText> attempt(const QString& title, const std::function<void()>& action) {
  try {
    action();
    return std::nullopt;
  } catch (...) {
    return currentError(title);
  }
}

}  // namespace luthier
