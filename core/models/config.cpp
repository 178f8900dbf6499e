#include "models/config.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {

constexpr std::int64_t kMaxLabels = 100000;

const Json* given(const Json& config, const std::string& key) {
  const auto found = config.find(key);
  return found == config.end() || found->is_null() ? nullptr : &*found;
}

std::int64_t label_id(const std::string& text, std::size_t count) {
  std::size_t used = 0;
  std::int64_t id = -1;
  try {
    id = std::stoll(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || id < 0 || id >= static_cast<std::int64_t>(count))
    wrong_config("id2label", "the label ids are not 0 to " + std::to_string(count - 1) + " (found \"" + text + "\")");
  return id;
}

}  // namespace

void wrong_config(const std::string& key, const std::string& message) {
  fail(ErrorKind::bad_input, message, "config.json: " + key, "get the model's config.json again from where it came");
}

std::int64_t config_size(const Json& config, const std::string& key, std::optional<std::int64_t> fallback,
                         std::int64_t max) {
  const Json* value = given(config, key);
  if (!value) {
    if (fallback) return *fallback;
    wrong_config(key, "the model's config lacks \"" + key + "\"");
  }
  const bool in_range = value->is_number_integer() && *value >= 1 && *value <= max;
  if (!in_range)
    wrong_config(key, "this must be a whole number from 1 to " + std::to_string(max) + ", not " + value->dump());
  return value->get<std::int64_t>();
}

double config_number(const Json& config, const std::string& key, double fallback) {
  const Json* value = given(config, key);
  if (!value) return fallback;
  if (!value->is_number() || !std::isfinite(value->get<double>()))
    wrong_config(key, "this must be a number, not " + value->dump());
  return value->get<double>();
}

double config_dropout(const Json& config, const std::string& key, double fallback, double override) {
  const double value = config_number(config, key, fallback);
  if (value < 0 || value >= 1) wrong_config(key, "a dropout must be at least 0 and below 1");
  return override >= 0 ? override : value;
}

bool config_flag(const Json& config, const std::string& key, bool fallback) {
  const Json* value = given(config, key);
  if (!value) return fallback;
  if (!value->is_boolean()) wrong_config(key, "this must be true or false, not " + value->dump());
  return value->get<bool>();
}

std::string config_text(const Json& config, const std::string& key, const std::string& fallback) {
  const Json* value = given(config, key);
  if (!value) return fallback;
  if (!value->is_string()) wrong_config(key, "this must be a text, not " + value->dump());
  return value->get<std::string>();
}

std::int64_t config_row(const Json& config, const std::string& key, std::int64_t rows) {
  const Json* value = given(config, key);
  if (!value) return -1;
  if (!value->is_number_integer()) wrong_config(key, "this must be a whole number, not " + value->dump());
  const auto row = value->get<std::int64_t>();
  return row >= 0 && row < rows ? row : -1;
}

std::vector<std::string> config_labels(const Json& config) {
  const Json* names = given(config, "id2label");
  if (!names) {
    std::vector<std::string> labels(config_size(config, "num_labels", 2, kMaxLabels));
    for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = "LABEL_" + std::to_string(i);
    return labels;
  }
  if (!names->is_object() || names->empty() || names->size() > kMaxLabels)
    wrong_config("id2label", "this must be an object of label names");
  std::vector<std::string> labels(names->size());
  for (const auto& [key, name] : names->items()) {
    if (!name.is_string()) wrong_config("id2label." + key, "this must be a text, not " + name.dump());
    labels[label_id(key, labels.size())] = name.get<std::string>();
  }
  return labels;
}

void set_config_labels(Json& config, const std::vector<std::string>& labels) {
  if (labels.empty()) return;
  Json by_id = Json::object(), by_name = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    by_id[std::to_string(i)] = labels[i];
    by_name[labels[i]] = i;
  }
  config["id2label"] = std::move(by_id);
  config["label2id"] = std::move(by_name);
  config.erase("num_labels");
  config.erase("_num_labels");
}

void untie_output(Json& config) {
  if (config_text(config, "model_type", "") == "t5" && !config.contains("scale_decoder_outputs"))
    config["scale_decoder_outputs"] = config_flag(config, "tie_word_embeddings", true);
  config["tie_word_embeddings"] = false;
}

}  // namespace luthier
