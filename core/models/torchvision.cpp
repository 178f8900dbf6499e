#include "models/torchvision.h"

#include <ATen/ops/zeros.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "models/model.h"
#include "models/tensors.h"
#include "recipe/vision_shapes.h"

namespace luthier {

namespace {

constexpr int kBilinear = 2, kBicubic = 3;  // PIL's numbers, which preprocessor_config.json holds

/// What is written beside the tensors.
struct Target {
  TorchvisionImport import;
  Json config;
  std::int64_t resize = 256, crop = 224;
  int filter = kBilinear;
  NamedTensors tensors;
};

/// The state dict's tensors by name, without what training scripts put before them.
class State {
 public:
  explicit State(const fs::path& file) : file_(file), weights_(Weights::open(file)) {
    for (const TensorEntry& entry : weights_.tensors()) {
      std::string name = entry.name;
      for (const std::string prefix : {"state_dict.", "model.", "module."})
        if (name.starts_with(prefix)) name.erase(0, prefix.size());
      by_name_[name] = &entry;
      left_.insert(name);
    }
  }

  bool has(const std::string& name) const { return by_name_.count(name) > 0; }

  Tensor at(const std::string& name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) refuse("lacks \"" + name + "\"");
    left_.erase(name);
    return map_tensor(*found->second, weights_.keep_alive());
  }

  /// The size of one dimension.
  std::int64_t size(const std::string& name, std::size_t dimension) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end() || found->second->shape.size() <= dimension) refuse("has no usable \"" + name + "\"");
    return found->second->shape[dimension];
  }

  /// How many there are of "prefix0suffix", "prefix1suffix", ...
  std::int64_t count(const std::string& prefix, const std::string& suffix) const {
    std::int64_t count = 0;
    while (has(prefix + std::to_string(count) + suffix)) ++count;
    return count;
  }

  void expect_all_read() const {
    if (!left_.empty()) refuse("has a tensor \"" + *left_.begin() + "\" that such a model does not have");
  }

  [[noreturn]] void refuse(const std::string& what) const {
    fail(ErrorKind::bad_input, "the state dict " + what, file_.string(),
         "choose a file of torchvision's ResNet, EfficientNet or ViT, as published");
  }

  const fs::path& file() const { return file_; }

 private:
  fs::path file_;
  Weights weights_;
  std::map<std::string, const TensorEntry*> by_name_;
  std::set<std::string> left_;  ///< not read yet
};

void copy(State& state, Target& target, const std::string& from, const std::string& to) {
  target.tensors.emplace_back(to, state.at(from));
}

void copy_layer(State& state, Target& target, const std::string& from, const std::string& to) {
  for (const char* part : {".weight", ".bias"}) copy(state, target, from + part, to + part);
}

void copy_norm(State& state, Target& target, const std::string& from, const std::string& to) {
  for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"})
    copy(state, target, from + part, to + part);
  const std::string counter = ".num_batches_tracked";  // files older than torch 0.4 lack it
  target.tensors.emplace_back(to + counter,
                              state.has(from + counter) ? state.at(from + counter) : at::zeros({}, at::kLong));
}

void set_labels(Json& config, std::int64_t count) {
  Json by_id = Json::object(), by_label = Json::object();
  for (std::int64_t i = 0; i < count; ++i) {
    by_id[std::to_string(i)] = "LABEL_" + std::to_string(i);
    by_label["LABEL_" + std::to_string(i)] = i;
  }
  config["id2label"] = by_id;
  config["label2id"] = by_label;
}

