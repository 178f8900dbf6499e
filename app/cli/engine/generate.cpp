// `luthier-cli generate`: lets a language model continue a text, or an encoder-decoder answer one, printing as it goes.
#include <ATen/Parallel.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/engine/commands.h"
#include "device/device.h"
#include "eval/continue_text.h"
#include "methods/method.h"
#include "nn/precision.h"
#include "recipe/catalog.h"
#include "text/tokenizer.h"

namespace luthier {

namespace {

constexpr const char* kGenerateUsage =
    "luthier-cli generate --model DIR [--adapter DIR] --prompt TEXT [--max-new-tokens N] [--temperature T] "
    "[--top-p P] [--top-k K] [--min-p P] [--repetition-penalty R] [--no-repeat-ngram N] [--beams N] "
    "[--length-penalty L] [--seed N] [--stop TEXT]... [--device auto|cpu|cuda]";

}  // namespace

int command_generate(const std::vector<std::string>& words) {
  const Arguments arguments(
      words, kGenerateUsage,
      {"--model", "--adapter", "--prompt", "--max-new-tokens", "--temperature", "--top-p", "--top-k", "--min-p",
       "--repetition-penalty", "--no-repeat-ngram", "--beams", "--length-penalty", "--seed", "--stop", "--device"},
      {});
  arguments.at_most(0);
  const fs::path folder = arguments.required("--model");
  const std::string prompt = arguments.required("--prompt");
  ContinueOptions options;
  options.max_new_tokens = arguments.integer("--max-new-tokens", 128);
  if (options.max_new_tokens < 1) fail(ErrorKind::bad_input, "--max-new-tokens must be at least 1");
  options.temperature = arguments.number("--temperature", 0);
  options.top_p = arguments.number("--top-p", 1);
  options.top_k = arguments.integer("--top-k", 0);
  options.min_p = arguments.number("--min-p", 0);
  options.no_repeat_ngram = arguments.integer("--no-repeat-ngram", 0);
  options.beams = arguments.integer("--beams", 1);
  options.length_penalty = arguments.number("--length-penalty", 1);
  if (options.beams > 1 && options.temperature > 0)
    fail(ErrorKind::bad_input, "--beams looks for the likeliest answer, --temperature draws one", {},
         "leave one of them out");
  options.repetition_penalty = arguments.number("--repetition-penalty", 1);
  options.seed = static_cast<std::uint64_t>(arguments.integer("--seed", 0));
  options.stop_texts = arguments.values("--stop");
  at::set_num_threads(usable_cores());

  LoadOptions load;
  load.head = head_of_config(read_json(folder / "config.json"));
  if (load.head != Head::causal_lm && load.head != Head::seq2seq_lm)
    fail(ErrorKind::bad_input, "this model does not write text (its head is " + to_string(load.head) + ")",
         folder.string(), "choose a language model, such as a Llama or a T5");
  const std::shared_ptr<Model> model = load_model(folder, load);
  const std::string modality = family_of_model_type(model->config().value("model_type", "")).modality;
  if (modality != "text")
    fail(ErrorKind::bad_input, "this model writes down recordings, it answers no texts", folder.string(),
         "use luthier-cli predict with a folder of recordings");
  if (const auto adapter = arguments.value("--adapter")) {
    load_adapter(*model, *adapter);
    if (is_mergeable(*model)) merge_adapters(*model);
  }
  model->to(c10::Device(nn::choose_device(arguments.value("--device").value_or("auto"))));
  const Tokenizer tokenizer = Tokenizer::open(folder);
  options.stop_ids = end_tokens(*model, folder, tokenizer);
  const bool json = arguments.json();
  options.on_text = [&](std::string_view piece) {
    if (!json) std::cout << piece << std::flush;
    return static_cast<bool>(std::cout);  // the reader has gone: stop
  };
  const auto begin = std::chrono::steady_clock::now();
  const Continuation written = continue_text(*model, tokenizer, prompt, options);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (json)
    std::cout << Json{{"prompt_ids", written.prompt_ids},
                      {"ids", written.ids},
                      {"text", written.text},
                      {"finish_reason", written.end == Continuation::End::stop ? "stop" : "length"},
                      {"seconds", seconds}}
                     .dump(-1, ' ', false, Json::error_handler_t::replace)
              << std::endl;
  else
    std::cout << std::endl;
  return 0;
}

}  // namespace luthier
