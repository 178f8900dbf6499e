// What a data file is: found from its name and its first megabyte.
#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "data/dialect.h"
#include "data/folder.h"
#include "data/rows.h"
#include "data/source.h"

namespace luthier {

namespace {
constexpr std::size_t kHeadBytes = std::size_t{1} << 20;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

/// ".csv" for both data.csv and data.csv.gz.
std::string extension_of(const std::filesystem::path& path) {
  const std::string last = lower(path.extension().string());
  return last == ".gz" ? lower(path.stem().extension().string()) : last;
}

/// The format that the name tells; "" where it does not.
std::string format_by_name(const std::string& extension) {
  if (extension == ".csv") return "csv";
  if (extension == ".tsv" || extension == ".tab") return "tsv";
  if (extension == ".json") return "json";
  if (extension == ".jsonl" || extension == ".ndjson") return "jsonl";
  if (extension == ".parquet" || extension == ".pq") return "parquet";
  if (extension == ".conll" || extension == ".iob" || extension == ".iob2" || extension == ".bio") return "conll";
  if (extension == ".txt" || extension == ".text" || extension == ".md") return "text";
  return "";
}

std::string detect_format(const std::string& extension, const std::string& head, bool whole_file) {
  const std::string named = format_by_name(extension);
  const std::size_t start = head.find_first_not_of(" \t\r\n");
  const char first = head[start];
  if (named == "json" || named == "jsonl" || named == "csv" || named == "conll") return named;
  if (looks_like_conll(head)) return "conll";
  if (named == "tsv") return named;
  if (is_delimited_by(head, whole_file, '\t')) return "tsv";
  if (named == "text") return named;
  if (first == '{') return "jsonl";
  if (first == '[' && head.find_first_of("{\"", start) != std::string::npos) return "json";
  if (is_delimited_by(head, whole_file, ',') || is_delimited_by(head, whole_file, ';')) return "csv";
  return "text";
}

void require_choice(const std::string& value, std::initializer_list<const char*> choices, const char* name) {
  std::string listed;
  for (const char* choice : choices) {
    if (value == choice) return;
    listed += (listed.empty() ? "" : ", ") + std::string(choice);
  }
  fail(ErrorKind::bad_input, std::string(name) + " '" + value + "' is not known", name, "use one of: " + listed);
}

/// Names from the header line; empty and doubled ones are replaced, missing ones made up.
std::vector<Column> named_columns(const std::vector<std::string>& header, std::size_t width, FindingLog& log) {
  std::vector<Column> columns;
  std::set<std::string> taken;
  for (std::size_t i = 0; i < width; ++i) {
    const std::string wanted = i < header.size() ? without_blanks(header[i]) : "";
    std::string name = wanted.empty() ? "column" + std::to_string(i) : wanted;
    for (int again = 2; taken.contains(name); ++again) name = wanted + "_" + std::to_string(again);
    if (name != wanted) log.add("renamed_columns", 0, name);
    taken.insert(name);
    columns.push_back({name, "text"});
  }
  return columns;
}

void detect_delimited(Layout& layout, const ReadOptions& options, const std::string& head, bool whole_file,
                      FindingLog& log) {
  const std::string extension = extension_of(layout.path);
  const char preferred = layout.detected.format == "tsv" ? '\t' : extension == ".csv" ? ',' : '\0';
  layout.dialect = detect_dialect(head, whole_file, options.delimiter, options.quote, preferred);
  auto records = sample_records(head, whole_file, layout.dialect, kSampleRecords);
  if (records.empty())
    fail(ErrorKind::bad_input, "no row can be read from the first megabyte of the file", layout.path.string(),
         "choose format, delimiter and quote yourself; one row may not be longer than 1 MiB at the start of a table");
  if (options.header == "auto")
    layout.header = detect_header(records);
  else
    layout.header = options.header == "yes" || options.header == "true";

  std::vector<std::string> header;
  if (layout.header) {
    header = records[0];
    records.erase(records.begin());
  }
  std::vector<std::size_t> widths;
  for (const auto& record : records) {
    if (widths.size() <= record.size()) widths.resize(record.size() + 1);
    ++widths[record.size()];
  }
  const auto most = std::max_element(widths.begin(), widths.end());
  const std::size_t usual = widths.empty() ? 0 : static_cast<std::size_t>(most - widths.begin());
  const bool clear = !widths.empty() && *most * 2 > records.size();
  const std::size_t width = layout.header && !(clear && usual > header.size()) ? header.size() : usual;
  if (layout.header && clear && usual < width) layout.short_width = usual;
  if (layout.header)
    layout.columns = named_columns(header, width, log);
  else
    for (std::size_t i = 0; i < width; ++i) layout.columns.push_back({"column" + std::to_string(i), "text"});

  std::vector<std::string> values;
  for (std::size_t i = 0; i < width; ++i) {
    values.clear();
    for (const auto& record : records)
      if (record.size() == width && !record[i].empty()) values.push_back(record[i]);
    layout.columns[i].type = detect_type(values);
    if (values.empty() && !records.empty()) log.add("empty_columns", 0, layout.columns[i].name);
  }
  layout.detected.delimiter = std::string(1, layout.dialect.delimiter);
  layout.detected.quote = layout.dialect.quote ? std::string(1, layout.dialect.quote) : "none";
  layout.detected.header = layout.header ? "yes" : "no";
}
}  // namespace

Layout detect_layout(const std::filesystem::path& path, const ReadOptions& options, FindingLog& log) {
  require_choice(options.format, {"auto", "csv", "tsv", "json", "jsonl", "parquet", "text", "conll", "folder"},
                 "format");
  require_choice(options.header, {"auto", "yes", "no", "true", "false"}, "header");
  if (options.max_rows < 0) fail(ErrorKind::bad_input, "max_rows is negative", "max_rows", "use 0 for all rows");

  Layout layout;
  layout.path = path;
  layout.detected = {options.format, "utf-8", "none", "none", "no", options.max_rows};
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown) && (options.format == "auto" || options.format == "folder")) {
    detect_folder(layout, log);
    return layout;
  }
  if (options.format == "folder")
    fail(std::filesystem::exists(path, unknown) ? ErrorKind::bad_input : ErrorKind::not_found,
         std::filesystem::exists(path, unknown) ? "this is a file, not a folder" : "there is no such folder",
         path.string(), "choose the format auto, or name a folder of images or recordings");
  bool whole_file = false;
  std::string raw = read_head(path, kHeadBytes, &whole_file);
  // The first JSON object may be larger than the usual head.
  const std::size_t start = raw.find_first_not_of(" \t\r\n");
  if (!whole_file && start != std::string::npos && raw[start] == '{' && raw.find('\n', start) == std::string::npos)
    raw = read_head(path, kLongestRecordBytes + kHeadBytes, &whole_file);
  if (raw.empty())
    fail(ErrorKind::bad_input, ByteSource(path).is_gzip() ? "the packed file is empty or damaged" : "the file is empty",
         path.string(), "choose a file with data");

  const std::string extension = extension_of(path);
  if (options.format == "parquet" ||
      (options.format == "auto" && (raw.starts_with("PAR1") || format_by_name(extension) == "parquet"))) {
    layout.detected.format = "parquet";
    detect_parquet(layout);
    return layout;
  }
  if (const bool wide = options.encoding.starts_with("utf-16") || options.encoding.starts_with("utf16"); !wide)
    if (const std::string kind = binary_kind(raw); !kind.empty())
      fail(ErrorKind::bad_input, "the file is " + kind + ", not text", path.string(),
           "give a CSV, TSV, JSON, JSON lines, Parquet or text file (also packed with gzip)");

  layout.encoding = options.encoding == "auto" ? detect_encoding(raw) : encoding_by_name(options.encoding, raw);
  layout.detected.encoding = to_string(layout.encoding);
  std::string head;
  append_as_utf8(std::string_view(raw).substr(byte_order_mark(raw, layout.encoding)), layout.encoding, whole_file,
                 head);
  layout.invalid_as_latin1 =
      layout.encoding == TextEncoding::utf8 && options.encoding == "auto" && !has_valid_multibyte(head);
  std::erase(head, '\0');
  if (!is_valid_utf8(head)) head = repair_utf8(head);
  if (head.find_first_not_of(" \t\r\n\v\f") == std::string::npos) {
    if (whole_file)
      fail(ErrorKind::bad_input, "the file has only blank lines", path.string(), "choose a file with data");
    fail(ErrorKind::bad_input, "the first megabyte of the file is blank", path.string(), "remove the blank start");
  }

  std::string& format = layout.detected.format;
  if (format == "auto") format = detect_format(extension, head, whole_file);
  if (options.format == "auto" && format == "text" && options.delimiter != "auto") format = "csv";
  layout.dialect.newline = detect_newline(head);
  if (format == "csv" || format == "tsv") {
    detect_delimited(layout, options, head, whole_file, log);
  } else if (format == "json" || format == "jsonl") {
    const bool array_in_lines = head[head.find_first_not_of(" \t\r\n")] == '[';
    detect_json(layout, head, whole_file, options.format == "jsonl" || (format == "jsonl" && !array_in_lines), log);
  } else if (format == "conll") {
    layout.columns = {{"tokens", "list"}, {"tags", "list"}};
  } else {
    layout.columns = {{"text", "text"}};
  }
  return layout;
}

std::unique_ptr<RowReader> open_rows(const Layout& layout, FindingLog& log) {
  const std::string& format = layout.detected.format;
  if (format == "csv" || format == "tsv") return open_delimited_rows(layout, log);
  if (format == "json" || format == "jsonl") return open_json_rows(layout, log);
  if (format == "parquet") return open_parquet_rows(layout, log);
  if (format == "folder") return open_folder_rows(layout, log);
  return format == "conll" ? open_conll_rows(layout, log) : open_line_rows(layout, log);
}

}  // namespace luthier