Target from_resnet(State& state) {
  Target target;
  const bool bottleneck = state.has("layer1.0.conv3.weight");
  const std::string last = bottleneck ? ".conv3.weight" : ".conv2.weight";
  std::vector<std::int64_t> widths, depths;
  for (int stage = 1; state.has("layer" + std::to_string(stage) + ".0.conv1.weight"); ++stage) {
    const std::string prefix = "layer" + std::to_string(stage) + ".";
    widths.push_back(state.size(prefix + "0" + last, 0));
    depths.push_back(state.count(prefix, ".conv1.weight"));
    const std::int64_t inner = state.size(prefix + "0.conv2.weight", 0);
    if (state.size(prefix + "0.conv2.weight", 1) != state.size(prefix + "0.conv1.weight", 0))
      fail(ErrorKind::unsupported, "this is a ResNeXt (convolutions in groups), which is not supported",
           state.file().string(), "choose one of the plain ResNets");
    if (bottleneck && 4 * inner != widths.back())
      fail(ErrorKind::unsupported, "this is a wide ResNet, which is not supported", state.file().string(),
           "choose one of the plain ResNets");
  }
  target.config = {{"model_type", "resnet"},
                   {"architectures", {"ResNetForImageClassification"}},
                   {"num_channels", state.size("conv1.weight", 1)},
                   {"embedding_size", state.size("conv1.weight", 0)},
                   {"hidden_sizes", widths},
                   {"depths", depths},
                   {"layer_type", bottleneck ? "bottleneck" : "basic"},
                   {"hidden_act", "relu"},
                   {"downsample_in_first_stage", false},
                   {"downsample_in_bottleneck", false}};
  set_labels(target.config, state.size("fc.weight", 0));
  std::int64_t layers = 2;  // what the names count: the first convolution and the classifier too
  for (const std::int64_t depth : depths) layers += depth * (bottleneck ? 3 : 2);
  target.import.name = "resnet" + std::to_string(layers);

  copy(state, target, "conv1.weight", "resnet.embedder.embedder.convolution.weight");
  copy_norm(state, target, "bn1", "resnet.embedder.embedder.normalization");
  for (std::size_t stage = 0; stage < depths.size(); ++stage)
    for (std::int64_t i = 0; i < depths[stage]; ++i) {
      const std::string from = "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".";
      const std::string to = "resnet.encoder.stages." + std::to_string(stage) + ".layers." + std::to_string(i) + ".";
      for (int part = 0; part < (bottleneck ? 3 : 2); ++part) {
        const std::string number = std::to_string(part + 1), place = to + "layer." + std::to_string(part);
        copy(state, target, from + "conv" + number + ".weight", place + ".convolution.weight");
        copy_norm(state, target, from + "bn" + number, place + ".normalization");
      }
      if (!state.has(from + "downsample.0.weight")) continue;
      copy(state, target, from + "downsample.0.weight", to + "shortcut.convolution.weight");
      copy_norm(state, target, from + "downsample.1", to + "shortcut.normalization");
    }
  copy_layer(state, target, "fc", "classifier.1");
  return target;
}

/// The eight sizes: what torchvision scales, normalises, drops, resizes and crops by.
struct EfficientNetSize {
  const char* name;
  double width, depth, dropout;
  std::int64_t resize, crop;
  int filter;
  double epsilon, momentum;
};
constexpr EfficientNetSize kEfficientNets[] = {{"efficientnet_b0", 1.0, 1.0, 0.2, 256, 224, kBicubic, 1e-5, 0.1},
                                               {"efficientnet_b1", 1.0, 1.1, 0.2, 256, 240, kBicubic, 1e-5, 0.1},
                                               {"efficientnet_b2", 1.1, 1.2, 0.3, 288, 288, kBicubic, 1e-5, 0.1},
                                               {"efficientnet_b3", 1.2, 1.4, 0.3, 320, 300, kBicubic, 1e-5, 0.1},
                                               {"efficientnet_b4", 1.4, 1.8, 0.4, 384, 380, kBicubic, 1e-5, 0.1},
                                               {"efficientnet_b5", 1.6, 2.2, 0.4, 456, 456, kBicubic, 1e-3, 0.01},
                                               {"efficientnet_b6", 1.8, 2.6, 0.5, 528, 528, kBicubic, 1e-3, 0.01},
                                               {"efficientnet_b7", 2.0, 3.1, 0.5, 600, 600, kBicubic, 1e-3, 0.01}};

Json efficientnet_config(const EfficientNetSize& size) {
  Json config = {{"model_type", "efficientnet"},
                 {"architectures", {"EfficientNetForImageClassification"}},
                 {"width_coefficient", size.width},
                 {"depth_coefficient", size.depth},
                 {"depth_divisor", 8},
                 {"kernel_sizes", {3, 3, 5, 3, 5, 5, 3}},
                 {"in_channels", {32, 16, 24, 40, 80, 112, 192}},
                 {"out_channels", {16, 24, 40, 80, 112, 192, 320}},
                 {"strides", {1, 2, 2, 2, 1, 2, 1}},
                 {"num_block_repeats", {1, 2, 2, 3, 3, 4, 1}},
                 {"expand_ratios", {1, 6, 6, 6, 6, 6, 6}},
                 {"squeeze_expansion_ratio", 0.25},
                 {"hidden_act", "swish"},
                 {"pooling_type", "mean"},
                 {"initializer_range", 0.02},
                 {"batch_norm_eps", size.epsilon},
                 {"batch_norm_momentum", size.momentum},
                 {"dropout_rate", size.dropout},
                 {"drop_connect_rate", 0.2},
                 {"num_channels", 3},
                 {"image_size", size.crop},
                 {"stem_padding", "symmetric"}};
  config["hidden_dim"] = static_cast<std::int64_t>(1280 * size.width + 4) / 8 * 8;
  Json every_block = Json::array();  // torch pads alike on all sides
  for (std::size_t i = 0; i < efficientnet_shape(config).blocks.size(); ++i) every_block.push_back(i);
  config["depthwise_padding"] = every_block;
  return config;
}

