// luthier-cli inspect: what is in a data file or a model folder.
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/inspect_model.h"
#include "cli/terminal.h"
#include "data/table.h"

namespace luthier {

namespace {
constexpr std::size_t kShownRows = 5, kShownValues = 8, kShownTensors = 60;

std::string plain(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

void print_findings(const Json& findings) {
  for (const Json& finding : findings) {
    std::cout << finding.value("severity", "note") << ": " << one_line(finding.value("message", "")) << "\n";
    if (const Json lines = finding.value("lines", Json::array()); !lines.empty()) {
      std::cout << "  lines:";
      for (std::size_t i = 0; i < std::min<std::size_t>(lines.size(), 10); ++i) std::cout << " " << lines[i];
      std::cout << (lines.size() > 10 ? " ..." : "") << "\n";
    }
    if (const std::string hint = finding.value("hint", ""); !hint.empty())
      std::cout << "  do: " << one_line(hint) << "\n";
  }
}

void print_data(const Json& data) {
  std::cout << one_line(plain(data["path"])) << "\n"
            << plural(data["rows"].get<std::int64_t>(), "row") << ", " << plain(data["format"]) << ", "
            << plain(data["encoding"]);
  if (data["format"] == "csv" || data["format"] == "tsv")
    std::cout << ", separated by " << data["delimiter"].dump() << ", quoted by " << data["quote"].dump() << ", "
              << (data["header"] == "yes" ? "with" : "without") << " a header";
  std::cout << "\n\n";
  std::vector<std::vector<std::string>> rows = {{"COLUMN", "TYPE", "MISSING", "CHARACTERS", "VALUES"}};
  for (const Json& column : data["columns"]) {
    std::string lengths, values;
    if (column.contains("characters"))
      lengths = column["characters"]["min"].dump() + " to " + column["characters"]["max"].dump();
    if (column.contains("values")) {
      std::size_t shown = 0;
      for (const auto& [value, count] : column["values"].items()) {
        if (shown++ == kShownValues) break;
        values += (values.empty() ? "" : ", ") + one_line(value, 30) + " (" + count.dump() + ")";
      }
      if (column["values"].size() > kShownValues) values += ", ...";
    }
    rows.push_back(
        {one_line(plain(column["name"]), 40), plain(column["type"]), column["missing"].dump(), lengths, values});
  }
  std::cout << table_text(rows) << "\n";
  for (std::size_t i = 0; i < std::min(kShownRows, data["first_rows"].size()); ++i) {
    std::string line;
    for (const Json& value : data["first_rows"][i])
      line += (line.empty() ? "" : " | ") + (value.is_null() ? "-" : plain(value));
    std::cout << "  " << one_line(line, static_cast<std::size_t>(terminal_width()) - 3) << "\n";
  }
  std::string roles;
  for (const auto& [role, column] : data["suggested"]["roles"].items())
    roles += (roles.empty() ? "" : ", ") + role + " = " + one_line(plain(column), 40);
  std::cout << "\nlooks like data for " << plain(data["suggested"]["objective"]) << (roles.empty() ? "" : ": " + roles)
            << "\n\n";
  print_findings(data["findings"]);
}

void print_tensors(const Json& list) {
  std::vector<std::vector<std::string>> rows = {{"TENSOR", "TYPE", "SHAPE"}};
  for (std::size_t i = 0; i < std::min(kShownTensors, list.size()); ++i)
    rows.push_back({one_line(plain(list[i]["name"]), 70), plain(list[i]["type"]), list[i]["shape"].dump()});
  if (list.size() > kShownTensors) rows.push_back({"... and " + std::to_string(list.size() - kShownTensors) + " more"});
  std::cout << "\n" << table_text(rows) << "\n";
}

void print_model(const Json& model) {
  std::vector<std::vector<std::string>> rows = {{"model", one_line(plain(model["path"]))}};
  if (model.contains("family")) {
    rows.push_back({"family", plain(model["family"]) + " (" + one_line(plain(model["model_type"])) + "), " +
                                  plain(model["head"])});
    rows.push_back({"parameters", count_text(model["parameters"].get<std::int64_t>())});
    rows.push_back({"size", plain(model["layers"]) + " layers of " + plain(model["hidden_size"]) + ", " +
                                plain(model["heads"]) + " heads, at most " + plain(model["positions"]) + " tokens"});
    rows.push_back({"vocabulary", count_text(model["vocabulary"].get<std::int64_t>()) + " rows, tokenizer " +
                                      count_text(model["tokenizer_tokens"].get<std::int64_t>())});
    std::string labels;
    for (const Json& label : model["labels"]) labels += (labels.empty() ? "" : ", ") + plain(label);
    if (!labels.empty()) rows.push_back({"labels", one_line(labels, 100)});
  }
  if (model.contains("adapter"))
    for (const auto& [key, value] : model["adapter"].items()) rows.push_back({key, one_line(plain(value), 70)});
  if (model.contains("tensors")) {
    const Json& tensors = model["tensors"];
    rows.push_back({"on disk", plural(tensors["count"].get<std::int64_t>(), "tensor") + ", " +
                                   bytes_text(tensors["bytes"].get<std::uint64_t>())});
    for (const auto& [type, count] : tensors["by_type"].items())
      rows.push_back({"  " + type, count_text(count.get<std::int64_t>()) + " numbers"});
  }
  std::cout << table_text(rows);
  if (model.contains("tensors") && model["tensors"].contains("list")) print_tensors(model["tensors"]["list"]);
  print_findings(model["findings"]);
}
}  // namespace

int command_inspect(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::inspect, {"--format", "--encoding", "--delimiter", "--quote", "--header"},
                            {});
  const std::string what = arguments.position(0, "data or model");
  const std::string path = arguments.position(1, "PATH");
  arguments.at_most(2);
  Json report;
  if (what == "data") {
    const auto chosen = [&](const char* name) { return arguments.value(name).value_or("auto"); };
    report = inspect_data(path, {chosen("--format"), chosen("--encoding"), chosen("--delimiter"), chosen("--quote"),
                                 chosen("--header"), 0});
  } else if (what == "model") {
    report = inspect_model(path);
  } else {
    fail(ErrorKind::bad_input, "inspect looks at data or at a model, not at \"" + one_line(what, 40) + "\"", {},
         std::string("usage: ") + usage::inspect);
  }
  if (arguments.json())
    std::cout << report.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
  else if (what == "data")
    print_data(report);
  else
    print_model(report);
  return 0;
}

}  // namespace luthier
