// The check of TorchScript files: LibTorch computes them as any program would that has nothing but the folder.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/python/update_graph_executor_opt.h>
#include <torch/csrc/jit/serialization/import.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "eval/processors.h"
#include "export/artefact.h"
#include "export/layer_prints.h"
#include "export/row_logits.h"
#include "export/torchscript.h"
#include "export/torchscript_layers.h"
#include "models/sequences.h"
#include "text/tokenizer.h"

namespace luthier {

namespace {

using Values = std::map<std::string, Tensor>;

class TorchScriptRunner : public ArtefactRunner {
 public:
  TorchScriptRunner(const fs::path& folder, const Json& reference)
      : module_(torch::jit::load((folder / kTorchScriptFile).string(), at::kCPU)),
        methods_(read_json(folder / kTorchScriptMethods).at("methods")),
        config_(read_json(folder / "config.json")),
        processors_(open_processors(folder)),
        max_tokens_(reference.at("max_tokens")),
        longest_seconds_(reference.value("longest_seconds", 30.0)),
        weights_(module_.parameters().size() > 0 ? (*module_.parameters().begin()).scalar_type() : at::kFloat) {
    const auto notes = read_notes(folder);
    if (!notes) fail(ErrorKind::not_found, "luthier.json is missing", folder.string(), "export the model again");
    head_ = notes->head;
    if (processors_.modality() == "text" || head_ == Head::seq2seq_lm)
      tokenizer_ = std::make_unique<Tokenizer>(Tokenizer::open(folder));
    module_.eval();
    // Rows differ in length: LibTorch would specialise the graph for each anew, for longer than they take to compute.
    torch::jit::setGraphExecutorOptimize(false);
  }

  RowResult run(const HeldOutRow& row) override {
    const at::NoGradGuard no_grad;
    RowResult result;
    const Values inputs = inputs_of(row, result.ids);
    if (inputs.empty()) return result;
    // What writes token by token is checked with every other row.
    const bool stepwise = methods_.contains("decode") && result.ids.size() % 2 == 1;
    Tensor logits = (stepwise ? step_by_step(inputs) : call("forward", inputs).at("logits")).select(0, 0);
    if (classifies_rows(head_)) {
      logits = logits.unsqueeze(0);
    } else {
      for (const std::int64_t position : row.positions)
        if (position < 0 || position >= logits.size(0))
          fail(ErrorKind::bad_input, "the row has " + std::to_string(logits.size(0)) + " positions, not the " +
                                         std::to_string(position + 1) + " that are compared");
      logits = logits.index_select(0, at::tensor(row.positions, at::kLong));
    }
    logits = logits.to(at::kFloat).contiguous();
    result.logits.assign(logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + logits.numel());
    return result;
  }

  std::vector<std::int64_t> answer(const HeldOutRow& row, const AnswerTask& task) override {
    const at::NoGradGuard no_grad;
    std::vector<std::int64_t> ids;
    Values inputs = inputs_of(row, ids);
    if (inputs.empty()) return {};
    const auto next_of = [](const Tensor& logits) {  // [1, T, V]
      const Tensor last = logits.select(0, 0).select(0, -1).to(at::kFloat).contiguous();
      return std::vector<float>(last.const_data_ptr<float>(), last.const_data_ptr<float>() + last.numel());
    };
    std::vector<std::int64_t> so_far;
    if (!methods_.contains("decode"))  // with virtual tokens: everything is computed anew for each token
      return write_answer(task, [&](const std::vector<std::int64_t>& next) {
        so_far.insert(so_far.end(), next.begin(), next.end());
        return next_of(call("forward", all_of(inputs, so_far)).at("logits"));
      });
    begin_writing(inputs);
    return write_answer(task,
                        [&](const std::vector<std::int64_t>& next) { return next_of(write(inputs, row_of(next))); });
  }

  std::string chat_template() override { return tokenizer_ ? tokenizer_->chat_template() : std::string(); }

  std::string first_layer_apart(const HeldOutRow& row, const Json& prints, double limit) override {
    const at::NoGradGuard no_grad;
    std::vector<std::int64_t> ids;
    const Values inputs = inputs_of(row, ids);
    if (inputs.empty()) return {};
    std::vector<c10::IValue> ordered;
    for (const Json& input : methods_.at("forward").at("inputs")) ordered.emplace_back(inputs.at(input.at("name")));
    Values outputs;
    for (const auto& [name, values] : layer_outputs(module_, ordered)) outputs.emplace(name, values);
    // Graphs also have layers that a row may do without (kinds of tokens), and one name for a shared weight.
    Json expected = Json::array(), found = Json::array();
    for (const Json& print : prints)
      if (const auto output = outputs.find(print.at("name")); output != outputs.end()) {
        expected.push_back(print);
        found.push_back(layer_print(output->first, output->second));
      }
    return luthier::first_layer_apart(expected, found, limit);
  }

