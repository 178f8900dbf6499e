#include "gguf/convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "gguf/architecture.h"
#include "gguf/quantise.h"
#include "gguf/vocabulary.h"

namespace luthier {

namespace {

using gguf::Architecture;
using gguf::Order;
using gguf::PlannedTensor;

float from_half(std::uint16_t bits) { return ggml_fp16_to_fp32(bits); }

std::vector<float> numbers_of(const TensorEntry& tensor) {
  const auto count = static_cast<std::size_t>(tensor.elements());
  std::vector<float> numbers(count);
  if (tensor.type == DType::f32) {
    std::memcpy(numbers.data(), tensor.bytes.data(), 4 * count);
  } else if (tensor.type == DType::f16 || tensor.type == DType::bf16) {
    for (std::size_t i = 0; i < count; ++i) {
      std::uint16_t bits = 0;
      std::memcpy(&bits, tensor.bytes.data() + 2 * i, 2);
      if (tensor.type == DType::f16) {
        numbers[i] = from_half(bits);
      } else {
        const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
        std::memcpy(&numbers[i], &wide, 4);
      }
    }
  } else {
    fail(ErrorKind::unsupported, "weights of type " + to_string(tensor.type) + " are not carried over", tensor.name);
  }
  if (std::any_of(numbers.begin(), numbers.end(), [](float one) { return !std::isfinite(one); }))
    fail(ErrorKind::bad_input, "the weights hold numbers that are not finite", tensor.name,
         "export an earlier checkpoint of the run");
  return numbers;
}

std::vector<std::int64_t> shape_in_file(const PlannedTensor& plan, const TensorEntry& tensor) {
  std::vector<std::int64_t> shape = tensor.shape;
  if (plan.order == Order::transposed) {
    if (shape.size() != 2) fail(ErrorKind::bad_input, "this is no matrix", tensor.name);
    std::swap(shape[0], shape[1]);
  }
  if (plan.order == Order::halves_paired && (plan.heads < 1 || shape[0] % (2 * plan.heads) != 0))
    fail(ErrorKind::bad_input, "its rows do not come out even in heads", tensor.name, "check config.json");
  return shape;
}

std::vector<float> reordered(const PlannedTensor& plan, const TensorEntry& tensor, std::vector<float> numbers) {
  if (plan.factor != 1)
    for (float& one : numbers) one *= static_cast<float>(plan.factor);
  if (plan.order == Order::as_is) return numbers;
  std::vector<float> made(numbers.size());
  const auto rows = static_cast<std::size_t>(tensor.shape[0]);
  const std::size_t columns = numbers.size() / std::max<std::size_t>(1, rows);
  if (plan.order == Order::transposed) {
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < columns; ++c) made[c * rows + r] = numbers[r * columns + c];
    return made;
  }
  const std::size_t size = rows / static_cast<std::size_t>(plan.heads), half = size / 2;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t head = row / size, inside = row % size;
    const std::size_t to = head * size + 2 * (inside % half) + inside / half;
    std::copy_n(numbers.begin() + static_cast<std::ptrdiff_t>(row * columns), columns,
                made.begin() + static_cast<std::ptrdiff_t>(to * columns));
  }
  return made;
}

std::int64_t layer_of(const std::string& name) { return name.starts_with("blk.") ? std::stoll(name.substr(4)) : -1; }

const std::vector<float>& importance_of(const GgufOptions& options, const std::string& source) {
  static const std::vector<float> none;
  const auto found = options.importance.find(source.substr(0, source.rfind('.')));
  return found != options.importance.end() ? found->second : none;
}

}  // namespace

std::string why_no_gguf(const Json& config) { return gguf::obstacle_of(config); }

std::optional<std::int64_t> tokens_within_gguf(const Json& config) { return gguf::window_of(config); }

void convert_to_gguf(const fs::path& model, const fs::path& file, const GgufOptions& options) {
  const Json config = read_json(model / "config.json");
  if (const std::string reason = why_no_gguf(config); !reason.empty())
    fail(ErrorKind::unsupported, "this model cannot become a GGUF file: " + reason, model.string(),
         "export a Hugging Face folder instead");
  const Weights weights = Weights::open(model);
  const Architecture made = gguf::architecture_of(config, weights);
  gguf::Writer writer(made.name);
  writer.text("general.type", "model");
  writer.text("general.name", options.name.empty() ? model.filename().string() : options.name);
  writer.count("general.file_type", gguf::file_type(options.type));
  writer.count("general.quantization_version", GGML_QNT_VERSION);
  gguf::write_settings(writer, config);
  const TensorEntry* embedding = weights.find(made.tensors.front().source);
  const std::int64_t tokens = embedding->shape.at(0);
  writer.count(".vocab_size", tokens);
  gguf::write_vocabulary(writer, model, tokens);

  std::int64_t layers = 0;
  bool tied = true;
  for (const PlannedTensor& plan : made.tensors) {
    layers = std::max(layers, layer_of(plan.name) + 1);
    tied = tied && plan.name != "output.weight";
  }
  std::vector<ggml_type> types;
  for (const PlannedTensor& plan : made.tensors) {
    const std::vector<std::int64_t> shape = shape_in_file(plan, *weights.find(plan.source));
    types.push_back(gguf::tensor_type(options.type, plan.name, shape, layer_of(plan.name), layers, tied));
    writer.add_tensor(plan.name, types.back(), shape);
  }
  if (!made.rotary_factors.empty())
    writer.add_tensor("rope_freqs.weight", GGML_TYPE_F32, {static_cast<std::int64_t>(made.rotary_factors.size())});
  writer.write_header(file);
  for (std::size_t i = 0; i < made.tensors.size(); ++i) {
    if (options.progress) options.progress(static_cast<double>(i) / static_cast<double>(made.tensors.size()));
    const PlannedTensor& plan = made.tensors[i];
    const TensorEntry& tensor = *weights.find(plan.source);
    const std::vector<float> numbers = reordered(plan, tensor, numbers_of(tensor));
    writer.write_data(
        gguf::converted(numbers, shape_in_file(plan, tensor).back(), types[i], importance_of(options, plan.source)));
  }
  if (!made.rotary_factors.empty()) writer.write_data(std::as_bytes(std::span(made.rotary_factors)));
  writer.finish();
}

}  // namespace luthier
