#include "forms/field_text.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace luthier {

QString exactNumberText(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  QString text = QString::fromLatin1(buffer, end - buffer);
  // "2e-04" -> "2e-4", "1e+15" -> "1e15"
  const qsizetype e = text.indexOf('e');
  if (e < 0) return text;
  const bool negative = text.at(e + 1) == '-';
  QString digits = text.mid(e + 2);
  while (digits.size() > 1 && digits.startsWith('0')) digits.remove(0, 1);
  return text.left(e + 1) + (negative ? "-" : "") + digits;
}

std::optional<double> numberFromText(const QString& text) {
  std::string plain = text.trimmed().toStdString();
  if (plain.find('.') == std::string::npos)
    for (char& c : plain)
      if (c == ',') c = '.';
  if (!plain.empty() && plain.front() == '+') plain.erase(0, 1);
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error != std::errc() || end != plain.data() + plain.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

Json numberJson(double value) {
  const bool isWhole = value == std::floor(value) && std::fabs(value) < 9e15;
  return isWhole ? Json(std::int64_t(value)) : Json(value);
}

QString listText(const QStringList& entries) {
  QStringList written;
  for (const QString& entry : entries) {
    const bool plain = !entry.isEmpty() && !entry.contains(',') && !entry.contains('"') && entry.trimmed() == entry;
    written << (plain ? entry : '"' + QString(entry).replace('"', "\"\"") + '"');
  }
  return written.join(", ");
}

ListText listFromText(const QString& text) {
  ListText result;
  QString entry;
  bool inQuotes = false, wasQuoted = false;
  const auto close = [&] {
    if (!wasQuoted) entry = entry.trimmed();
    if (wasQuoted || !entry.isEmpty()) result.entries << entry;
    entry.clear();
    wasQuoted = false;
  };
  for (qsizetype i = 0; i < text.size(); ++i) {
    const QChar c = text.at(i);
    if (inQuotes) {
      const bool doubled = c == '"' && i + 1 < text.size() && text.at(i + 1) == '"';
      if (c == '"' && !doubled) {
        inQuotes = false;
      } else {
        entry += c;
        if (doubled) ++i;
      }
    } else if (c == ',') {
      result.hasComma = true;
      close();
    } else if (c == '"' && entry.trimmed().isEmpty() && !wasQuoted) {
      entry.clear();
      inQuotes = wasQuoted = true;
    } else if (!wasQuoted || !c.isSpace()) {
      entry += c;
    }
  }
  result.isClosed = !inQuotes;
  close();
  return result;
}

}  // namespace luthier