 private:
  /// Everything that "forward" reads, by name; `ids` get the row's tokens. Empty: a text without tokens.
  Values inputs_of(const HeldOutRow& row, std::vector<std::int64_t>& ids) const {
    Values inputs;
    const MediaPlace place{row.media, {}};
    Batch batch;
    if (processors_.image) {
      batch = image_batch({decode_image_at(place)}, *processors_.image);
      inputs["pixel_values"] = batch.pixel_values.to(weights_);
    } else if (processors_.audio) {
      batch = audio_batch({audio_input(place, processors_, longest_seconds_)}, processors_);
      if (batch.input_features.defined()) inputs["input_features"] = batch.input_features.to(weights_);
      if (batch.input_values.defined()) {
        inputs["input_values"] = batch.input_values.to(weights_);
        inputs["attention_mask"] = batch.attention_mask.defined() ? batch.attention_mask.to(at::kLong)
                                                                  : at::ones(batch.input_values.sizes(), at::kLong);
      }
    } else {
      const Encoding encoding = row.text_pair.empty()
                                    ? tokenizer_->encode(row.text, true, max_tokens_)
                                    : tokenizer_->encode_pair(row.text, row.text_pair, true, max_tokens_);
      ids = encoding.ids;
      if (ids.empty()) return {};
      const bool as_trained = head_ == Head::causal_lm && !row.tokens.empty();
      inputs["input_ids"] = row_of(as_trained ? row.tokens : ids);
      const auto sizes = inputs["input_ids"].sizes();
      inputs["attention_mask"] = at::ones(sizes, at::kLong);
      const std::vector<std::int64_t> types(encoding.type_ids.begin(), encoding.type_ids.end());
      inputs["token_type_ids"] =
          types.size() == ids.size() && !as_trained ? row_of(types) : at::zeros(sizes, at::kLong);
    }
    if (head_ != Head::seq2seq_lm) return inputs;
    const std::vector<std::int64_t> target = target_ids(*tokenizer_, row.target);
    inputs["decoder_input_ids"] = shifted_right(row_of(row.computed(target)), config_);
    ids.insert(ids.end(), target.begin(), target.end());
    return inputs;
  }

  /// The outputs of one of the file's methods by name.
  Values call(const std::string& method, const Values& inputs) {
    const Json& signature = methods_.at(method);
    std::vector<c10::IValue> ordered;
    for (const Json& input : signature.at("inputs")) {
      const auto found = inputs.find(input.at("name"));
      if (found == inputs.end()) fail(ErrorKind::bad_input, "nobody gives " + input.at("name").get<std::string>());
      ordered.emplace_back(found->second);
    }
    const c10::IValue result = module_.get_method(method)(std::move(ordered));
    const Json& names = signature.at("outputs");
    Values outputs;
    if (result.isTensor()) {
      outputs[names.at(0).at("name")] = result.toTensor();
    } else {
      const auto& elements = result.toTupleRef().elements();
      for (std::size_t i = 0; i < elements.size(); ++i) outputs[names.at(i).at("name")] = elements[i].toTensor();
    }
    return outputs;
  }

  /// What "forward" reads when the tokens written so far are `ids`.
  Values all_of(Values inputs, const std::vector<std::int64_t>& ids) const {
    if (head_ == Head::seq2seq_lm) {
      inputs["decoder_input_ids"] = row_of(ids);
      return inputs;
    }
    const Tensor tokens = row_of(ids);
    inputs["input_ids"] = tokens;
    inputs["attention_mask"] = at::ones(tokens.sizes(), at::kLong);
    inputs["token_type_ids"] = at::zeros(tokens.sizes(), at::kLong);
    return inputs;
  }

  bool crosses() const { return methods_.contains("encode"); }

  /// Makes the inputs of "forward" those of "decode" before the first token.
  void begin_writing(Values& inputs) {
    if (crosses())
      for (auto& [name, value] : call("encode", inputs)) inputs[name] = value;
    for (const Json& input : methods_.at("decode").at("inputs")) {
      const std::string name = input.at("name");
      if (!name.starts_with("past_")) continue;
      const Json& shape = input.at("shape");  // [batch, H, past, D]
      inputs[name] = at::zeros({1, shape.at(1).get<std::int64_t>(), 0, shape.at(3).get<std::int64_t>()}, weights_);
    }
    if (!crosses()) inputs["attention_mask"] = at::ones({1, 0}, at::kLong);
  }

  /// The logits of the next tokens `ids` [1, T]: [1, T, V]; what they leave for later ones is put among the inputs.
  Tensor write(Values& inputs, const Tensor& ids) {
    inputs["input_ids"] = ids;
    if (!crosses()) {  // the mask covers what was seen
      const Tensor& mask = inputs.at("attention_mask");
      inputs["attention_mask"] = at::ones({1, mask.size(1) + ids.size(1)}, at::kLong);
    }
    Tensor logits;
    for (const auto& [name, value] : call("decode", inputs))
      if (name == "logits")
        logits = value;
      else
        inputs["past_" + name] = value;
    return logits;
  }

  /// The logits of all tokens [1, T, V], written in two steps with the keys and values of the first.
  Tensor step_by_step(Values inputs) {
    const Tensor ids = inputs.at(crosses() ? "decoder_input_ids" : "input_ids");
    begin_writing(inputs);
    const std::int64_t count = ids.size(1), half = (count + 1) / 2;
    std::vector<Tensor> logits = {write(inputs, ids.slice(1, 0, half))};
    if (half < count) logits.push_back(write(inputs, ids.slice(1, half, count)));
    return at::cat(logits, 1);
  }

  torch::jit::Module module_;
  Json methods_, config_;
  Processors processors_;
  std::int64_t max_tokens_;
  double longest_seconds_;
  at::ScalarType weights_;
  Head head_ = Head::sequence_classification;
  std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace

std::unique_ptr<ArtefactRunner> open_torchscript(const fs::path& folder, const Json& reference) {
  try {
    return std::make_unique<TorchScriptRunner>(folder, reference);
  } catch (const c10::Error& error) {
    fail(ErrorKind::bad_input, std::string("LibTorch does not open the file: ") + error.what_without_backtrace(),
         (folder / kTorchScriptFile).string(), "export the model again");
  }
}

}  // namespace luthier
