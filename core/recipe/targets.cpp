#include "recipe/targets.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

#include "base/error.h"

namespace luthier {

namespace {

bool matches_whole(const std::string& name, const std::string& pattern, const std::string& where) {
  try {
    return std::regex_match(name, std::regex(pattern, std::regex::ECMAScript));
  } catch (const std::regex_error&) {
    fail(ErrorKind::bad_input, "\"" + pattern + "\" is not a valid regular expression", where,
         R"(write a list of names such as ["query", "value"] or "all-linear")");
  }
}

bool is_suffix(const std::string& name, const std::string& end) { return name == end || name.ends_with("." + end); }

}  // namespace

bool is_lora_target(const std::string& module, bool is_output, const LoraOptions& lora) {
  if (lora.targets_is_list)
    return std::any_of(lora.targets.begin(), lora.targets.end(),
                       [&](const std::string& end) { return is_suffix(module, end); });
  const std::string text = lora.targets.empty() ? "" : lora.targets.front();
  if (text == "all-linear") return !is_output;
  return matches_whole(module, text, "method.targets");
}

double value_by_pattern(const std::vector<std::pair<std::string, double>>& patterns, const std::string& module,
                        double otherwise) {
  for (const auto& [pattern, value] : patterns)
    if (matches_whole(module, "(?:.*\\.)?(?:" + pattern + ")", "method: pattern \"" + pattern + "\"")) return value;
  return otherwise;
}

std::vector<std::int64_t> block_numbers(const std::string& text, const std::string& where) {
  static constexpr std::int64_t most = 9999;
  const auto wrong = [&] {
    fail(ErrorKind::bad_input, "\"" + text + "\" lists no blocks", where,
         "write numbers and ranges from 0, such as \"0-3, 7\"");
  };
  std::set<std::int64_t> numbers;
  std::size_t at = 0;
  const auto skip_spaces = [&] {
    while (at < text.size() && text[at] == ' ') ++at;
  };
  const auto number = [&] {
    skip_spaces();
    std::int64_t value = 0;
    const std::size_t begin = at;
    for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) && at - begin < 4; ++at)
      value = value * 10 + (text[at] - '0');
    if (at == begin || value > most) wrong();
    skip_spaces();
    return value;
  };
  skip_spaces();
  if (at == text.size()) return {};
  for (;;) {
    const std::int64_t first = number();
    std::int64_t last = first;
    if (at < text.size() && text[at] == '-') {
      ++at;
      last = number();
    }
    if (last < first) wrong();
    for (std::int64_t i = first; i <= last; ++i) numbers.insert(i);
    if (at == text.size()) break;
    if (text[at++] != ',') wrong();
  }
  return {numbers.begin(), numbers.end()};
}

std::int64_t block_of(const std::string& module) {
  for (std::size_t start = 0; start < module.size();) {
    const std::size_t end = std::min(module.find('.', start), module.size());
    const std::string part = module.substr(start, end - start);
    if (!part.empty() && part.size() <= 4 && part.find_first_not_of("0123456789") == std::string::npos)
      return std::stoll(part);
    start = end + 1;
  }
  return -1;
}

Ia3Choice ia3_choice(const std::string& type) {
  if (type == "t5") return {{"k", "v", "wo"}, {"wo"}};
  if (type == "mt5") return {{"k", "v", "wi_1"}, {}};
  if (type == "gpt2") return {{"c_attn", "mlp.c_proj"}, {"mlp.c_proj"}};
  if (type == "llama" || type == "mistral") return {{"k_proj", "v_proj", "down_proj"}, {"down_proj"}};
  if (type == "qwen2" || type == "qwen3") return {{"q_proj", "v_proj", "down_proj"}, {"down_proj"}};
  if (type == "distilbert") return {{"k_lin", "v_lin", "lin2"}, {"lin2"}};
  if (type == "wav2vec2") return {{"k_proj", "v_proj", "output_dense"}, {"output_dense"}};
  if (type == "whisper") return {{"k_proj", "v_proj", "fc2"}, {"fc2"}};
  if (type == "resnet" || type == "efficientnet") return {{"all-linear"}, {}, /*is_list=*/false};
  return {{"key", "value", "output.dense"}, {"output.dense"}};  // BERT and its relatives, ViT
}

Ia3Choice ia3_choice(const std::string& model_type, const Ia3Options& options) {
  Ia3Choice choice = ia3_choice(model_type);
  if (options.targets_is_list || options.targets != std::vector<std::string>{"auto"}) {
    choice.targets = options.targets;
    choice.is_list = options.targets_is_list;
  }
  if (!options.feed_forward.empty()) choice.feed_forward = options.feed_forward;
  return choice;
}

bool scales_input(const std::string& module, const std::vector<std::string>& feed_forward) {
  return std::any_of(feed_forward.begin(), feed_forward.end(),
                     [&](const std::string& end) { return !end.empty() && module.ends_with(end); });
}

}  // namespace luthier
