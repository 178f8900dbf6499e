// Any bytes as an image: the head, the picture, a small picture and what a model would see of it.
#include "fuzz/input.h"
#include "media/image.h"
#include "media/image_processor.h"

using namespace luthier;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  fuzz::survive([&] {
    const ImageInfo info = probe_image(bytes, "input");
    if (std::int64_t{info.width} * info.height > 1 << 20) return;  // large pictures only take longer
    const Image image = decode_image(bytes, "input");
    if (image.width != info.width || image.height != info.height) std::abort();
    if (image.pixels.size() != std::size_t(image.width) * image.height * 3) std::abort();
    decode_thumbnail(bytes, 32, "input");
    static const ImageProcessor processor = ImageProcessor::standard(32);
    static std::vector<float> numbers(3 * 32 * 32);
    processor.apply(image, numbers.data());
  });
  return 0;
}
