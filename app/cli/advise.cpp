// luthier-cli advise: which methods to try for a recipe, in which order and why; and whether to fine-tune at all.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "data/profile.h"
#include "device/device.h"
#include "recipe/advice.h"
#include "recipe/advice_texts.h"
#include "recipe/draft.h"
#include "recipe/preflight.h"

namespace luthier {

namespace {

std::string written(const AdviceValue& value) {
  switch (value.unit) {
    case AdviceValue::Unit::count:
      return grouped(static_cast<std::int64_t>(value.number));
    case AdviceValue::Unit::bytes:
      return size_text(static_cast<std::int64_t>(value.number));
    case AdviceValue::Unit::share:
      return percent_text(value.number);
    case AdviceValue::Unit::method:
      return method_entry(value.method).label;
  }
  return {};
}

std::string written(const AdviceSentence& sentence) {
  std::string text;
  for (std::size_t i = 0; i < sentence.text.size(); ++i) {
    const std::size_t number = sentence.text[i] == '%' && i + 1 < sentence.text.size()
                                   ? static_cast<std::size_t>(sentence.text[i + 1] - '1')
                                   : sentence.values.size();
    if (number < sentence.values.size()) {
      text += written(sentence.values[number]);
      ++i;
    } else {
      text += sentence.text[i];
    }
  }
  return text;
}

struct Rows {
  std::int64_t training = 0, longest = 0;
};

/// Without the model's tokenizer (or for images and recordings) lengths are not known.
Rows rows_of(const Recipe& recipe) {
  const DataOptions& data = recipe.data;
  DatasetOptions options;
  options.train = data.train;
  options.validation = data.validation;
  options.test = data.test;
  options.read = {data.format, data.encoding, data.delimiter, data.quote, data.header, data.max_rows};
  options.roles = data.roles;
  options.labels = data.labels;
  options.task = kind_of(recipe.objective);
  options.modality = modality_of(data);
  options.max_tokens = data.max_tokens;
  options.validation_share = data.validation_share;
  options.test_share = data.test_share;
  options.seed = static_cast<std::uint64_t>(recipe.seed);
  std::optional<Tokenizer> tokenizer;
  const fs::path folder = recipe.model.tokenizer.empty() ? recipe.model.path : recipe.model.tokenizer;
  try {
    if (options.modality == "text") tokenizer.emplace(Tokenizer::open(folder));
  } catch (const Error&) {
    tokenizer.reset();  // the outline tells what is wrong with it
  }
  const DataProfile profile = profile_data(options, tokenizer ? &*tokenizer : nullptr);
  return {profile.train_rows, profile.lengths.longest};
}

Change change_from(const std::string& text) {
  if (text == "daily") return Change::daily;
  if (text == "monthly") return Change::monthly;
  if (text == "yearly" || text == "never") return Change::rarely;
  fail(ErrorKind::bad_input, "\"" + text + "\" is not how often facts change", "--facts-change",
       "write never, yearly, monthly or daily");
}

/// Fine-tuning is not the first thing to do: the sentence that says so; empty where it is.
FirstAdvice before_tuning(const Advice& advice, const AdviceFacts& facts) {
  FirstAnswers answers;
  answers.change = facts.change;
  answers.cites = facts.cites;
  if (advice.before == Before::prompt) answers.examples = Examples::few;
  if (advice.before == Before::nothing) return {};
  return first_advice(answers);
}

Json json_of(const Advice& advice, const AdviceFacts& facts) {
  Json methods = Json::array();
  for (const RankedMethod& method : advice.methods) {
    Json one = {{"kind", method.kind}, {"available", method.obstacle.reason.empty()}, {"fits", method.fits}};
    if (!method.obstacle.reason.empty()) {
      one["reason"] = method.obstacle.reason;
      one["instead"] = method.obstacle.instead;
    } else {
      one["reason"] = written(method.remark);
    }
    if (method.cost_known)
      one["cost"] = {{"memory_bytes", method.cost.needed_bytes},
                     {"trainable", method.cost.trainable},
                     {"trainable_share", static_cast<double>(method.cost.trainable) /
                                             static_cast<double>(std::max<std::int64_t>(1, facts.parameters))},
                     {"relative_time", method.cost.relative_time}};
    methods.push_back(std::move(one));
  }
  const FirstAdvice first = before_tuning(advice, facts);
  return {{"recommended", advice.kind()},
          {"why", written(advice.why)},
          {"before", first.title.empty() ? Json() : Json{{"title", first.title}, {"text", first.text}}},
          {"rows", facts.rows},
          {"parameters", facts.parameters},
          {"memory_available_bytes", facts.memory_bytes},
          {"methods", std::move(methods)}};
}

void print(const Advice& advice, const AdviceFacts& facts) {
  const FirstAdvice first = before_tuning(advice, facts);
  if (!first.title.empty()) std::cout << first.title << ". " << first.text << "\n\nWhere fine-tuning it shall be:\n";
  if (!advice.kind().empty()) std::cout << method_entry(advice.kind()).label << ". ";
  std::cout << written(advice.why) << "\n" << advice_text::rule_of_thumb << "\n\n";
  std::vector<std::vector<std::string>> rows = {{"METHOD", "TRAINS", "MEMORY", "TIME", "WHY"}};
  for (const RankedMethod& method : advice.methods) {
    const bool available = method.obstacle.reason.empty();
    std::vector<std::string> row = {method_entry(method.kind).label, "", "", "",
                                    "not available: " + method.obstacle.reason};
    if (available && method.cost_known) {
      char time[32];
      std::snprintf(time, sizeof time, "x %.2f", method.cost.relative_time);
      row[1] = percent_text(static_cast<double>(method.cost.trainable) /
                            static_cast<double>(std::max<std::int64_t>(1, facts.parameters)));
      row[2] = size_text(method.cost.needed_bytes);
      row[3] = time;
    }
    if (available) row[4] = written(method.remark);
    rows.push_back(std::move(row));
  }
  std::cout << table_text(rows) << "\nMemory is an estimate, time a step's beside full fine-tuning.\n";
}

}  // namespace

int command_advise(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::advise, {"--facts-change", "--set"}, {"--cite"});
  arguments.at_most(1);
  const fs::path file = arguments.position(0, "a recipe");
  Json json = read_json(file, 16u << 20);
  for (const std::string& edit : arguments.values("--set")) set_path(json, edit);
  Recipe recipe = recipe_from_json(json, fs::absolute(file).parent_path(), file.string());
  make_paths_absolute(recipe);
  const Rows rows = rows_of(recipe);
  const std::int64_t tokens =
      rows.longest > 0 ? std::min(rows.longest, recipe.data.max_tokens) : recipe.data.max_tokens;
  const ModelOutline model =
      outline_for(recipe.model.path, kind_of(recipe.objective), static_cast<std::int64_t>(recipe.data.labels.size()));
  const std::vector<Gpu> gpus_here = recipe.training.device == "cpu" ? std::vector<Gpu>() : gpus();
  const std::uint64_t available = gpus_here.empty() ? memory().available_here_bytes : gpus_here.front().free_bytes;
  AdviceFacts facts = advice_facts(recipe, model, rows.training, tokens, static_cast<std::int64_t>(available));
  facts.change = change_from(arguments.value("--facts-change").value_or("never"));
  facts.cites = arguments.flag("--cite");
  const Advice advice = advise(facts);
  if (arguments.json())
    std::cout << json_of(advice, facts).dump(2) << "\n";
  else
    print(advice, facts);
  return 0;
}

}  // namespace luthier