Target from_efficientnet(State& state) {
  if (!state.has("features.1.0.block.1.fc1.weight"))
    fail(ErrorKind::unsupported, "this is an EfficientNetV2 or another network of its kind, which is not supported",
         state.file().string(), "choose one of EfficientNet B0 to B7");
  std::vector<std::string> blocks;
  for (int stage = 1; state.has("features." + std::to_string(stage) + ".0.block.0.0.weight"); ++stage) {
    const std::string prefix = "features." + std::to_string(stage) + ".";
    const std::int64_t depth = state.count(prefix, ".block.0.0.weight");
    for (std::int64_t i = 0; i < depth; ++i) blocks.push_back(prefix + std::to_string(i) + ".block.");
  }
  Target target;
  for (const EfficientNetSize& size : kEfficientNets) {
    const Json config = efficientnet_config(size);
    const EfficientNetShape shape = efficientnet_shape(config);
    if (shape.blocks.size() != blocks.size() || shape.top != state.size("features.8.0.weight", 0)) continue;
    target.config = config;
    target.import = {size.name,
                     "transformers always pads this network's first convolution at the right and bottom alone; here it "
                     "is padded on all sides, as torchvision does (stem_padding in config.json)"};
    target.resize = size.resize;
    target.crop = size.crop;
    target.filter = size.filter;
  }
  if (target.import.name.empty()) state.refuse("is none of EfficientNet B0 to B7");
  set_labels(target.config, state.size("classifier.1.weight", 0));

  const std::string root = "efficientnet.";
  copy(state, target, "features.0.0.weight", root + "embeddings.convolution.weight");
  copy_norm(state, target, "features.0.1", root + "embeddings.batchnorm");
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const std::string& from = blocks[i];
    const std::string to = root + "encoder.blocks." + std::to_string(i) + ".";
    int part = 0;
    const auto here = [&] { return from + std::to_string(part); };
    if (state.has(from + "3.0.weight")) {  // four parts: the first one expands
      copy(state, target, here() + ".0.weight", to + "expansion.expand_conv.weight");
      copy_norm(state, target, here() + ".1", to + "expansion.expand_bn");
      ++part;
    }
    copy(state, target, here() + ".0.weight", to + "depthwise_conv.depthwise_conv.weight");
    copy_norm(state, target, here() + ".1", to + "depthwise_conv.depthwise_norm");
    ++part;
    copy_layer(state, target, here() + ".fc1", to + "squeeze_excite.reduce");
    copy_layer(state, target, here() + ".fc2", to + "squeeze_excite.expand");
    ++part;
    copy(state, target, here() + ".0.weight", to + "projection.project_conv.weight");
    copy_norm(state, target, here() + ".1", to + "projection.project_bn");
  }
  copy(state, target, "features.8.0.weight", root + "encoder.top_conv.weight");
  copy_norm(state, target, "features.8.1", root + "encoder.top_bn");
  copy_layer(state, target, "classifier.1", "classifier");
  return target;
}

