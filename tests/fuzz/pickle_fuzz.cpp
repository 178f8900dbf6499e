// Any bytes as a checkpoint of torch.save: refused, or every tensor can be read and fits its shape.
#include "fuzz/input.h"
#include "weights/torch_file.h"

using namespace luthier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  fuzz::survive([&] {
    WeightsMemory memory;
    unsigned sum = 0;
    for (const TensorEntry& tensor : read_torch_file(MappedFile::open(fuzz::path_of(data, size)), memory, true)) {
      if (tensor.bytes.size() != static_cast<std::size_t>(tensor.elements()) * size_of(tensor.type)) std::abort();
      for (const std::byte byte : tensor.bytes) sum += static_cast<unsigned>(byte);
    }
    static volatile unsigned kept;
    kept = sum;
  });
  return 0;
}
