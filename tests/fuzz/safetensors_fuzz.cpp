// Any bytes as a safetensors file: refused, or every tensor lies inside the file and fits its shape.
#include "fuzz/input.h"
#include "weights/weights.h"

using namespace luthier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::survive([&] {
    const Weights weights = Weights::open(fuzz::path_of(data, size));
    unsigned sum = 0;
    for (const TensorEntry& tensor : weights.tensors()) {
      if (tensor.bytes.size() != static_cast<std::size_t>(tensor.elements()) * size_of(tensor.type)) std::abort();
      for (const std::byte byte : tensor.bytes) sum += static_cast<unsigned>(byte);
    }
    static volatile unsigned kept;
    kept = sum;
  });
  return 0;
}