Target from_vit(State& state) {
  const std::string layers = "encoder.layers.encoder_layer_";
  const std::int64_t channels = state.size("conv_proj.weight", 0), patch = state.size("conv_proj.weight", 2);
  const std::int64_t depth = state.count(layers, ".ln_1.weight"), tokens = state.size("encoder.pos_embedding", 1);
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(tokens - 1))));
  if (side * side != tokens - 1 || depth < 1) state.refuse("has positions of no square image");
  // The number of heads is in no tensor: B has 12 of 64, L 16 of 64, H 16 of 80.
  const std::int64_t heads = channels == 1280 ? 16 : channels / 64;
  if (heads < 1 || channels % heads != 0) state.refuse("is none of ViT B, L and H");
  const bool named = state.has(layers + "0.mlp.linear_1.weight");  // the spelling of published files
  const std::string first = named ? ".mlp.linear_1" : ".mlp.0", second = named ? ".mlp.linear_2" : ".mlp.3";

  Target target;
  const char* size = channels == 768 ? "b" : channels == 1024 ? "l" : channels == 1280 ? "h" : "own";
  target.import.name = std::string("vit_") + size + "_" + std::to_string(patch);
  target.config = {{"model_type", "vit"},
                   {"architectures", {"ViTForImageClassification"}},
                   {"hidden_size", channels},
                   {"num_hidden_layers", depth},
                   {"num_attention_heads", heads},
                   {"intermediate_size", state.size(layers + "0" + first + ".weight", 0)},
                   {"hidden_act", "gelu"},
                   {"hidden_dropout_prob", 0.0},
                   {"attention_probs_dropout_prob", 0.0},
                   {"initializer_range", 0.02},
                   {"layer_norm_eps", 1e-6},
                   {"image_size", side * patch},
                   {"patch_size", patch},
                   {"num_channels", state.size("conv_proj.weight", 1)},
                   {"qkv_bias", true}};
  target.crop = side * patch;
  target.resize = target.crop == 224 ? 256 : target.crop;
  if (target.resize != 256) target.filter = kBicubic;  // the weights for larger images were made with it
  if (!state.has("heads.head.weight")) state.refuse("has no plain head (heads.head)");
  set_labels(target.config, state.size("heads.head.weight", 0));

  copy(state, target, "class_token", "vit.embeddings.cls_token");
  copy(state, target, "encoder.pos_embedding", "vit.embeddings.position_embeddings");
  copy_layer(state, target, "conv_proj", "vit.embeddings.patch_embeddings.projection");
  for (std::int64_t i = 0; i < depth; ++i) {
    const std::string from = layers + std::to_string(i), to = "vit.encoder.layer." + std::to_string(i) + ".";
    for (const char* part : {"weight", "bias"}) {
      const Tensor all = state.at(from + ".self_attention.in_proj_" + part);  // queries, keys and values in one
      if (all.dim() < 1 || all.size(0) != 3 * channels) state.refuse("has a misshapen in_proj_" + std::string(part));
      const char* names[] = {"query", "key", "value"};
      for (int k = 0; k < 3; ++k)
        target.tensors.emplace_back(to + "attention.attention." + names[k] + "." + part,
                                    all.narrow(0, k * channels, channels));
    }
    copy_layer(state, target, from + ".self_attention.out_proj", to + "attention.output.dense");
    copy_layer(state, target, from + first, to + "intermediate.dense");
    copy_layer(state, target, from + second, to + "output.dense");
    copy_layer(state, target, from + ".ln_1", to + "layernorm_before");
    copy_layer(state, target, from + ".ln_2", to + "layernorm_after");
  }
  copy_layer(state, target, "encoder.ln", "vit.layernorm");
  copy_layer(state, target, "heads.head", "classifier");
  return target;
}

Target convert(State& state) {
  if (state.has("conv1.weight") && state.has("layer1.0.conv1.weight") && state.has("fc.weight"))
    return from_resnet(state);
  if (state.has("features.0.0.weight") && state.has("features.1.0.block.0.0.weight")) return from_efficientnet(state);
  if (state.has("class_token") && state.has("conv_proj.weight") && state.has("encoder.pos_embedding"))
    return from_vit(state);
  fail(ErrorKind::unsupported, "these are not the tensors of torchvision's ResNet, EfficientNet or ViT",
       state.file().string(), "a Hugging Face folder is opened as it is; other state dicts cannot be imported");
}

/// torchvision's preset for evaluation: the shorter side to `resize`, the middle `crop` of it.
Json preprocessor(const Target& target) {
  return {{"image_processor_type", "BitImageProcessor"},
          {"do_convert_rgb", true},
          {"do_resize", true},
          {"size", {{"shortest_edge", target.resize}}},
          {"resample", target.filter},
          {"do_center_crop", true},
          {"crop_size", {{"height", target.crop}, {"width", target.crop}}},
          {"do_rescale", true},
          {"rescale_factor", 1.0 / 255},
          {"do_normalize", true},
          {"image_mean", {0.485, 0.456, 0.406}},
          {"image_std", {0.229, 0.224, 0.225}}};
}

}  // namespace

TorchvisionImport import_torchvision(const fs::path& file, const fs::path& folder) {
  if (fs::exists(folder) && !(fs::is_directory(folder) && fs::is_empty(folder)))
    fail(ErrorKind::conflict, "there is something already", folder.string(), "name a folder that does not exist yet");
  State state(file);
  Target target = convert(state);
  state.expect_all_read();
  fs::create_directories(folder);
  try {
    write_tensors(folder / "model.safetensors", target.tensors, "fp32");
    target.config["dtype"] = "float32";
    write_json(folder / "config.json", target.config);
    write_json(folder / "preprocessor_config.json", preprocessor(target));
    LoadOptions options;
    options.head = Head::image_classification;
    LoadReport report;
    load_model(folder, options, &report);  // every shape, every number
    if (!report.drawn.empty() || !report.unused.empty())
      state.refuse("does not fill a model of its kind: " +
                   (report.drawn.empty() ? report.unused.front() : report.drawn.front()));
  } catch (...) {
    std::error_code ignored;
    for (const char* name : {"model.safetensors", "config.json", "preprocessor_config.json"})
      fs::remove(folder / name, ignored);
    fs::remove(folder, ignored);
    throw;
  }
  return target.import;
}

}  // namespace luthier
