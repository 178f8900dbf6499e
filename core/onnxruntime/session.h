#pragma once
// ONNX Runtime. Its library is loaded when the first session opens, not with the program: what stands in Debian's makes
// some six hundred lines of complaints while it is loaded, which are kept from standard error.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "onnx/graph.h"

namespace luthier::onnx {

/// A tensor that a network is given or gives.
struct Array {
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes{};

  std::int64_t elements() const;
  std::vector<float> numbers() const;  ///< of f32 and f16
};
Array array_of(std::vector<std::int64_t> shape, const std::vector<float>& values);
Array array_of(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);
/// All zero, or without any numbers where a size is 0.
Array zeros(ElementType type, std::vector<std::int64_t> shape);

class Session {
 public:
  /// On the processor, with one thread. Errors: not_found (file, or ONNX Runtime itself), bad_input with what ONNX
  /// Runtime says of the file.
  explicit Session(const std::filesystem::path& file);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// All `outputs` in their order; bad_input with what ONNX Runtime says.
  std::vector<Array> run(const std::map<std::string, Array>& inputs, const std::vector<std::string>& outputs) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "1.23.2"
std::string runtime_version();

}  // namespace luthier::onnx
