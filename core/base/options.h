#pragma once
// Every option of the program is declared once, in the describe() of its options struct. From that one declaration come
// the recipe's reading and writing, the window's forms, `luthier-cli describe` and the command line's help.
//
//   struct LoraOptions {
//     std::int64_t rank = 8;
//     void describe(OptionVisitor& v) {
//       v.integer({.key = "rank", .label = "Rank", .help = "...", .min = 1, .max = 1024}, rank);
//     }
//   };
#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace luthier {

enum class OptionLevel { simple, advanced };

/// What a person sees of an option. `min` and `max` are inclusive.
struct OptionInfo {
  std::string key;
  std::string label;
  std::string help;  ///< one or two sentences: what it does, when to change it
  std::string unit;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  OptionLevel level = OptionLevel::simple;
  std::string shown_when;  ///< "other_key=value" or "other_key" (truthy): the form hides it otherwise
  bool required = false;   ///< reading JSON without it is a problem
};

/// "How often" everywhere: {"value": 1, "unit": "epoch"}. value 0 means never.
struct HowOften {
  double value = 1;
  std::string unit = "epoch";  ///< step, epoch, minute or run (a fraction of the whole run)
  bool operator==(const HowOften&) const = default;
};

/// One thing that is wrong with a JSON document: where (a path such as "training.batch_size"), what, and what to do.
struct Problem {
  std::string path, message, hint;
};

/// Visits the fields of an options struct. Every kind of field has one method; nested structs are groups.
class OptionVisitor {
 public:
  virtual ~OptionVisitor() = default;
  virtual void boolean(const OptionInfo& info, bool& value) = 0;
  virtual void integer(const OptionInfo& info, std::int64_t& value) = 0;
  virtual void number(const OptionInfo& info, double& value) = 0;
  virtual void text(const OptionInfo& info, std::string& value) = 0;
  /// One of `choices`.
  virtual void choice(const OptionInfo& info, const std::vector<std::string>& choices, std::string& value) = 0;
  virtual void texts(const OptionInfo& info, std::vector<std::string>& value) = 0;
  /// A name -> number table, in sorted order (rank patterns, class weights).
  virtual void numbers_by_name(const OptionInfo& info, std::vector<std::pair<std::string, double>>& value) = 0;
  /// A name -> text table (column roles).
  virtual void texts_by_name(const OptionInfo& info, std::vector<std::pair<std::string, std::string>>& value) = 0;
  virtual void how_often(const OptionInfo& info, HowOften& value) = 0;
  /// A text or a list of texts ("targets": "all-linear" or ["q_proj", "v_proj"]). A plain text is a list of one with
  /// `is_list` false.
  virtual void text_or_list(const OptionInfo& info, std::vector<std::string>& value, bool& is_list) = 0;
  /// A nested struct. With `present` the group may be absent (null): `*present` tells and is told.
  virtual void group(const OptionInfo& info, const std::function<void(OptionVisitor&)>& describe, bool* present) = 0;

  template <class Options>
  void options(const OptionInfo& info, Options& value, bool* present = nullptr) {
    group(info, [&value](OptionVisitor& v) { value.describe(v); }, present);
  }
  template <class Options>
  void options(const OptionInfo& info, std::optional<Options>& value) {
    bool present = value.has_value();
    Options held = value.value_or(Options{});
    group(info, [&held](OptionVisitor& v) { held.describe(v); }, &present);
    value = present ? std::optional<Options>(std::move(held)) : std::nullopt;
  }
};

/// One option as the window, `describe --json` and the help see it.
struct OptionSpec {
  OptionInfo info;
  std::string
      type;  ///< boolean integer number text choice texts numbers_by_name texts_by_name how_often text_or_list group
  std::vector<std::string> choices;
  std::string default_json;  ///< the default value as JSON text
  std::vector<OptionSpec> children;
};

namespace detail {
std::vector<OptionSpec> specs(const std::function<void(OptionVisitor&)>& describe);
Json write(const std::function<void(OptionVisitor&)>& describe);
void read(const Json& object, const std::string& path, const std::vector<std::string>& other_keys,
          const std::function<void(OptionVisitor&)>& describe, std::vector<Problem>& problems);
}  // namespace detail

/// The options of a default-constructed `Options`, in the order of declaration.
template <class Options>
std::vector<OptionSpec> option_specs() {
  Options value;
  return detail::specs([&](OptionVisitor& v) { value.describe(v); });
}

/// The struct as a JSON object; every option is written, absent groups as null. (Value is there so that json_fwd.hpp is
/// enough for those who do not call this.)
template <class Options, class Value = Json>
Value write_options(const Options& value) {
  Options copy = value;
  return detail::write([&](OptionVisitor& v) { copy.describe(v); });
}

/// Fills `value` from a JSON object. Unknown keys (but for `other_keys`), wrong types and values out of range each add
/// a problem with its path below `path`; everything that is right is taken over all the same.
template <class Options>
void read_options(const Json& object, const std::string& path, Options& value, std::vector<Problem>& problems,
                  const std::vector<std::string>& other_keys = {}) {
  detail::read(object, path, other_keys, [&](OptionVisitor& v) { value.describe(v); }, problems);
}

/// The key among `known` that is closest to `key` by edit distance, if it is close enough to be a slip; else "".
std::string closest(const std::string& key, const std::vector<std::string>& known);

/// One bad_input error that lists all problems, one a line.
[[noreturn]] void fail_with(const std::vector<Problem>& problems, const std::string& what, const std::string& where);

Json specs_to_json(const std::vector<OptionSpec>& specs);

/// The options as indented help text for a terminal of `width` columns.
std::string specs_to_help(const std::vector<OptionSpec>& specs, int indent = 2, int width = 100);

}  // namespace luthier
