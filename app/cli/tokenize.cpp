// luthier-cli tokenize: a line in, a line out. What can be read at once is tokenised together, on all cores.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "device/device.h"
#include "text/tokenizer.h"

namespace luthier {

namespace {
constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::size_t kLinesPerThread = 128;  // below that a thread costs more than it saves

class LineTokenizer {
 public:
  explicit LineTokenizer(const Arguments& arguments)
      : tokenizer_(Tokenizer::open(arguments.required("--model"))),
        offsets_(arguments.flag("--offsets")),
        decode_(arguments.flag("--decode")),
        json_lines_(arguments.flag("--json-lines")) {}

  /// The line of output (with its line feed); `number` counts lines of input from 1.
  std::string answer(std::string_view line, std::size_t number) const {
    if (decode_ && !line.empty() && line.front() == '[')
      if (const auto ids = ids_in(line, number)) return quoted(tokenizer_.decode(*ids)) + "\n";
    std::string unpacked;
    if (json_lines_) {
      const Json value = parse_json(line, place(number));
      if (!value.is_string())
        fail(ErrorKind::bad_input, "the line is not a JSON string", place(number),
             "write each text as \"...\", or leave --json-lines away");
      unpacked = value.get<std::string>();
      line = unpacked;
    }
    const Encoding encoding = tokenizer_.encode(line);
    std::string text;
    text.reserve(encoding.ids.size() * 7 + 8);
    if (offsets_ || decode_) text += "{\"ids\": ";
    append_list(text, encoding.ids.size(), [&](std::size_t i) { text += std::to_string(encoding.ids[i]); });
    if (offsets_) {
      text += ", \"offsets\": ";
      append_list(text, encoding.offsets.size(), [&](std::size_t i) {
        text +=
            "[" + std::to_string(encoding.offsets[i].first) + ", " + std::to_string(encoding.offsets[i].second) + "]";
      });
    }
    if (decode_) text += ", \"decoded\": " + quoted(tokenizer_.decode(encoding.ids));
    text += offsets_ || decode_ ? "}\n" : "\n";
    return text;
  }

 private:
  static std::string place(std::size_t number) { return "standard input, line " + std::to_string(number); }
  static std::string quoted(const std::string& text) {
    return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  template <class Append>
  static void append_list(std::string& text, std::size_t size, Append append) {
    text += "[";
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) text += ", ";
      append(i);
    }
    text += "]";
  }

  /// The ids of a line that is a JSON array of whole numbers; nullopt for any other text.
  std::optional<std::vector<std::int64_t>> ids_in(std::string_view line, std::size_t number) const {
    const Json value = Json::parse(line, nullptr, false);
    if (!value.is_array()) return std::nullopt;
    std::vector<std::int64_t> ids;
    for (const Json& id : value) {
      if (!id.is_number_integer()) return std::nullopt;
      ids.push_back(id.get<std::int64_t>());
      if (ids.back() < 0 || ids.back() >= tokenizer_.vocabulary_size())
        fail(ErrorKind::bad_input, "there is no token " + id.dump(), place(number),
             "ids of this model are below " + std::to_string(tokenizer_.vocabulary_size()));
    }
    return ids;
  }

  Tokenizer tokenizer_;
  bool offsets_, decode_, json_lines_;
};

void answer_lines(const LineTokenizer& tokenizer, const std::vector<std::string_view>& lines, std::size_t first_number,
                  std::size_t threads) {
  threads = std::clamp<std::size_t>(lines.size() / kLinesPerThread, 1, threads);
  std::vector<std::string> answers(threads);
  std::vector<std::exception_ptr> errors(threads);
  const auto work = [&](std::size_t part) {
    const std::size_t begin = lines.size() * part / threads, end = lines.size() * (part + 1) / threads;
    try {
      for (std::size_t i = begin; i < end; ++i) answers[part] += tokenizer.answer(lines[i], first_number + i);
    } catch (...) {
      errors[part] = std::current_exception();
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t part = 1; part < threads; ++part) others.emplace_back(work, part);
  work(0);
  others.clear();
  for (std::size_t part = 0; part < threads; ++part) {
    write_all(STDOUT_FILENO, answers[part].data(), answers[part].size(), "standard output");
    if (errors[part]) std::rethrow_exception(errors[part]);  // the lines before the wrong one are out already
  }
}
}  // namespace

int command_tokenize(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::tokenize, {"--model"}, {"--offsets", "--decode", "--json-lines"});
  arguments.at_most(0);
  const LineTokenizer tokenizer(arguments);
  const auto threads = static_cast<std::size_t>(usable_cores());
  std::string held;  // read, but not answered yet
  std::size_t next_number = 1;
  for (bool more = true; more;) {
    const std::size_t before = held.size();
    held.resize(before + kReadBytes);
    const ssize_t got = ::read(STDIN_FILENO, held.data() + before, kReadBytes);
    if (got < 0 && errno != EINTR) fail_errno("the texts cannot be read", "standard input");
    held.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    more = got != 0;
    std::vector<std::string_view> lines;
    std::size_t begin = 0;
    // What was held before has no line feed in it.
    for (std::size_t end = held.find('\n', before); end != std::string::npos; end = held.find('\n', begin)) {
      lines.push_back(std::string_view(held).substr(begin, end - begin));
      begin = end + 1;
    }
    if (!more && begin < held.size()) {
      lines.push_back(std::string_view(held).substr(begin));
      begin = held.size();
    }
    answer_lines(tokenizer, lines, next_number, threads);
    next_number += lines.size();
    held.erase(0, begin);
  }
  return 0;
}

}  // namespace luthier
