#include "cli/engine/evaluation_table.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "recipe/catalog.h"

namespace luthier {

namespace {

constexpr std::size_t kNameWidth = 26, kNumberWidth = 11, kShownAnswers = 3, kShownLetters = 200;

std::string number(double value) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(4) << value;
  return text.str();
}

/// `text` in a column of its own: by characters, not bytes.
std::string column(const std::string& text, std::size_t width) {
  const auto letters = static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
  return text + std::string(letters < width ? width - letters : 1, ' ');
}

std::string row(const std::string& name, const std::vector<std::string>& cells) {
  std::string text = column(name, kNameWidth);
  for (std::size_t i = 0; i < cells.size(); ++i)
    text += i + 1 < cells.size() ? column(cells[i], kNumberWidth) : cells[i];
  return text + "\n";
}

std::string scores(const std::string& title, const Json& classes) {
  std::string text = "\n" + row(title, {"precision", "recall", "F1", "rows"});
  for (const Json& one : classes)
    text += row(one.at("label"), {number(one.at("precision")), number(one.at("recall")), number(one.at("f1")),
                                  std::to_string(one.at("support").get<std::int64_t>())});
  return text;
}

std::string calibration(const Json& bins) {
  std::string text = "\n" + row("stated probability", {"stated", "right", "rows"});
  for (const Json& bin : bins)
    text += row(
        number(bin.at("from")) + " to " + number(bin.at("to")),
        {number(bin.at("confidence")), number(bin.at("accuracy")), std::to_string(bin.at("rows").get<std::int64_t>())});
  return text;
}

/// One line, its beginning where it is long.
std::string excerpt(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  if (text.size() <= kShownLetters) return text;
  std::size_t end = kShownLetters;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + " ...";
}

std::string answers(const Json& detail) {
  std::string text = "\n" + std::to_string(detail.at("answered").get<std::int64_t>()) + " rows answered, such as\n";
  const Json& examples = detail.at("examples");
  for (std::size_t i = 0; i < std::min(kShownAnswers, examples.size()); ++i) {
    for (const char* part : {"input", "reference", "answer"})
      text += "  " + column(part, 11) + excerpt(examples[i].at(part).get<std::string>()) + "\n";
    if (i + 1 < std::min(kShownAnswers, examples.size())) text += "\n";
  }
  return text;
}

}  // namespace

std::string evaluation_table(const Evaluation& result) {
  std::string text;
  for (const auto& [name, value] : result.metrics) text += row(metric_entry(name).label, {number(value)});
  text += row("Rows", {std::to_string(result.rows)});
  if (result.detail_json.empty()) return text;
  const Json detail = parse_json(result.detail_json, "evaluation");
  if (detail.contains("entities") && !detail["entities"].empty()) text += scores("entity", detail["entities"]);
  if (detail.contains("classes")) text += scores("label", detail["classes"]);
  if (detail.contains("calibration")) text += calibration(detail["calibration"]);
  if (detail.contains("examples")) text += answers(detail);
  return text;
}

}  // namespace luthier
