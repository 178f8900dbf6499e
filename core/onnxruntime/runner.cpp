#include "onnxruntime/runner.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "media/processors.h"
#include "onnx/file.h"
#include "onnxruntime/network.h"
#include "text/tokenizer.h"

namespace luthier {

namespace {

using onnx::Array;
using onnx::array_of;
using onnx::Arrays;

constexpr std::size_t kTargetTokens = 24;  ///< the decoder is given so many at most, as by the exporting process

std::int64_t length_of(const std::vector<std::int64_t>& ids) { return static_cast<std::int64_t>(ids.size()); }

class OnnxRunner : public ArtefactRunner {
 public:
  OnnxRunner(const fs::path& folder, const Json& reference, const OnnxOpened& opened)
      : config_(read_json(folder / "config.json")),
        processors_(open_processors(folder)),
        max_tokens_(reference.at("max_tokens")),
        longest_seconds_(reference.value("longest_seconds", 30.0)) {
    const auto open = [&](std::optional<onnx::Network>& network, const char* file) {
      network.emplace(folder / file);
      if (opened) opened(file, *network);
    };
    if (fs::exists(folder / "decoder_model.onnx")) {
      open(encoder_, "encoder_model.onnx");
      open(main_, "decoder_model.onnx");
    } else {
      open(main_, "model.onnx");
    }
    if (processors_.modality() == "text" || encoder_) tokenizer_.emplace(Tokenizer::open(folder));
  }

  RowResult run(const HeldOutRow& row) override {
    RowResult result;
    const Arrays source = source_of(row, result.ids);
    if (source.empty()) return result;
    std::vector<std::int64_t> positions = row.positions;
    Array logits;
    if (encoder_) {
      const std::vector<std::int64_t> target = target_of(row);
      result.ids.insert(result.ids.end(), target.begin(), target.end());
      logits = main_->run_in_pieces(shifted(row.computed(target)), decoder_inputs(source));
    } else if (main_->has_cache()) {
      logits = main_->run_in_pieces(row.computed(result.ids), {});
    } else {
      logits = main_->run(source).at("logits");
    }
    if (positions.empty()) positions.push_back(0);
    const std::int64_t width = logits.shape.back(), count = logits.elements() / std::max<std::int64_t>(1, width);
    const std::vector<float> numbers = logits.numbers();
    for (const std::int64_t position : positions) {
      if (position < 0 || position >= count)
        fail(ErrorKind::bad_input, "the row has fewer positions than it had when it was exported");
      const auto first = numbers.begin() + position * width;
      result.logits.insert(result.logits.end(), first, first + width);
    }
    return result;
  }

  std::vector<std::int64_t> answer(const HeldOutRow& row, const AnswerTask& task) override {
    Arrays given;
    if (encoder_) {
      std::vector<std::int64_t> ids;
      const Arrays source = source_of(row, ids);
      if (source.empty()) return {};
      given = decoder_inputs(source);
    }
    const auto last_of = [](const Array& logits) {
      const std::vector<float> numbers = logits.numbers();
      return std::vector<float>(numbers.end() - logits.shape.back(), numbers.end());
    };
    std::vector<std::int64_t> so_far;
    if (!main_->has_cache())  // with virtual tokens: everything is computed anew for each token
      return write_answer(task, [&](const std::vector<std::int64_t>& ids) {
        so_far.insert(so_far.end(), ids.begin(), ids.end());
        return last_of(main_->run(inputs_of(so_far, std::vector<std::int64_t>(so_far.size(), 0))).at("logits"));
      });
    onnx::Writing writing(*main_, std::move(given));
    return write_answer(task, [&](const std::vector<std::int64_t>& ids) { return last_of(writing.next(ids)); });
  }

  std::string chat_template() override { return tokenizer_ ? tokenizer_->chat_template() : std::string(); }

  std::string first_layer_apart(const HeldOutRow& row, const Json& prints, double limit) override {
    std::vector<std::string> names;
    for (const Json& print : prints) names.push_back(print.at("name"));
    std::vector<std::int64_t> ids;
    Arrays given = source_of(row, ids), found;
    std::int64_t rows = length_of(ids);
    if (!encoder_ && !row.tokens.empty()) rows = length_of(row.tokens);
    if (encoder_) {
      found = encoder_->run_modules(names, given);
      const std::vector<std::int64_t> target = shifted(row.computed(target_of(row)));
      rows = length_of(target);
      given = decoder_inputs(given);
      given["input_ids"] = array_of({1, rows}, target);
    }
    if (main_->has_cache()) given.merge(main_->empty_past());
    found.merge(main_->run_modules(names, given));
    for (const Json& print : prints) {
      const auto layer = found.find(print.at("name").get<std::string>());
      if (layer != found.end() && is_apart(layer->second.numbers(), print, rows, limit)) return layer->first;
    }
    return {};
  }

