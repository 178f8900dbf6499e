#include "recipe/block_memory.h"

#include <algorithm>
#include <map>
#include <set>

#include "recipe/trainable.h"

namespace luthier {

namespace {

/// What the linear layers of a block read. Layers that read the same tensor keep it once.
enum class Input { attention, mixed, cross, source, cross_mixed, feed_forward, inner, other };

Input input_of(const std::string& module) {
  // The first ending that fits counts: cross-attention before the attention whose names it shares.
  static const std::pair<const char*, Input> endings[] = {{".EncDecAttention.q", Input::cross},
                                                          {".EncDecAttention.k", Input::source},
                                                          {".EncDecAttention.v", Input::source},
                                                          {".EncDecAttention.o", Input::cross_mixed},
                                                          {".encoder_attn.q_proj", Input::cross},
                                                          {".encoder_attn.k_proj", Input::source},
                                                          {".encoder_attn.v_proj", Input::source},
                                                          {".encoder_attn.out_proj", Input::cross_mixed},
                                                          {".query", Input::attention},
                                                          {".key", Input::attention},
                                                          {".value", Input::attention},
                                                          {".attention.output.dense", Input::mixed},
                                                          {".intermediate.dense", Input::feed_forward},
                                                          {".output.dense", Input::inner},
                                                          {".q_lin", Input::attention},
                                                          {".k_lin", Input::attention},
                                                          {".v_lin", Input::attention},
                                                          {".out_lin", Input::mixed},
                                                          {".lin1", Input::feed_forward},
                                                          {".lin2", Input::inner},
                                                          {".q_proj", Input::attention},
                                                          {".k_proj", Input::attention},
                                                          {".v_proj", Input::attention},
                                                          {".o_proj", Input::mixed},
                                                          {".out_proj", Input::mixed},
                                                          {".gate_proj", Input::feed_forward},
                                                          {".up_proj", Input::feed_forward},
                                                          {".down_proj", Input::inner},
                                                          {".attn.c_attn", Input::attention},
                                                          {".attn.c_proj", Input::mixed},
                                                          {".mlp.c_fc", Input::feed_forward},
                                                          {".mlp.c_proj", Input::inner},
                                                          {".SelfAttention.q", Input::attention},
                                                          {".SelfAttention.k", Input::attention},
                                                          {".SelfAttention.v", Input::attention},
                                                          {".SelfAttention.o", Input::mixed},
                                                          {".wi", Input::feed_forward},
                                                          {".wi_0", Input::feed_forward},
                                                          {".wi_1", Input::feed_forward},
                                                          {".wo", Input::inner},
                                                          {".fc1", Input::feed_forward},
                                                          {".fc2", Input::inner},
                                                          {".intermediate_dense", Input::feed_forward},
                                                          {".output_dense", Input::inner}};
  for (const auto& [ending, input] : endings)
    if (module.ends_with(ending)) return input;
  return Input::other;
}

/// "bert.encoder.layer.3.attention..." -> "bert.encoder.layer." and 3; -1 where no number is.
std::pair<std::string, std::int64_t> stack_and_number(const std::string& name) {
  for (std::size_t start = 0; start < name.size();) {
    const std::size_t end = std::min(name.find('.', start), name.size());
    const std::string part = name.substr(start, end - start);
    if (!part.empty() && part.size() < 6 && part.find_first_not_of("0123456789") == std::string::npos)
      return {name.substr(0, start), std::stoll(part)};
    start = end + 1;
  }
  return {{}, -1};
}

/// What the method does to one linear layer.
struct Treatment {
  bool trains = false;
  std::int64_t rank = 0;                             ///< of its LoRA; 0: it has none
  bool scaled_output = false, scaled_input = false;  ///< by IA3
};

using Treatments = std::map<std::string, Treatment>;  ///< by module

Treatments treatments_of(const ModelOutline& model, const MethodOptions& method) {
  Treatments found;
  const std::vector<bool> trained = trained_parameters(model, method);
  for (std::size_t i = 0; i < trained.size(); ++i)
    if (trained[i] && model.parameters[i].kind == ParameterOutline::Kind::linear)
      found[model.parameters[i].module()].trains = true;
  if (const auto* lora = lora_of(method))
    for (const std::string& module : lora_layers(model, *lora)) found[module].rank = lora->rank;
  if (const auto* ia3 = std::get_if<Ia3Options>(&method))
    for (const Ia3Layer& layer : ia3_layers(model, *ia3))
      (layer.feed_forward ? found[layer.weight->module()].scaled_input : found[layer.weight->module()].scaled_output) =
          true;
  return found;
}

/// What all blocks of one run share.
struct Setting {
  const ModelOutline& model;
  const MethodOptions& method;
  double dropout;           ///< on attention probabilities and within layers
  double rows_at_once;      ///< share of the batch that one attention product takes
  std::int64_t prefix = 0;  ///< virtual keys before every layer's own
  Treatments treatments;
  bool packed = false;
  bool all_pass = false;  ///< gradients reach what lies below the first block
  std::int64_t heads() const { return model.sizes.heads; }
};

bool treated(const Setting& setting, const TransformerLayer& block) {
  if (setting.all_pass || setting.prefix > 0 || std::holds_alternative<AdapterOptions>(setting.method)) return true;
  return std::any_of(block.linears.begin(), block.linears.end(),
                     [&](const ParameterOutline* one) { return setting.treatments.count(one->module()) > 0; });
}

double attention_numbers(const Setting& setting, double queries, double keys, double width) {
  const bool t5 = setting.model.family == "t5";
  // The fused kernel keeps its output and one number a head; with dropout the probabilities are kept.
  if (setting.dropout <= 0) return queries * (width + static_cast<double>(setting.heads()));
  return (t5 ? 2 : 1) * queries * keys * static_cast<double>(setting.heads());
}

/// Numbers that one block keeps for one row of `own` tokens, and of `source` tokens that the encoder gave.
double kept_by(const Setting& setting, const TransformerLayer& block, double own, double source) {
  const ModelSizes& s = setting.model.sizes;
  const double channels = static_cast<double>(s.channels), keys = own + static_cast<double>(setting.prefix);
  const auto* lora = lora_of(setting.method);
  const bool copies = lora && lora->dropout > 0;
  double kept = static_cast<double>(block.norms) * channels * own;
  double query_width = 0, inner_width = 0;
  std::set<Input> seen;
  const bool fused = setting.dropout <= 0;
  // The kernel keeps what the layer behind it reads; packed rows are put together for that layer again.
  if (fused && !setting.packed) seen = {Input::mixed, Input::cross_mixed};
  for (const ParameterOutline* one : block.linears) {
    const Input input = input_of(one->module());
    const LayerSize size = layer_size(setting.model, *one);
    const double in = static_cast<double>(size.in), out = static_cast<double>(size.out);
    const double read = input == Input::source ? source : own;
    // Queries, keys and values, and what an activation reads, are kept whatever trains.
    if (input == Input::attention || input == Input::cross) query_width = std::max(query_width, std::min(out, 3 * in));
    if (input == Input::attention) kept += out * (out > in ? own : one->module().ends_with("q_proj") ? own : keys);
    if (input == Input::cross || input == Input::source) kept += out * read;
    if (input == Input::feed_forward) kept += out * own;
    if (input == Input::inner) inner_width = in;
    const auto found = setting.treatments.find(one->module());
    if (found == setting.treatments.end()) continue;
    const Treatment& treatment = found->second;
    if (treatment.trains || treatment.rank > 0)
      if (seen.insert(input).second || (copies && treatment.rank > 0)) kept += in * read;
    kept += static_cast<double>(treatment.rank) * read;
    if (treatment.scaled_output) kept += out * read;
    if (treatment.scaled_input) kept += in * read;
  }
  const bool gpt2 = setting.model.family == "gpt2", t5 = setting.model.family == "t5";
  const double width = gpt2 ? channels : query_width;
  kept += attention_numbers(setting, own, keys, width);
  if (block.decodes) kept += attention_numbers(setting, own, source, width);
  if (t5 && s.gated) kept += inner_width * own;  // the activation's output, which the gate multiplies
  if (const auto* adapter = std::get_if<AdapterOptions>(&setting.method)) {
    const bool houlsby = adapter->placement == "houlsby";
    // Pfeiffer's reads the normalised sum where the family has its norms behind: that norm keeps its input too.
    const std::string& family = setting.model.family;
    const bool norms_behind = family == "bert" || family == "roberta" || family == "distilbert";
    const double inner = static_cast<double>(bottleneck(setting.model, *adapter));
    const double each = (norms_behind && !houlsby ? 2 : 1) * channels + (adapter->activation == "relu" ? 1 : 2) * inner;
    kept += (houlsby ? 2 : 1) * own * each;
  }
  return kept;
}

double passing_in(const Setting& setting, const TransformerLayer& block, double own, double source) {
  const ModelSizes& s = setting.model.sizes;
  const double channels = static_cast<double>(s.channels), inner = static_cast<double>(s.feed_forward);
  const double keys = std::max(own + static_cast<double>(setting.prefix), block.decodes ? source : 0.0);
  const double pairs = setting.dropout > 0 ? setting.rows_at_once * static_cast<double>(setting.heads()) * keys : 0;
  return own * (2 * channels + std::max((s.gated ? 4 : 2) * inner, 3 * pairs));
}

/// Wav2Vec2's convolutions over the samples, for every frame that comes out of them. Their strides are not among the
/// parameters: each but the first halves, as in every published model.
struct Waveform {
  bool trains = false;
  double kept = 0, passing = 0, widest = 0;
};
Waveform waveform_numbers(const ModelOutline& model, const std::vector<bool>& trained) {
  Waveform found;
  double positions = 1;
  for (std::size_t i = model.parameters.size(); i-- > 0;) {  // from the frames back to the samples
    const ParameterOutline& one = model.parameters[i];
    if (one.name.find("feature_extractor.conv_layers.") == std::string::npos || !one.name.ends_with(".conv.weight"))
      continue;
    const double map = positions * static_cast<double>(one.shape[0]);
    found.kept += 2 * map;  // what the activation reads, and what it gives to the next convolution
    found.widest = map;
    found.trains = found.trains || trained[i];
    positions *= 2;
  }
  // The first one's norm; measured: three more while its gradients are made, in the layout that the convolutions want.
  found.kept += 5 * found.widest;
  found.passing = 3.4 * found.widest;
  return found;
}

}  // namespace

std::vector<TransformerLayer> transformer_layers(const ModelOutline& model) {
  std::vector<TransformerLayer> blocks;
  for (const ParameterOutline& one : model.parameters) {
    const auto [stack, number] = stack_and_number(one.name);
    if (number < 0 || one.in_head) continue;
    const bool in_layer = one.kind == ParameterOutline::Kind::linear || one.kind == ParameterOutline::Kind::norm;
    if (!in_layer) continue;
    if (blocks.empty() || blocks.back().stack != stack || blocks.back().number != number)
      blocks.push_back({stack, number, false, {}, 0});
    TransformerLayer& block = blocks.back();
    if (one.kind == ParameterOutline::Kind::norm) {
      block.norms += one.name.ends_with(".weight") && one.shape.front() == model.sizes.channels;
    } else if (const Input input = input_of(one.module()); input != Input::other) {
      block.linears.push_back(&one);
      block.decodes = block.decodes || input == Input::cross;
    }
  }
  std::erase_if(blocks, [](const TransformerLayer& block) { return block.linears.empty(); });
  return blocks;
}

KeptNumbers kept_numbers(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                         const BatchContent& batch) {
  const double dropout = training.dropout >= 0 ? training.dropout : model.sizes.attention_dropout;
  const double rows_at_once = batch.packed ? 1 / std::max(1.0, static_cast<double>(training.batch_size)) : 1;
  Setting setting{model, method, dropout, rows_at_once, 0, treatments_of(model, method), batch.packed, false};
  double own = static_cast<double>(model.sizes.row_tokens > 0 ? model.sizes.row_tokens : batch.tokens);
  if (const auto* prompt = std::get_if<PromptTuningOptions>(&method)) {
    own += static_cast<double>(prompt->virtual_tokens);
    setting.all_pass = true;
  }
  if (const auto* prefix = std::get_if<PrefixTuningOptions>(&method)) setting.prefix = prefix->virtual_tokens;
  const std::vector<bool> trained = trained_parameters(model, method);
  for (std::size_t i = 0; i < trained.size(); ++i)
    if (trained[i] && model.parameters[i].kind == ParameterOutline::Kind::embedding) setting.all_pass = true;
  const double targets = static_cast<double>(batch.targets > 0 ? batch.targets : batch.tokens);
  const std::vector<TransformerLayer> blocks = transformer_layers(model);
  const double channels = static_cast<double>(model.sizes.channels);

  KeptNumbers all;
  double largest = 0, first = 0;
  bool graph = false;  // once something below trains, everything above passes gradients on
  for (const TransformerLayer& block : blocks) {
    const double tokens = block.decodes ? targets : own;
    all.passing = std::max(all.passing, passing_in(setting, block, tokens, own));
    graph = graph || treated(setting, block);
    if (!graph) continue;
    const double kept = kept_by(setting, block, tokens, own);
    largest = std::max(largest, kept);
    if (first == 0) first = kept;
    all.kept += training.recompute ? channels * tokens : kept;
  }
  if (training.recompute) all.kept += largest;
  all.kept += 2 * channels * (blocks.empty() || !blocks.back().decodes ? own : own + targets);
  all.last = first + all.passing;
  const Waveform waveform = waveform_numbers(model, trained);
  if (waveform.trains) all.last = waveform.kept * own;
  // Frozen, it is done before anything else is kept, and leaves holes: the fewer, the fewer sizes come after it.
  all.kept += (waveform.trains ? waveform.kept : (dropout > 0 ? 1.4 : 1) * waveform.widest) * own;
  all.passing = std::max(all.passing, waveform.passing * own - all.kept);
  return all;
}

}  // namespace luthier
