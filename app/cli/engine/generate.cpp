// `luthier-cli generate`: lets a causal language model continue a text, printing as it goes.
#include <ATen/Parallel.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/engine/commands.h"
#include "device/device.h"
#include "methods/method.h"
#include "models/generation.h"
#include "nn/precision.h"
#include "text/tokenizer.h"

namespace luthier {

namespace {

constexpr const char* kUsage =
    "luthier-cli generate --model DIR [--adapter DIR] --prompt TEXT [--max-new-tokens N] [--temperature T] [--seed N] "
    "[--device auto|cpu|cuda]";

/// Prints a growing text piece by piece. Tokens can end inside a character: such an end waits for the next token.
class Printer {
 public:
  Printer(const Tokenizer& tokenizer, std::vector<std::int64_t> prompt)
      : tokenizer_(tokenizer), ids_(std::move(prompt)), start_(tokenizer.decode(ids_).size()) {}

  void add(std::int64_t id, bool show) {
    ids_.push_back(id);
    std::string text = tokenizer_.decode(ids_);
    while (text.ends_with("\xEF\xBF\xBD")) text.resize(text.size() - 3);  // U+FFFD
    if (start_ + text_.size() >= text.size()) return;
    const std::string added = text.substr(start_ + text_.size());
    text_ += added;
    if (show) std::cout << added << std::flush;
  }

  /// All that was written after the prompt.
  std::string text() const {
    const std::string all = tokenizer_.decode(ids_);
    return all.size() > start_ ? all.substr(start_) : "";
  }
  std::string unshown() const { return text().substr(std::min(text().size(), text_.size())); }

 private:
  const Tokenizer& tokenizer_;
  std::vector<std::int64_t> ids_;
  std::size_t start_;
  std::string text_;
};

std::vector<std::int64_t> stop_ids(const Model& model, const fs::path& folder, const Tokenizer& tokenizer) {
  std::vector<std::int64_t> ids;
  if (fs::exists(folder / "generation_config.json")) ids = stop_ids_of(read_json(folder / "generation_config.json"));
  if (ids.empty()) ids = stop_ids_of(model.config());
  if (ids.empty() && tokenizer.eos_id()) ids.push_back(*tokenizer.eos_id());
  return ids;
}

}  // namespace

int command_generate(const std::vector<std::string>& words) {
  const Arguments arguments(
      words, kUsage, {"--model", "--adapter", "--prompt", "--max-new-tokens", "--temperature", "--seed", "--device"},
      {});
  arguments.at_most(0);
  const fs::path folder = arguments.required("--model");
  const std::string prompt = arguments.required("--prompt");
  GenerateOptions options;
  options.max_new_tokens = arguments.integer("--max-new-tokens", 128);
  if (options.max_new_tokens < 1) fail(ErrorKind::bad_input, "--max-new-tokens must be at least 1");
  options.pick =
      pick_sampled(arguments.number("--temperature", 0), static_cast<std::uint64_t>(arguments.integer("--seed", 0)));
  at::set_num_threads(usable_cores());

  LoadOptions load;
  load.head = head_of_config(read_json(folder / "config.json"));
  if (load.head != Head::causal_lm)
    fail(ErrorKind::bad_input, "this model does not write text (its head is " + to_string(load.head) + ")",
         folder.string(), "choose a causal language model, such as a Llama");
  const std::shared_ptr<Model> model = load_model(folder, load);
  if (const auto adapter = arguments.value("--adapter")) {
    load_adapter(*model, *adapter);
    merge_adapters(*model);
  }
  model->to(c10::Device(nn::choose_device(arguments.value("--device").value_or("auto"))));
  const Tokenizer tokenizer = Tokenizer::open(folder);
  options.stop_ids = stop_ids(*model, folder, tokenizer);

  std::vector<std::int64_t> ids = tokenizer.encode(prompt).ids;
  if (ids.empty() && tokenizer.bos_id()) ids.push_back(*tokenizer.bos_id());
  Printer printer(tokenizer, ids);
  const bool json = arguments.json();
  options.on_token = [&](std::int64_t, std::int64_t id) {
    printer.add(id, !json);
    return static_cast<bool>(std::cout);  // the reader has gone: stop
  };
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<std::int64_t> written = generate(*model, {ids}, options)[0];
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (json)
    std::cout << Json{{"prompt_ids", ids}, {"ids", written}, {"text", printer.text()}, {"seconds", seconds}}.dump(
                     -1, ' ', false, Json::error_handler_t::replace)
              << std::endl;
  else
    std::cout << printer.unshown() << std::endl;
  return 0;
}

}  // namespace luthier