 private:
  /// What the network reads but for a decoder's tokens; empty for a text without tokens.
  Arrays source_of(const HeldOutRow& row, std::vector<std::int64_t>& ids) const {
    const MediaPlace place{row.media, {}};
    if (processors_.image) {
      const ImageProcessor& processor = *processors_.image;
      std::vector<float> pixels(static_cast<std::size_t>(3 * processor.height() * processor.width()));
      processor.apply(decode_image_at(place), pixels.data());
      return {{"pixel_values", array_of({1, 3, processor.height(), processor.width()}, pixels)}};
    }
    if (processors_.audio) {
      const std::vector<float> heard = audio_input(place, processors_, longest_seconds_);
      const auto count = static_cast<std::int64_t>(heard.size());
      const std::int64_t bands = processors_.audio->bands();
      if (processors_.audio->kind() == AudioFeatures::Kind::log_mel)
        return {{"input_features", array_of({1, bands, count / bands}, heard)}};
      return {{"input_values", array_of({1, count}, heard)}, {"attention_mask", ones(count)}};
    }
    const Encoding encoding = row.text_pair.empty()
                                  ? tokenizer_->encode(row.text, true, max_tokens_)
                                  : tokenizer_->encode_pair(row.text, row.text_pair, true, max_tokens_);
    ids = encoding.ids;
    if (ids.empty()) return {};
    if (!encoder_ && !row.tokens.empty()) return inputs_of(row.tokens, std::vector<std::int64_t>(row.tokens.size(), 0));
    return inputs_of(ids, encoding.type_ids);
  }

  static Arrays inputs_of(const std::vector<std::int64_t>& ids, const std::vector<std::int64_t>& types) {
    const std::int64_t count = length_of(ids);
    return {{"input_ids", array_of({1, count}, ids)},
            {"attention_mask", ones(count)},
            {"token_type_ids", array_of({1, count}, types)}};
  }

  static Array ones(std::int64_t count) {
    return array_of({1, count}, std::vector<std::int64_t>(static_cast<std::size_t>(count), 1));
  }

  std::vector<std::int64_t> target_of(const HeldOutRow& row) const {
    std::vector<std::int64_t> target = tokenizer_->encode(row.target, true, -1).ids;
    if (target.empty()) target.push_back(tokenizer_->eos_id().value_or(0));
    if (target.size() > kTargetTokens) target.resize(kTargetTokens);
    return target;
  }

  /// What the decoder reads: a token to begin with, then all but the last of the target.
  std::vector<std::int64_t> shifted(std::vector<std::int64_t> target) const {
    for (const char* key : {"decoder_start_token_id", "pad_token_id"}) {
      const auto start = config_.find(key);
      if (start == config_.end() || !start->is_number_integer()) continue;
      target.insert(target.begin(), start->get<std::int64_t>());
      target.pop_back();
      return target;
    }
    fail(ErrorKind::bad_input, "the model's config names no token that a decoder starts with",
         "config.json: decoder_start_token_id", "export the model again");
  }

  /// What the encoder gives, as the decoder wants it.
  Arrays decoder_inputs(const Arrays& source) const {
    Arrays given;
    for (auto& [name, value] : encoder_->run(source))
      if (name.starts_with("present.")) given["past_key_values." + name.substr(8)] = value;
    // Recordings have no mask; a decoder that reads one reads the source's.
    const auto mask = source.find("attention_mask");
    if (mask != source.end()) given["encoder_attention_mask"] = given["attention_mask"] = mask->second;
    return given;
  }

  /// `rows`: tokens of the row; heads of language models were computed for the last one alone.
  static bool is_apart(const std::vector<float>& numbers, const Json& print, std::int64_t rows, double limit) {
    const auto wanted = print.at("values").get<std::vector<float>>();
    const double allowed = limit * std::max(1e-6, print.at("largest").get<double>());
    const auto differs = [&](std::size_t first, std::size_t count) {
      if (count < wanted.size()) return true;
      for (std::size_t i = 0; i < wanted.size(); ++i)  // spread evenly, as layer_prints does it
        if (!(std::abs(numbers[first + (i + 1) * count / wanted.size() - 1] - wanted[i]) <= allowed)) return true;
      return false;
    };
    if (!differs(0, numbers.size())) return false;
    const auto of_one = numbers.size() / static_cast<std::size_t>(std::max<std::int64_t>(1, rows));
    return differs(numbers.size() - of_one, of_one);
  }

  Json config_;
  Processors processors_;
  std::int64_t max_tokens_;
  double longest_seconds_;
  std::optional<onnx::Network> encoder_, main_;
  std::optional<Tokenizer> tokenizer_;
};

}  // namespace

std::unique_ptr<ArtefactRunner> open_onnx_files(const fs::path& folder, const Json& reference,
                                                const OnnxOpened& opened) {
  return std::make_unique<OnnxRunner>(folder, reference, opened);
}

ArtefactFormat onnx_format() {
  ArtefactFormat format;
  format.open = [](const fs::path& folder, const Json& reference) { return open_onnx_files(folder, reference); };
  format.checksums = [](const fs::path& folder) { return onnx::graph_checksums(folder); };
  return format;
}

}  // namespace luthier
